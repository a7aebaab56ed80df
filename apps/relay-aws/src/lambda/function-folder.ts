import { join } from "node:path";
import { type Bundle, bundleFunction } from "@agenthandoff/test-servers/lambda";
import { addWhatAgentsNeed } from "../bundle/what-agents-need.js";

/** The functions of this app, by the names of their modules. */
export const FUNCTION_NAMES = ["router", "release", "reconcile"] as const;
export type FunctionName = (typeof FUNCTION_NAMES)[number];
export type FunctionFolders = Readonly<Record<FunctionName, Bundle>>;

/**
 * Bundles each function into a folder of its own, which holds everything that is to be deployed.
 * @param options.link Link what `router` compiles packages with to what is installed here, to run it on this machine.
 *   For AWS, install it instead: the folder's package.json names it.
 */
export async function functionFolders(
  folder: string,
  { link = false }: { readonly link?: boolean } = {},
): Promise<FunctionFolders> {
  const bundles = await Promise.all(
    FUNCTION_NAMES.map(async (name) => {
      const entry = join(import.meta.dirname, `${name}.ts`);
      return [name, await bundleFunction({ entry, folder: join(folder, name) })] as const;
    }),
  );
  await addWhatAgentsNeed(join(folder, "router"), link);
  return Object.fromEntries(bundles) as Record<FunctionName, Bundle>;
}
