import { describe, expectTypeOf, it } from "vitest";
import { memory } from "../../memory/index.js";
import type { CheckRoutes } from "../options.js";
import { createRelay, type Relay } from "../relay.js";
import { type Agent, declareAgent, defineAgent } from "./agent.js";
import type { Turn } from "./turn.js";

const deploy = defineAgent({ name: "deploy", run: () => "done" });
const qa = defineAgent({
  name: "qa",
  handsTo: ["deploy", "qa"],
  run: ({ handoff }) => handoff("deploy"),
});
const backend = memory();

describe("an agent's targets", () => {
  it("are typed by its handsTo", () => {
    expectTypeOf(qa).toEqualTypeOf<Agent<"qa", "deploy" | "qa">>();
    defineAgent({
      name: "x",
      handsTo: ["deploy"],
      run(turn) {
        expectTypeOf(turn).toEqualTypeOf<Turn<"deploy">>();
        expectTypeOf(turn.handoff).parameter(0).toEqualTypeOf<"deploy">();
        return turn.complete();
      },
    });
  });

  it("outside handsTo do not compile", () => {
    defineAgent({
      name: "x",
      handsTo: ["deploy"],
      // @ts-expect-error: Argument of type '"nobody"' is not assignable to parameter of type '"deploy"'
      run: ({ handoff }) => handoff("nobody"),
    });
    defineAgent({
      name: "x",
      // @ts-expect-error: it may hand to nobody
      run: ({ handoff }) => handoff("deploy"),
    });
  });
});

describe("a relay's routes", () => {
  it("compile when every target is in it, declared ones too", () => {
    const relay = createRelay({ id: "r", agents: [qa, declareAgent({ name: "deploy" })], backend });
    expectTypeOf(relay).toEqualTypeOf<Relay<"qa" | "deploy">>();
  });

  it("to an agent that is not in it do not compile, and the error names the culprit", () => {
    expectTypeOf<CheckRoutes<readonly [typeof qa]>>().toEqualTypeOf<{ readonly "no agent named": "deploy" }>();
    expectTypeOf<CheckRoutes<readonly [typeof qa, typeof deploy]>>().toEqualTypeOf<unknown>();
    // @ts-expect-error: Property '"no agent named"' is missing … but required in type '{ readonly "no agent named": "deploy" }'
    createRelay({ id: "r", agents: [qa], backend });
  });

  it("name every culprit", () => {
    const many = declareAgent({ name: "many", handsTo: ["b", "c", "many"] });
    expectTypeOf<CheckRoutes<readonly [typeof many]>>().toEqualTypeOf<{ readonly "no agent named": "b" | "c" }>();
  });
});

describe("an unknown target", () => {
  const relay = createRelay({ id: "r", agents: [qa, deploy], backend });

  it("of a start, a run or a worker does not compile", () => {
    expectTypeOf(relay.start).parameter(0).toHaveProperty("to").toEqualTypeOf<"qa" | "deploy">();
    // @ts-expect-error: Type '"nobody"' is not assignable to type '"qa" | "deploy"'
    void relay.start({ to: "nobody" });
    // @ts-expect-error: Type '"nobody"' is not assignable to type '"qa" | "deploy"'
    void relay.run({ to: "nobody" });
    // @ts-expect-error: Type '"nobody"' is not assignable to type '"qa" | "deploy"'
    void relay.worker({ agents: ["nobody"] });
  });

  it("cannot stand where a relay of other agents is wanted", () => {
    // @ts-expect-error: it has no agent "other"
    const other: Relay<"other"> = relay;
    void other;
  });
});
