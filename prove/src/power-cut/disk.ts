import type { DiskRecord } from "./recorder.js";

/** A disk's files by name. */
export type Disk = ReadonlyMap<string, Buffer>;

/** A change to a file, whatever its name was or will be, or to the directory that names it. */
export type Change =
  | { readonly kind: "write"; readonly inode: number; readonly offset: number; readonly bytes: Uint8Array }
  | { readonly kind: "truncate"; readonly inode: number; readonly size: number }
  | { readonly kind: "create" | "unlink"; readonly inode: number; readonly file: string };

export type DiskStep =
  | Change
  /** Covers all that the file, or the directory, saw before the step `begun`. */
  | { readonly kind: "sync"; readonly of: number | "directory"; readonly begun: number }
  /** After it no sync covers what the file saw before it. */
  | { readonly kind: "failed-sync"; readonly of: number | "directory" }
  | { readonly kind: "failed-write" }
  | { readonly kind: "report"; readonly report: unknown };

/** The records with each file told apart from an earlier one of its name. One step for each record. */
export function stepsOf(records: readonly DiskRecord[]): readonly DiskStep[] {
  const inodes = new Map<string, number>();
  let count = 0;
  // What was unlinked can be written to as long as it is open, yet nobody will find it.
  const inodeOf = (file: string) => inodes.get(file) ?? -1;
  const subjectOf = (file: string) => (file === "" ? "directory" : inodeOf(file));
  return records.map((record): DiskStep => {
    switch (record.kind) {
      case "create": {
        inodes.set(record.file, ++count);
        return { kind: "create", inode: count, file: record.file };
      }
      case "unlink": {
        const inode = inodeOf(record.file);
        inodes.delete(record.file);
        return { kind: "unlink", inode, file: record.file };
      }
      case "write":
        return { kind: "write", inode: inodeOf(record.file), offset: record.offset, bytes: record.bytes };
      case "truncate":
        return { kind: "truncate", inode: inodeOf(record.file), size: record.size };
      case "sync":
        return { kind: "sync", of: subjectOf(record.file), begun: record.begun };
      case "failed-sync":
        return { kind: "failed-sync", of: subjectOf(record.file) };
      case "failed-write":
        return { kind: "failed-write" };
      default:
        return record;
    }
  });
}

export function isChange(step: DiskStep): step is Change {
  return "inode" in step;
}

/** Files in memory, changed as a disk's are. */
export interface Files {
  apply(change: Change): void;
  /** Copies a file's bytes only when it changes them: to be used before the next change to the original. */
  copy(): Files;
  /** What a file holds, to be used before the next change. */
  bytes(inode: number): Buffer;
  /** The files that have a name. They share their bytes: to be used before the next change. */
  disk(): Disk;
}

interface Image {
  bytes: Buffer;
  size: number;
}

export function createFiles(): Files {
  return filesOf(new Map(), new Map());
}

function filesOf(images: Map<number, Image>, names: Map<string, number>): Files {
  /** Files whose bytes are the original's. */
  const shared = new Set(images.keys());

  function imageOf(inode: number): Image {
    const found = images.get(inode);
    if (found !== undefined && !shared.delete(inode)) return found;
    const image = { bytes: Buffer.from(found?.bytes ?? Buffer.alloc(4_096)), size: found?.size ?? 0 };
    images.set(inode, image);
    return image;
  }

  function resize(image: Image, size: number): void {
    if (size > image.bytes.length) {
      const larger = Buffer.alloc(Math.max(size, 2 * image.bytes.length));
      image.bytes.copy(larger, 0, 0, image.size);
      image.bytes = larger;
    }
    if (size < image.size) image.bytes.fill(0, size, image.size);
    image.size = size;
  }

  return {
    apply(change) {
      const image = imageOf(change.inode);
      switch (change.kind) {
        case "create":
          names.set(change.file, change.inode);
          break;
        case "unlink":
          names.delete(change.file);
          break;
        case "truncate":
          resize(image, change.size);
          break;
        case "write":
          resize(image, Math.max(image.size, change.offset + change.bytes.length));
          image.bytes.set(change.bytes, change.offset);
          break;
      }
    },
    bytes(inode) {
      const image = images.get(inode);
      return image === undefined ? Buffer.alloc(0) : image.bytes.subarray(0, image.size);
    },
    copy: () => filesOf(new Map(images), new Map(names)),
    disk: () =>
      new Map(
        [...names].flatMap(([file, inode]) => {
          const image = images.get(inode);
          return image === undefined ? [] : [[file, image.bytes.subarray(0, image.size)]];
        }),
      ),
  };
}

/** The disk after all that was recorded. */
export function finalDisk(steps: readonly DiskStep[]): Disk {
  const files = createFiles();
  for (const step of steps) if (isChange(step)) files.apply(step);
  return files.disk();
}
