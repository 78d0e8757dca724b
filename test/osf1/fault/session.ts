/** A shell session of our own programs, for something to go wrong in. */
import { ownPrograms } from "../../../host/osf1/programs/programs.ts";
import { inputOf, type UnixRunOptions } from "../../../host/osf1/run.ts";
import type { Configuration } from "../server/run.ts";

const LINES = ["echo one", "cat /bin/echo", "cd /bin", "cat nothing", "echo two three"];
/** Its Unix calls, about. */
export const SESSION_CALLS = 40;
/** More than enough for it, twice over. */
const MOST_CYCLES = 150_000_000;

/** What runs the session, and takes what it writes to both its streams. */
export async function session(
  { inKernel, calls }: Pick<Configuration, "inKernel" | "calls">,
  write: (text: string) => void = () => {},
): Promise<UnixRunOptions> {
  const { readInput } = inputOf(new TextEncoder().encode(`${LINES.join("\n")}\n`));
  return {
    ...{ inKernel, calls, seed: 1, files: await ownPrograms(), maxCycles: MOST_CYCLES },
    ...{ program: "/bin/sh", arguments: ["sh"], environment: [] },
    streams: { readInput, write: (_, bytes) => write(Buffer.from(bytes).toString("latin1")) },
  };
}
