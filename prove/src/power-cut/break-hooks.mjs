import { readFile } from "node:fs/promises";

let mutant;

export function initialize(data) {
  mutant = JSON.parse(data);
}

export async function load(url, context, nextLoad) {
  if (!url.includes(mutant.file)) return await nextLoad(url, context);
  const source = await readFile(new URL(url), "utf8");
  const places = source.split(mutant.find).length - 1;
  if (places !== 1)
    throw new Error(`the mutant "${mutant.name}" must find its text once, but finds it ${places} times`);
  return { format: "module", source: source.replace(mutant.find, () => mutant.replace), shortCircuit: true };
}
