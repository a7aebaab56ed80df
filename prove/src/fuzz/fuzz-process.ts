import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, readdirSync, readFileSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { setImmediate as nextTurn } from "node:timers/promises";
import { seededRandom } from "@agenthandoff/core/memory";
import { onceWrong } from "./corpus.js";
import { fuzzTarget } from "./fuzz-target.js";
import { readCoverage } from "./guidance/counters.js";
import { CURRENT, type FuzzProgress, type FuzzSettings } from "./settings.js";
import type { Targets } from "./targets/index.js";

async function fuzz({ target: name, module, seconds, seed, directory }: FuzzSettings): Promise<void> {
  const { TARGETS } = (await import(module)) as { readonly TARGETS: Targets };
  const target = await TARGETS[name]?.();
  if (target === undefined) throw new Error(`there is no target ${name}`);
  const corpus = join(directory, "corpus");
  const findings = join(directory, "findings");
  for (const each of [corpus, findings]) mkdirSync(each, { recursive: true });
  const current = openSync(join(directory, CURRENT), "w+");
  const coverage = readCoverage();
  const length = Buffer.alloc(4);
  const began = performance.now();
  const end = began + seconds * 1_000;
  let nextWord = 0;
  let done = 0;
  let found = 0;
  const tell = (): void => {
    const spent = (performance.now() - began) / 1_000;
    const progress: FuzzProgress = { executions: done, seen: coverage.seen, findings: found, seconds: spent };
    process.send?.(progress);
  };

  const report = await fuzzTarget(target, {
    random: seededRandom(seed),
    coverage,
    corpus: [...onceWrong(name), ...readdirSync(corpus).map((file) => readFileSync(join(corpus, file)))],
    onInput(input) {
      length.writeUInt32LE(input.length);
      writeSync(current, length, 0, 4, 0);
      writeSync(current, input, 0, input.length, 4);
    },
    onInteresting: (input) => writeFileSync(join(corpus, nameOf(input)), input),
    onFinding({ what, input }) {
      const file = join(findings, `${name}-${nameOf(input)}`);
      writeFileSync(file, input);
      found++;
      tell();
      process.stderr.write(`FOUND in ${name}, input in ${file}:\n${what}\n`);
    },
    async goOn(executions) {
      done = executions;
      const now = performance.now();
      if (now < nextWord) return true;
      nextWord = now + 1_000;
      tell();
      // Lets the message out, and promises that targets left behind.
      await nextTurn();
      return now < end;
    },
  });
  done = report.executions;
  tell();
  closeSync(current);
  process.disconnect?.();
}

const nameOf = (input: Uint8Array): string => createHash("sha256").update(input).digest("hex").slice(0, 16);

await fuzz(JSON.parse(process.argv[2] ?? "{}") as FuzzSettings);
