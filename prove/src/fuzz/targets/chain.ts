import { createRelay, defineAgent, HandoffError } from "@agenthandoff/core";
import { memory, memoryData } from "@agenthandoff/core/memory";
import { createKeys } from "../../../../packages/core/src/protocol/keys.js";
import { storeChain } from "../../../../packages/core/src/protocol/testing/sample-chain.js";
import { join, objectsMutation, split } from "../mutate/objects.js";
import { law, type Target } from "../target.js";
import { IDENTITY, sampleHandoffs } from "./sample.js";

const { relayId, taskId } = IDENTITY;
const keys = createKeys({ relayId });
const agents = ["code", "qa"].map((name) => defineAgent({ name, handsTo: [], run: () => "done" }));

/** A whole task whose objects are somebody else's: every way to read it ends in an error of the library or a value. */
export const chainTarget: Target = {
  name: "chain",
  async seeds() {
    const slots = storeChain(sampleHandoffs());
    return [join(slots), join(slots.slice(0, 2)), join(slots.slice(0, 3))];
  },
  words: ["\x1f\x8b\x08\x00", "\n"],
  mutations: [objectsMutation],
  async run(input) {
    const data = memoryData();
    const objects = split(input);
    for (const [hop, bytes] of objects.entries())
      if (bytes.length > 0) data.objects.set(keys.slot(taskId, hop), { bytes, mediaType: undefined });
    const relay = createRelay({ id: relayId, agents, backend: memory({ data }) });
    const task = relay.task(taskId);
    const verification = await task.verify().catch(rethrowUnlessOurs);
    const context = await task.context().catch(rethrowUnlessOurs);
    if (context === undefined) return;
    law(context.handoffs.length === context.hop + 1, "a context holds every hop");
    if (verification?.ok === true)
      law(context.handoffs.length <= objects.length, "a verified chain is all in the store");
    await task.head();
    await task.result().catch(rethrowUnlessOurs);
    law(context.toMarkdown().length < 64 * 1024 * 1024, "a context's text is bounded");
  },
};

function rethrowUnlessOurs(error: unknown): undefined {
  if (!HandoffError.isInstance(error)) throw error;
}
