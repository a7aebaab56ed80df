import { spawn } from "node:child_process";
import { join } from "node:path";
import { text } from "node:stream/consumers";
import { fetchServer } from "@agenthandoff/test-servers";
import type { TestServers } from "./resources.js";

/** How a program in Python ended. */
export interface Ended {
  readonly exitCode: number | null;
  readonly output: string;
  readonly errors: string;
}

/** Runs Python with boto3, which finds the servers by its environment as it would find AWS. */
export async function python(
  servers: TestServers,
): Promise<(args: readonly string[], input?: string) => Promise<Ended>> {
  // moto's virtual environment has boto3.
  const fetched = await fetchServer("moto-s3");
  if ("missing" in fetched) throw new Error(fetched.missing);
  const { s3, sqs } = servers;
  const env = {
    ...process.env,
    AWS_ENDPOINT_URL_S3: s3.endpoint,
    AWS_ENDPOINT_URL_SQS: sqs.endpoint,
    AWS_ACCESS_KEY_ID: s3.credentials.accessKeyId,
    AWS_SECRET_ACCESS_KEY: s3.credentials.secretAccessKey,
    AWS_DEFAULT_REGION: s3.region,
    PYTHONDONTWRITEBYTECODE: "1",
  };
  return async (args, input = "") => {
    const child = spawn(join(fetched.folder, "bin/python"), args, { env });
    child.stdin.end(input);
    const exit = new Promise<number | null>((resolve, reject) => child.once("error", reject).once("close", resolve));
    const [output, errors, exitCode] = await Promise.all([text(child.stdout), text(child.stderr), exit]);
    return { exitCode, output: output.trim(), errors };
  };
}
