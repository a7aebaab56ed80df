import { tmpdir } from "node:os";
import { BackendUnusableError } from "@agenthandoff/core";
import { describe, expect, it } from "vitest";
import { assertLocalFileSystem } from "./file-system.js";

/** What statfs(2) reports as the type, as Linux's headers have it. */
const SHARED = [
  ["NFS", 0x6969],
  ["SMB", 0x517b],
  ["CIFS", 0xff534d42],
  ["SMB2", 0xfe534d42],
  ["AFS", 0x5346414f],
  ["Ceph", 0x00c36400],
  ["9p", 0x01021997],
  ["Lustre", 0x0bd00bd0],
  ["FUSE", 0x65735546],
] as const;

const LOCAL = [
  ["ext4", 0xef53],
  ["XFS", 0x58465342],
  ["btrfs", 0x9123683e],
  ["tmpfs", 0x01021994],
  ["overlay", 0x794c7630],
  ["ZFS", 0x2fc12fc1],
  ["unknown", 0],
] as const;

describe("the file system of a directory", () => {
  it.each(SHARED)("is refused where other machines may share it: %s", (name, type) => {
    const check = () => assertLocalFileSystem("/data", () => type);
    expect(check).toThrow(BackendUnusableError);
    expect(check).toThrow(name);
    expect(check).toThrow(/allowNetworkFileSystem/);
  });

  it.each(LOCAL)("is taken where it is a machine's own: %s", (_, type) => {
    assertLocalFileSystem("/data", () => type);
  });

  it("is refused where it is a network share of Windows", () => {
    expect(() => assertLocalFileSystem("\\\\server\\share\\data", () => 0)).toThrow(/network share/);
  });

  it("is asked of the system", () => {
    assertLocalFileSystem(tmpdir());
  });
});
