/**
 * `inkwell boot` at a terminal (that of script(1)): keys are typed as they are pressed, ^C is for the
 * program that runs on the simulated Unix and not for the command, ^] leaves.
 */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { afterEach, describe, expect, test } from "vitest";

const ROOT = new URL("../..", import.meta.url);
const COMMAND = `${process.execPath} -C source --import tsx host/cli.ts boot --server osf1 --in-kernel`;

const haveScript = spawnSync("script", ["--version"]).status === 0;

describe.runIf(haveScript)("a console at a terminal", () => {
  let child: ChildProcess | undefined;
  afterEach(() => {
    child?.kill("SIGKILL");
  });

  test("keys, an interrupt, the end of input, and leaving", async () => {
    child = spawn("script", ["-qec", COMMAND, "/dev/null"], {
      cwd: ROOT,
      stdio: ["pipe", "pipe", "inherit"],
    });
    let output = "";
    const waiters: (() => void)[] = [];
    child.stdout!.setEncoding("latin1").on("data", (text: string) => {
      output += text.replaceAll("\r", "");
      for (const wake of waiters.splice(0)) wake();
    });
    const ended = new Promise<number | null>((resolve) => child!.on("close", resolve));
    /** Presses keys, and waits for what ends with the text. */
    const press = async (keys: string, until: string): Promise<void> => {
      const before = output.length;
      child!.stdin!.write(keys);
      while (!output.slice(before).endsWith(until))
        await new Promise<void>((resolve) => waiters.push(resolve));
    };
    await press("", "$ ");
    await press("cat\r", "cat\n");
    await press("ab", "ab");
    await press("\x7fc\r", "ac\n");
    await press("\x03", "^C$ ");
    await press("cat\r", "cat\n");
    await press("\x04", "$ ");
    await press("echo on\r", "$ ");
    child.stdin!.write("\x1d");
    expect(await ended).toBe(0);
    expect(output).toBe("$ cat\nab\b \bc\nac\n^C$ cat\n$ echo on\non\n$ ");
  });
});
