import { readFileSync } from "node:fs";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { ENGINES, MODULE } from "./engine.js";
import { describeWithEngine } from "./testing/describe-with-engine.js";

const RULES = "modules/rules";
const source = (path: string): string => readFileSync(join(MODULE, path), "utf8");
const PASSED = /Success! (\d+) passed, 0 failed/u;

/** The blocks of a kind at the top of a file, by their first label. */
const blocks = (text: string, kind: string): Map<string, string> =>
  new Map(
    [...text.matchAll(new RegExp(`^${kind} "(\\w+)" \\{\\n(?:.*\\n)*?^\\}\\n`, "gmu"))].map(([block, name]) => [
      name ?? "",
      block,
    ]),
  );

describe("the README", () => {
  const readme = source("README.md");
  const named = (heading: string): string[] => {
    const section = readme.split(/^#{2,3} /mu).find((each) => each.startsWith(`${heading}\n`)) ?? "";
    return [...section.matchAll(/^\| ((?:`\w+`(?:, )?)+) +\|/gmu)].flatMap(([, cell = ""]) =>
      cell.split(", ").map((name) => name.replaceAll("`", "")),
    );
  };

  it("names every input and output, and no other", () => {
    expect(named("Inputs").sort()).toEqual([...blocks(source("variables.tf"), "variable").keys()].sort());
    expect(named("Outputs").sort()).toEqual([...blocks(source("outputs.tf"), "output").keys()].sort());
  });
});

describe("the module's variables", () => {
  const variables = blocks(source("variables.tf"), "variable");

  it("are each described, and validated unless any value of their type is right", () => {
    expect(variables.size).toBeGreaterThan(20);
    for (const [name, block] of variables) {
      expect(block, name).toMatch(/^ {2}description = /mu);
      if (!/^ {2}type += bool$/mu.test(block)) expect(block, name).toMatch(/error_message = "[^"]*(must|Each)/u);
    }
  });

  it("have a run for each validation", () => {
    const runs = [...blocks(source("tests/validations.tftest.hcl"), "run").values()];
    for (const [name, block] of variables)
      expect(
        runs.filter((run) => run.includes(`expect_failures = [var.${name}]`)),
        name,
      ).toHaveLength(block.split("validation {").length - 1);
  });
});

describeWithEngine(
  "the module",
  (place) => {
    it("is formatted", async () => {
      expect(await place().run(".", "fmt", "-check", "-recursive", "-diff")).toEqual({ status: 0, text: "" });
    });

    it("refuses what breaks a rule, each in a run of its own", async () => {
      await place().must(RULES, "init");
      expect(await place().must(RULES, "test")).toMatch(PASSED);
    });

    it("refuses values that cannot be, and has optional parts when they are asked for", async () => {
      await place().must(".", "init");
      expect(await place().must(".", "test")).toMatch(PASSED);
    });

    it("breaks the plan before anything is made where a rule is broken, and says what to do", async () => {
      await place().must(".", "init");
      const agents = 'agents={a={visibility_seconds=30,function={filename="a.zip",timeout_seconds=120}}}';
      const { status, text } = await place().run(".", "plan", "-var", "relay_id=docs", "-var", agents);
      expect(status).toBe(1);
      expect(text.replaceAll(/\s+(?:│ )?/gu, " ")).toContain("a (30 s, 720 s needed). Raise it, or leave it out.");
    });
  },
  ENGINES,
);

/** Makes a condition hold always. */
function withoutCondition(text: string, at: number): string {
  const start = text.indexOf(" condition ", at);
  const begin = text.indexOf("=", start) + 1;
  const end = text.indexOf("error_message", start);
  return `${text.slice(0, begin)} true || (${text.slice(begin, end).trim()})\n    ${text.slice(end)}`;
}

const places = (text: string, word: string): number[] =>
  [...text.matchAll(new RegExp(`^ +${word} \\{`, "gmu"))].map(({ index }) => index);

describeWithEngine("a rule that is taken away", (place) => {
  it("is missed by its run", async () => {
    await place().must(RULES, "init");
    const file = join(place().folder, RULES, "main.tf");
    const text = await readFile(file, "utf8");
    const rules = places(text, "precondition");
    expect(rules.length).toBeGreaterThan(15);
    for (const at of rules) {
      await writeFile(file, withoutCondition(text, at));
      const { status, text: said } = await place().run(RULES, "test");
      expect({ rule: text.slice(at, at + 120), status, failed: /[1-9]\d* failed/u.test(said) }).toMatchObject({
        status: 1,
        failed: true,
      });
    }
    await writeFile(file, text);
  });

  it("is missed too where it is one of several validations of a variable", async () => {
    await place().must(".", "init");
    const file = join(place().folder, "variables.tf");
    const text = await readFile(file, "utf8");
    const tests = await readFile(join(place().folder, "tests/validations.tftest.hcl"), "utf8");
    const several = [...blocks(text, "variable")].filter(([, block]) => block.split("validation {").length > 2);
    expect(several.length).toBeGreaterThan(1);
    for (const [name, block] of several) {
      const own = [...blocks(tests, "run").values()].filter((run) => run.includes(`[var.${name}]`));
      await writeFile(
        join(place().folder, "tests/own.tftest.hcl"),
        [tests.slice(0, tests.indexOf("\nrun ")), ...own].join("\n"),
      );
      for (const at of places(block, "validation")) {
        await writeFile(
          file,
          text.replace(block, () => withoutCondition(block, at)),
        );
        const { status, text: said } = await place().run(".", "test", "-filter=tests/own.tftest.hcl");
        expect({ name, at, status, failed: /[1-9]\d* failed/u.test(said) }).toMatchObject({ status: 1, failed: true });
      }
      await writeFile(file, text);
    }
  });
});
