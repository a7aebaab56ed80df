import type { Targets } from "../targets/index.js";

/** What is wrong with an input that holds "bad". */
const planted = (whenBad: () => void): Targets[string] => {
  return async () => ({
    name: "planted",
    seeds: async () => [Buffer.from("seed")],
    words: ["bad"],
    run(input) {
      if (Buffer.from(input).includes("bad")) whenBad();
    },
  });
};

/** Targets that are wrong, to test the fuzzer with. */
export const TARGETS: Targets = {
  throws: planted(() => {
    throw new TypeError("not foreseen");
  }),
  dies: planted(() => process.kill(process.pid, "SIGKILL")),
};
