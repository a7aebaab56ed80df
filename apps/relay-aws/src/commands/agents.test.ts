import { InvalidOptionsError } from "@agenthandoff/core";
import { expect, it } from "vitest";
import { agentNames } from "./agents.js";

it("are named by commas", () => {
  expect(agentNames("qa,code")).toEqual(["qa", "code"]);
});

it.each(["", "qa, code", "tester"])("refuses %j, saying where it was written and what may stand there", (text) => {
  const parse = () => agentNames(text, "The environment variable AGENTS");
  expect(parse).toThrow(InvalidOptionsError);
  expect(parse).toThrow("The environment variable AGENTS must be some of research,code,qa,release,deploy");
});
