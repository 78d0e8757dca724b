/**
 * Somebody at the console of the simulated Unix, whose shell is busybox's: what is typed at each prompt, and
 * while a program runs, a fixed number of cycles later.
 */
import { bootSystem } from "../../../host/mach/boot/system.ts";
import { sessionServer } from "../../../host/osf1/session.ts";
import type { UnixRunOptions } from "../../../host/osf1/run.ts";
import { diskOf, type Names } from "./run.ts";

/** A line at the prompt, and keys while it runs, each that much later than the one before. */
export interface Typed {
  readonly line: string;
  readonly keys?: readonly string[];
}

/** Cycles after which a program that was called waits for its input. */
const SETTLED = 40_000_000;
const TURN = 5_000_000;
/** The longest pause of a program of these sessions, cycles. */
const PAUSE = 200_000_000;
const PROMPT = /# $/;

/** What stands on the console in the end. */
export async function atConsole(
  names: Names,
  lines: readonly Typed[],
  { inKernel, calls }: Pick<UnixRunOptions, "inKernel" | "calls">,
): Promise<string> {
  const server = await sessionServer({ files: diskOf(names), shell: "/bin/sh", calls, seed: 0 });
  const { kernel, console } = await bootSystem({
    servers: new Map([["osf1", server.file]]),
    defaultServer: "osf1",
    answers: { server: "osf1", inKernel },
    disk: server.disk,
  });
  let output = "";
  console.onOutput = (bytes) => (output += Buffer.from(bytes).toString("latin1"));
  const isDown = (): boolean => server.osf1()?.unix.isDown === true;
  let seen = 0;
  const prompt = (): void => {
    for (let turns = 0; !PROMPT.test(output.slice(seen)) && !isDown(); turns++) {
      if (turns > 1000) throw new Error(`no prompt:\n${output}`);
      if (kernel.run({ cycles: TURN }) === "idle") kernel.run({ cycles: PAUSE });
    }
  };
  const type = (text: string): void => {
    seen = output.length;
    console.type(Buffer.from(text, "latin1"));
  };
  for (const { line, keys = [] } of lines) {
    prompt();
    type(line);
    for (const key of keys) {
      kernel.run({ cycles: SETTLED });
      type(key);
    }
  }
  prompt();
  return output.replaceAll("\r\n", "\n");
}

/** Lines of a session and what the console shows for them; job control as POSIX's `sh` has it. */
export const SESSION: readonly (Typed & { readonly shows: string })[] = [
  { line: "echo one | cat\n", shows: "echo one | cat\none\n" },
  { line: "tty; stty | head -1\n", shows: "tty; stty | head -1\n/dev/console\nspeed 38400 baud; line = 0;\n" }, // prettier-ignore
  { line: "sleep 100\n", keys: ["\x03"], shows: "sleep 100\n^C\n" },
  { line: "echo $?\n", shows: "echo $?\n130\n" },
  { line: "sleep 100\n", keys: ["\x1c"], shows: "sleep 100\n^\\Quit\n" },
  { line: "sleep 100\n", keys: ["\x1a"], shows: "sleep 100\n^Z[1]+  Stopped                    sleep 100\n" }, // prettier-ignore
  { line: "jobs\n", shows: "jobs\n[1]+  Stopped                    sleep 100\n" },
  { line: "bg\n", shows: "bg\n[1] sleep 100\n" },
  { line: "jobs\n", shows: "jobs\n[1]+  Running                    sleep 100\n" },
  { line: "fg\n", keys: ["\x03"], shows: "fg\nsleep 100\n^C\n" },
  { line: "jobs; echo $?\n", shows: "jobs; echo $?\n0\n" },
  { line: "cat\n", keys: ["line\n", "wrong\x15right x\x7f!\n", "\x04"], shows: `cat\nline\nline\nwrong${"\b \b".repeat(5)}right x\b \b!\nright !\n` }, // prettier-ignore
  { line: "cat | tr a-z A-Z\n", keys: ["abc\n", "\x04"], shows: "cat | tr a-z A-Z\nabc\nABC\n" },
  { line: "stty -echo; read x; stty echo; echo got $x\n", keys: ["secret\n"], shows: "stty -echo; read x; stty echo; echo got $x\ngot secret\n" }, // prettier-ignore
  { line: "(sleep 1; echo later) & wait; echo $?\n", shows: "(sleep 1; echo later) & wait; echo $?\nlater\n0\n[1]+  Done                       (sleep 1; echo later)\n" }, // prettier-ignore
  { line: "cat &\n", shows: "cat &\n" },
  { line: "sleep 1\n", shows: "sleep 1\n[1]+  Stopped (tty input)        cat\n" },
  { line: "kill -9 %1; sleep 1\n", shows: "kill -9 %1; sleep 1\n[1]+  Killed                     cat\n" }, // prettier-ignore
  { line: "stty tostop; echo hi &\n", shows: "stty tostop; echo hi &\n" },
  { line: "sleep 1\n", shows: "sleep 1\n[1]+  Stopped (tty output)       echo hi\n" },
  { line: "fg; stty -tostop\n", shows: "fg; stty -tostop\necho hi\nhi\n" },
  { line: "trap 'echo told' INT; kill -INT $$; trap - INT\n", shows: "trap 'echo told' INT; kill -INT $$; trap - INT\ntold\n" }, // prettier-ignore
  { line: "sh -c 'kill -SEGV $$'; echo $?\n", shows: "sh -c 'kill -SEGV $$'; echo $?\nSegmentation fault\n139\n" }, // prettier-ignore
  { line: "sh -c 'exit 4'; echo $?\n", shows: "sh -c 'exit 4'; echo $?\n4\n" },
  { line: "sleep 100\n", keys: ["\x1a"], shows: "sleep 100\n^Z[1]+  Stopped                    sleep 100\n" }, // prettier-ignore
  { line: "exit\n", shows: "exit\nYou have stopped jobs.\n" },
  { line: "kill -9 %1; sleep 1\n", shows: "kill -9 %1; sleep 1\n[1]+  Killed                     sleep 100\n" }, // prettier-ignore
];
