import { copyFile } from "node:fs/promises";
import { join } from "node:path";
import { bundleFunction } from "@agenthandoff/test-servers/lambda";
import { addWhatAgentsNeed } from "../bundle/what-agents-need.js";

const DOCKERFILE = join(import.meta.dirname, "Dockerfile");

/**
 * Bundles a worker and its health check into a folder that holds everything an image is made of.
 * @param options.link Link what agents compile packages with to what is installed here, to run it on this machine.
 */
export async function containerFolder(
  folder: string,
  { link = false }: { readonly link?: boolean } = {},
): Promise<{ readonly worker: string; readonly healthcheck: string }> {
  const bundle = (name: string) => bundleFunction({ entry: join(import.meta.dirname, `${name}.ts`), folder });
  const [worker, healthcheck] = await Promise.all([bundle("worker"), bundle("healthcheck")]);
  await addWhatAgentsNeed(folder, link);
  await copyFile(DOCKERFILE, join(folder, "Dockerfile"));
  return { worker: worker.file, healthcheck: healthcheck.file };
}
