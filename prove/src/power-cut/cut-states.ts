import { type Change, createFiles, type Disk, type DiskStep, isChange } from "./disk.js";

// What a disk may hold after a power cut. Until a sync covers it, anything that was written may be there or not, in
// part or as zeros, whatever its order. Names of files appear and vanish in their order, at the latest with a sync of
// their directory.

export interface CutState {
  /** How the power went, for people. */
  readonly how: string;
  /** Everything reported before this step may have been reported when the power went. */
  readonly reportsBefore: number;
  readonly disk: Disk;
}

export interface CutOptions {
  /** At every manyth change the cut also falls inside it, and loses some of what no sync covers yet. */
  readonly tornEvery: number;
  readonly random: () => number;
}

const NEVER = Number.POSITIVE_INFINITY;
const SECTOR_BYTES = 512;

/** Every state that a cut may leave: after each change, inside it, and with parts of what was not synced lost. */
export function* cutStates(steps: readonly DiskStep[], { tornEvery, random }: CutOptions): Generator<CutState> {
  const coveredAt = coverage(steps);
  const untilCovered = suffixMinimum(coveredAt);
  const written = createFiles();
  const synced = createFiles();
  let pending: Pending[] = [];
  let changes = 0;
  for (const [at, step] of steps.entries()) {
    if (step.kind === "sync") {
      for (const each of pending) if (coveredAt[each.at] === at) synced.apply(each.change);
      pending = pending.filter((each) => coveredAt[each.at] !== at);
    }
    if (!isChange(step)) continue;
    const isTorn = changes++ % tornEvery === 0;
    // Until a sync covers something after this change, nothing after it need be there.
    const later = untilCovered[at + 1] ?? NEVER;
    if (isTorn) {
      for (const { how, part } of partsOf(step, random)) {
        const files = written.copy();
        files.apply(part);
        yield {
          how: `${how} of ${describe(step, at)}`,
          reportsBefore: Math.min(later, coveredAt[at] ?? NEVER),
          disk: files.disk(),
        };
      }
    }
    written.apply(step);
    pending.push({ at, change: step });
    yield { how: `all up to ${describe(step, at)}`, reportsBefore: later, disk: written.disk() };
    if (isTorn && pending.length > 1) {
      const files = synced.copy();
      const lost = loseSome(pending, random);
      for (const each of pending) if (!lost.has(each)) files.apply(each.change);
      const reportsBefore = Math.min(later, ...[...lost].map((each) => coveredAt[each.at] ?? NEVER));
      yield {
        how: `all but ${lost.size} of ${pending.length} unsynced changes up to ${describe(step, at)}`,
        reportsBefore,
        disk: files.disk(),
      };
    }
  }
}

interface Pending {
  readonly at: number;
  readonly change: Change;
}

function loseSome(pending: readonly Pending[], random: () => number): ReadonlySet<Pending> {
  const share = random();
  const lost = new Set<Pending>();
  let isNameLost = false;
  for (const each of pending) {
    const isName = each.change.kind === "create" || each.change.kind === "unlink";
    if (isName ? isNameLost || random() < share : random() < share) {
      lost.add(each);
      if (isName) isNameLost = true;
    }
  }
  return lost;
}

function describe(change: Change, at: number): string {
  const where = change.kind === "write" ? ` ${change.offset}+${change.bytes.length}` : "";
  return `change ${at} (${change.kind}${where})`;
}

/** A write of which only a part reached the disk: its beginning, or some sectors. */
function partsOf(change: Change, random: () => number): { readonly how: string; readonly part: Change }[] {
  if (change.kind !== "write" || change.bytes.length < 2) return [];
  const { bytes } = change;
  const cut = 1 + Math.floor(random() * (bytes.length - 1));
  const sectors = Buffer.from(bytes);
  for (let start = 0; start < sectors.length; start += SECTOR_BYTES)
    if (random() < 0.5) sectors.subarray(start, start + SECTOR_BYTES).fill(0);
  return [
    { how: `${cut} bytes`, part: { ...change, bytes: bytes.subarray(0, cut) } },
    { how: "some sectors", part: { ...change, bytes: sectors } },
  ];
}

/** For each change, the first sync that covers it. */
function coverage(steps: readonly DiskStep[]): readonly number[] {
  const coveredAt: number[] = new Array(steps.length).fill(NEVER);
  const open = new Map<number | "directory", number[]>();
  for (const [at, step] of steps.entries()) {
    if (step.kind === "report") continue;
    const subject = step.kind === "sync" ? step.of : isNaming(step) ? "directory" : step.inode;
    const before = open.get(subject) ?? [];
    if (step.kind !== "sync") {
      open.set(subject, before);
      before.push(at);
      continue;
    }
    for (const each of before) if (each < step.begun) coveredAt[each] = at;
    open.set(
      subject,
      before.filter((each) => each >= step.begun),
    );
  }
  return coveredAt;
}

function isNaming(change: Change): boolean {
  return change.kind === "create" || change.kind === "unlink";
}

function suffixMinimum(values: readonly number[]): readonly number[] {
  const minimum: number[] = new Array(values.length + 1).fill(NEVER);
  for (let at = values.length - 1; at >= 0; at--) minimum[at] = Math.min(minimum[at + 1] ?? NEVER, values[at] ?? NEVER);
  return minimum;
}
