import { type Change, createFiles, type Disk, type DiskStep, type Files, isChange } from "./disk.js";

// What a disk may hold after a power cut. Until a sync covers it, anything that was written may be there or not, in
// part or as zeros, whatever its order. Names of files appear and vanish in their order, at the latest with a sync of
// their directory. What a sync that failed was to cover counts as written to everybody, yet no later sync covers it.

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
  /** Only after every manyth change does the power go. */
  readonly cutEvery: number;
  readonly random: () => number;
}

const NEVER = Number.POSITIVE_INFINITY;
const SECTOR_BYTES = 512;

/** Every state that a cut may leave: after each change, inside it, and with parts of what was not synced lost. */
export function* cutStates(
  steps: readonly DiskStep[],
  { tornEvery, cutEvery, random }: CutOptions,
): Generator<CutState> {
  const { coveredAt, forsaken } = coverage(steps);
  const untilCovered = suffixMinimum(coveredAt);
  const written = createFiles();
  /** What of it failed syncs did not lose. */
  const kept = createFiles();
  let hasLost = false;
  /** All that is covered, up to the first change that is not. */
  const synced = createFiles();
  const pending: Pending[] = [];
  const isCovered = (change: number, at: number) => (coveredAt[change] ?? NEVER) <= at;
  let changes = 0;
  for (const [at, step] of steps.entries()) {
    if (!isChange(step)) continue;
    for (let [first] = pending; first !== undefined && isCovered(first.at, at); [first] = pending) {
      synced.apply(first.change);
      pending.shift();
    }
    const isCut = changes % cutEvery === 0;
    const isTorn = changes++ % tornEvery === 0;
    // Until a sync covers something after this change, nothing after it need be there.
    const later = untilCovered[at + 1] ?? NEVER;
    if (isTorn) {
      // Each part is overwritten by the next, and by the whole.
      for (const { how, part } of partsOf(step, written, random)) {
        written.apply(part);
        yield {
          how: `${how} of ${describe(step, at)}`,
          reportsBefore: Math.min(later, coveredAt[at] ?? NEVER),
          disk: written.disk(),
        };
      }
    }
    written.apply(step);
    pending.push({ at, change: step });
    if (isCut) yield { how: `all up to ${describe(step, at)}`, reportsBefore: later, disk: written.disk() };
    if (forsaken.has(at)) hasLost = true;
    else kept.apply(step);
    if (isCut && hasLost && !isSame(kept.disk(), written.disk()))
      yield {
        how: `all that no failed sync lost up to ${describe(step, at)}`,
        reportsBefore: later,
        disk: kept.disk(),
      };
    const open = isTorn ? pending.filter((each) => !isCovered(each.at, at)) : [];
    if (open.length > 1) {
      const files = synced.copy();
      const lost = loseSome(open, random);
      for (const each of pending) if (!lost.has(each)) files.apply(each.change);
      const reportsBefore = Math.min(later, ...[...lost].map((each) => coveredAt[each.at] ?? NEVER));
      yield {
        how: `all but ${lost.size} of ${open.length} unsynced changes up to ${describe(step, at)}`,
        reportsBefore,
        disk: files.disk(),
      };
    }
  }
}

function isSame(one: Disk, other: Disk): boolean {
  return one.size === other.size && [...one].every(([file, bytes]) => other.get(file)?.equals(bytes));
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

/** A write of which only a part reached the disk: its beginning, or some sectors. One that it does not change stays. */
function partsOf(
  change: Change,
  files: Files,
  random: () => number,
): { readonly how: string; readonly part: Change }[] {
  if (change.kind !== "write" || change.bytes.length < 2) return [];
  const { bytes } = change;
  const cut = 1 + Math.floor(random() * (bytes.length - 1));
  const sectors = Buffer.from(bytes);
  const before = files.bytes(change.inode).subarray(change.offset);
  for (let start = 0; start < sectors.length; start += SECTOR_BYTES) {
    const sector = sectors.subarray(start, start + SECTOR_BYTES);
    if (random() < 0.5 && !sector.equals(before.subarray(start, start + sector.length))) sector.fill(0);
  }
  return [
    { how: `${cut} bytes`, part: { ...change, bytes: bytes.subarray(0, cut) } },
    { how: "some sectors", part: { ...change, bytes: sectors } },
  ];
}

interface Coverage {
  /** For each change, the first sync that covers it. */
  readonly coveredAt: readonly number[];
  /** Changes that a failed sync was to cover, so that none does. */
  readonly forsaken: ReadonlySet<number>;
}

function coverage(steps: readonly DiskStep[]): Coverage {
  const coveredAt: number[] = new Array(steps.length).fill(NEVER);
  const forsaken = new Set<number>();
  const open = new Map<number | "directory", number[]>();
  for (const [at, step] of steps.entries()) {
    if (isChange(step)) {
      const subject = isNaming(step) ? "directory" : step.inode;
      const before = open.get(subject) ?? [];
      open.set(subject, before);
      before.push(at);
    } else if (step.kind === "sync") {
      const before = open.get(step.of) ?? [];
      for (const each of before) if (each < step.begun) coveredAt[each] = at;
      open.set(
        step.of,
        before.filter((each) => each >= step.begun),
      );
      // File systems keep names in a journal: they come with a later sync, or the file system stops.
    } else if (step.kind === "failed-sync" && step.of !== "directory") {
      for (const each of open.get(step.of) ?? []) forsaken.add(each);
      open.delete(step.of);
    }
  }
  return { coveredAt, forsaken };
}

function isNaming(change: Change): boolean {
  return change.kind === "create" || change.kind === "unlink";
}

function suffixMinimum(values: readonly number[]): readonly number[] {
  const minimum: number[] = new Array(values.length + 1).fill(NEVER);
  for (let at = values.length - 1; at >= 0; at--) minimum[at] = Math.min(minimum[at + 1] ?? NEVER, values[at] ?? NEVER);
  return minimum;
}
