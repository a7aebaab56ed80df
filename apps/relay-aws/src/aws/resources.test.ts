import { InvalidOptionsError } from "@agenthandoff/core";
import { expect, it } from "vitest";
import { parseResources, readResources } from "./resources.js";

const queue = { url: "https://sqs/a.fifo", deadLetterUrl: "https://sqs/a-dead.fifo" };
const resources = { relayId: "typed-package", bucket: "b", table: "t", queues: { qa: queue } };

it("is read as it was written", () => {
  expect(parseResources(JSON.stringify(resources), "here")).toEqual(resources);
});

it.each([
  ["nothing", "", "Unexpected end of JSON input"],
  ["no table", JSON.stringify({ ...resources, table: undefined }), "table"],
  [
    "a queue without one of dead letters",
    JSON.stringify({ ...resources, queues: { qa: { url: "u" } } }),
    "deadLetterUrl",
  ],
])("of %s is refused, with where it stands, what is wrong and what to do", (_what, json, wrong) => {
  const parse = () => parseResources(json, "the environment variable RESOURCES");
  expect(parse).toThrow(InvalidOptionsError);
  expect(parse).toThrow(/^the environment variable RESOURCES does not say where the relay lives/);
  expect(parse).toThrow(wrong);
  expect(parse).toThrow("the command `resources` writes it");
});

it("that are in no file are refused with what to do", async () => {
  await expect(readResources("/nowhere/resources.json")).rejects.toThrow(
    /\/nowhere\/resources.json cannot be read.*make it with the command `resources`/,
  );
});
