import { join } from "node:path";
import { fingerprint } from "../fingerprint.js";
import { outputOf, runCommand } from "../run-command.js";
import { freePort } from "../server-process.js";
import { GO } from "../tools.js";
import { PROBES, type ServerDefinition } from "./definition.js";

/** Release 4.39. Its tags are no Go versions, so it goes by its commit. */
const MODULE = "github.com/seaweedfs/seaweedfs@v0.0.0-20260710040814-db42bb49757b";
const SUM = "h1:0j+TRlUlnKOm2fqRymoo3WTr0gGZOqOZN8Bc1H38Mqs=";

/** The folder of the module's source in Go's own cache. @throws when it is not the source that was pinned. */
const download = async (): Promise<string> => {
  const output = await outputOf("go", ["mod", "download", "-json", MODULE]);
  const field = (name: string): string | undefined => new RegExp(`"${name}": "([^"]+)"`, "u").exec(output ?? "")?.[1];
  const folder = field("Dir");
  if (folder === undefined) throw new Error(`go mod download ${MODULE} failed`);
  if (field("Sum") !== SUM) throw new Error(`${MODULE} is not what it was: its checksum is ${field("Sum")}`);
  return folder;
};

export const seaweedFs: ServerDefinition = {
  service: "s3",
  title: "SeaweedFS",
  runsOn: [],
  fetchedBy: [GO],
  slowToFetch: true,
  lock: "go",
  key: async () => `seaweedfs-${await fingerprint([], MODULE)}`,
  fetch: async (folder, log) => {
    // Its go.mod has replace lines, which only count in the module itself: it is built there.
    const directory = await download();
    const output = join(folder, "weed");
    await runCommand("go", ["build", "-trimpath", "-ldflags=-s -w", "-o", output, "./weed"], { log, directory });
  },
  command: async (folder, port, scratch) => {
    const ports: string[] = [];
    const leftovers: string[] = [];
    for (const part of ["master", "volume", "filer", "s3"]) {
      const grpcPort = await freePort();
      ports.push(`-${part}.port.grpc=${grpcPort}`);
      if (part !== "s3") ports.push(`-${part}.port=${await freePort()}`);
      leftovers.push(`/tmp/seaweedfs-${part}-grpc-${grpcPort}.sock`);
    }
    return {
      command: join(folder, "weed"),
      arguments: [
        "server",
        `-dir=${scratch}`,
        "-ip=127.0.0.1",
        "-ip.bind=127.0.0.1",
        "-master.volumeSizeLimitMB=64",
        "-volume.max=0",
        "-filer",
        `-filer.localSocket=${join(scratch, "filer.sock")}`,
        "-s3",
        `-s3.port=${port}`,
        "-s3.port.iceberg=0",
        `-s3.localSocket=${join(scratch, "s3.sock")}`,
        ...ports,
      ],
      leftovers,
      probe: PROBES.s3,
    };
  },
};
