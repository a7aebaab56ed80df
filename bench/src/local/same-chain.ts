import type { AgentMessage } from "../corpus/agent-message.js";
import { charactersOf, type Reading, type RunResult, sha256Of, WARM_UP_HOPS } from "./measured-run.js";

/**
 * Every system must have given each agent the whole context, kept every hop, and kept every message as it was.
 * @param hops the messages of each hop
 * @throws Error that names what is missing
 */
export function assertSameChain(
  hops: readonly (readonly AgentMessage[])[],
  reading: Reading,
  result: RunResult,
  system: string,
): void {
  const fail = (what: string): never => {
    throw new Error(`${system} did not do the same chain: ${what}`);
  };
  if (result.hopsKept !== hops.length) fail(`it kept ${result.hopsKept} hops of ${hops.length}`);
  if (result.messagesSha256 !== sha256Of(hops.flat())) fail("the messages it kept are not the script's");
  const contexts = expectedReading(hops.slice(0, WARM_UP_HOPS), "all");
  if (result.contextCharacters.join() !== contexts.join()) fail("its agents got other contexts");
  if (result.readCharacters.join() !== expectedReading(hops, reading).join()) fail("its agents read other messages");
}

/** The characters that the agent of each hop, hop 0 having none, must have read. */
function expectedReading(hops: readonly (readonly AgentMessage[])[], reading: Reading): readonly number[] {
  let characters = 0;
  return hops.slice(0, -1).map((messages) => {
    characters += charactersOf(messages);
    return reading === "all" ? characters : charactersOf(messages.slice(-1));
  });
}
