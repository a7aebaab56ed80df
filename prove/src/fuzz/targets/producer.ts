import { createHash } from "node:crypto";
import { type Agent, declareAgent } from "@agenthandoff/core";
import { parseMessage } from "../../../../packages/core/src/protocol/envelope.js";
import { judgeObject, judgeSender } from "../../../../packages/core/src/runtime/step/judge-object.js";
import { jsonMutation } from "../mutate/json.js";
import { law, type Target } from "../target.js";
import { JSON_WORDS } from "./words.js";

const PREFIX = "handoffs/";
const RESEARCH = declareAgent({ name: "research" });
const AGENTS: ReadonlyMap<string, Agent> = new Map(
  [RESEARCH, declareAgent({ name: "crawler", handsTo: ["research"] })].map((agent) => [agent.name, agent]),
);

const message = (more: object = {}): string =>
  JSON.stringify({ from_agent: "crawler", context_s3_key: "handoffs/crawler/1.json", task_id: "t-1", ...more });

/** A message of a producer, a line feed, and the object that lies at its key: neither makes anything throw. */
export const producerTarget: Target = {
  name: "producer",
  seeds: async () => [
    Buffer.from(`${message()}\n{"pages":[1,2]}`),
    Buffer.from(`${message({ context_s3_key: "handoffs/crawler/../other/2.json" })}\n{}`),
    Buffer.from(`${message({ task_id: "é" })}\n[1]`),
  ],
  words: [...JSON_WORDS, "from_agent", "task_id", "context_s3_key", "crawler", "research", PREFIX, "../", "//", "%2e"],
  mutations: [jsonMutation],
  run(input) {
    const bytes = Buffer.from(input);
    const end = bytes.indexOf(10);
    const [body, object] = end === -1 ? [bytes, undefined] : [bytes.subarray(0, end), bytes.subarray(end + 1)];
    const reading = parseMessage(body.toString("utf8"));
    if (reading.status !== "unversioned") return;
    const { message } = reading;
    const sender = judgeSender({ message, agent: RESEARCH, agents: AGENTS, prefix: PREFIX });
    if (sender.action === "reject") return law(sender.reason.length <= 2_000, "a reason is short");
    law(message.contextKey.startsWith(`${PREFIX}${sender.producer.name}/`), "a key lies in its producer's folder");
    law(
      !message.contextKey.split("/").some((part) => part === "" || part === "." || part === ".."),
      "a key has no part that leads elsewhere",
    );
    const verdict = judgeObject({ message, requestId: "r", chain: undefined, object });
    if (verdict.action !== "start") return;
    law(typeof verdict.value === "object" && !Array.isArray(verdict.value), "what starts a task is a JSON object");
    const sha256 = createHash("sha256")
      .update(object ?? "")
      .digest("hex");
    law(verdict.origin.kind === "object" && verdict.origin.sha256 === sha256, "its origin names its bytes");
  },
};
