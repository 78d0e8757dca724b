/** Runs the command from source, as a user would from a shell, and gives what it wrote. */
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { fileURLToPath, pathToFileURL } from "node:url";

export interface Outcome {
  readonly status: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

// By address: the working directory may be anywhere.
const tsx = pathToFileURL(createRequire(import.meta.url).resolve("tsx/esm")).href;
const root = fileURLToPath(new URL("../../", import.meta.url));

export function inkwell(args: readonly string[], directory = root): Promise<Outcome> {
  const command = ["--conditions=source", `--import=${tsx}`, `${root}host/cli.ts`, ...args];
  const child = spawn(process.execPath, command, {
    cwd: directory,
    env: { ...process.env, NO_COLOR: "1", NODE_OPTIONS: "" },
  });
  const text = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (chunk: string) => (text.stdout += chunk));
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (text.stderr += chunk));
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("close", (status) => resolve({ status, ...text }));
  });
}
