import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { expect, it } from "vitest";
import { describeWith } from "./testing/describe-with.js";

const TSX = pathToFileURL(createRequire(import.meta.url).resolve("tsx")).href;

const command = (...commandArguments: readonly string[]): ChildProcess =>
  spawn(process.execPath, ["--import", TSX, join(import.meta.dirname, "main.ts"), ...commandArguments], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, AWS_TEST_SERVERS: "everyday" },
  });

const firstLine = async (child: ChildProcess): Promise<string> => {
  if (child.stdout === null) throw new Error("There is no output.");
  for await (const line of createInterface(child.stdout)) return line;
  return "";
};

const answers = async (endpoint: string): Promise<boolean> => {
  try {
    await fetch(endpoint);
    return true;
  } catch {
    return false;
  }
};

const untilSilent = async (endpoint: string): Promise<void> => {
  while (await answers(endpoint));
};

interface Printed {
  readonly servers: readonly { readonly name: string; readonly endpoint: string }[];
  readonly environment: Readonly<Record<string, string>>;
}

await describeWith(["moto-s3"], "npm run servers", () => {
  it("prints what a program needs to talk to them, and ends them and itself at Ctrl-C", async () => {
    const child = command("--only", "s3", "--json");
    const exited = once(child, "exit");
    const { servers, environment } = JSON.parse(await firstLine(child)) as Printed;
    const endpoint = servers[0]?.endpoint ?? "";
    expect(servers.map((server) => server.name)).toEqual(["moto-s3"]);
    expect(environment).toEqual({
      AWS_ENDPOINT_URL_S3: endpoint,
      AWS_ACCESS_KEY_ID: "test",
      AWS_SECRET_ACCESS_KEY: "test",
      AWS_REGION: "us-east-1",
      AWS_DEFAULT_REGION: "us-east-1",
    });
    expect(await answers(endpoint)).toBe(true);
    child.kill("SIGINT");
    expect(await exited).toEqual([0, null]);
    expect(await answers(endpoint)).toBe(false);
  });

  it("prints lines for a shell", async () => {
    const child = command("--only", "s3");
    const exited = once(child, "exit");
    expect(await firstLine(child)).toMatch(/^export AWS_ENDPOINT_URL_S3=http:\/\/127\.0\.0\.1:\d+$/u);
    child.kill("SIGTERM");
    await exited;
  });

  it("leaves no server behind when it is killed", async () => {
    const child = command("--only", "s3", "--json");
    const { servers } = JSON.parse(await firstLine(child)) as Printed;
    const endpoint = servers[0]?.endpoint ?? "";
    expect(await answers(endpoint)).toBe(true);
    child.kill("SIGKILL");
    await untilSilent(endpoint);
  });
});
