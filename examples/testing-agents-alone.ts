// #region function
import assert from "node:assert/strict";
import { test } from "node:test";
import { createRelay, defineAgent } from "@agenthandoff/core";
import { memory } from "@agenthandoff/core/memory";

interface Row {
  readonly id: string;
}

/** What the agent decides, apart from how it is told and how it answers. */
function whatIsWrong(rows: readonly Row[]): string | undefined {
  const ids = rows.map(({ id }) => id);
  const twice = ids.find((id, index) => ids.indexOf(id) !== index);
  return twice === undefined ? undefined : `row ${twice} is there twice`;
}

const qa = defineAgent({
  name: "qa",
  handsTo: ["code", "deploy"],
  run({ context, handoff }) {
    const problem = whatIsWrong(context.latest("code") as readonly Row[]);
    return problem === undefined
      ? handoff("deploy", { reason: "every row is there once" })
      : handoff("code", { reason: problem });
  },
});

test("a row that is there twice is found", () => {
  assert.equal(whatIsWrong([{ id: "a" }, { id: "b" }, { id: "a" }]), "row a is there twice");
  assert.equal(whatIsWrong([{ id: "a" }, { id: "b" }]), undefined);
});
// #endregion

// #region neighbours
/** The real agent between stubs: the one before it gives what the test wants, those after it tell what they got. */
async function qaAfter(rows: readonly Row[]): Promise<unknown> {
  const code = defineAgent({
    name: "code",
    handsTo: ["qa"],
    run: ({ context, handoff }) =>
      context.from === null ? handoff("qa", { output: rows }) : `back to code: ${context.reason}`,
  });
  const deploy = defineAgent({ name: "deploy", run: ({ context }) => `on to deploy: ${context.reason}` });
  const relay = createRelay({ id: "qa-alone", agents: [code, qa, deploy], backend: memory() });
  const result = await relay.run({ to: "code" });
  assert(result.status === "completed");
  return result.output;
}

test("qa hands on what is right, and back what is wrong, with the reason", async () => {
  assert.equal(await qaAfter([{ id: "a" }]), "on to deploy: every row is there once");
  assert.equal(await qaAfter([{ id: "a" }, { id: "a" }]), "back to code: row a is there twice");
});
// #endregion
