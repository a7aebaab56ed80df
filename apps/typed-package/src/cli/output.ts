import { randomUUID } from "node:crypto";
import { mkdir, rename, rm, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { AuditEvent, Context, Verification } from "@agenthandoff/core";
import { DELIVERY, type Delivery, delivery } from "../agents/deploy-tools.js";
import { packageFilesIn, packageIn } from "../agents/package-desk.js";
import { auditMarkdown } from "./audit-text.js";

/** Whoever reads the file sees it whole or not at all. */
async function writeWhole(path: string, data: Uint8Array | string): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  const draft = `${path}.${randomUUID()}.tmp`;
  await writeFile(draft, data);
  await rename(draft, path);
}

export async function writeAudit(
  folder: string,
  taskId: string,
  events: readonly AuditEvent[],
  verification: Verification,
): Promise<string> {
  const path = join(folder, "audit.md");
  await writeWhole(path, auditMarkdown(taskId, events, verification));
  return path;
}

export interface WrittenPackage {
  readonly path: string;
  readonly delivery: Delivery;
}

/** Writes what Deploy left in the context: the tarball, its report, and the package's source to look at. */
export async function writePackage(folder: string, context: Context): Promise<WrittenPackage> {
  const left = delivery.parse(context.latest("deploy", DELIVERY));
  const path = join(folder, left.tarball);
  for (const name of [left.tarball, left.report]) {
    const artifact = name === undefined ? undefined : context.artifact(name);
    if (artifact) await writeWhole(join(folder, artifact.name), await artifact.bytes());
  }
  const current = packageIn(context);
  const source = join(folder, "source");
  await rm(source, { recursive: true, force: true });
  for (const [file, text] of Object.entries(current ? await packageFilesIn(context, current.version) : {})) {
    await writeWhole(join(source, file), text);
  }
  return { path, delivery: left };
}
