/** A progress bar on stderr for a run; on a stream that is no terminal, nothing, or plain lines. */
import { SingleBar } from "cli-progress";
import type { Progress } from "../bench/experiment.ts";

/**
 * Runs `work` under a bar; `lines` asks for plain lines where stderr is no terminal.
 * The bar is taken away when the work ends, well or not.
 */
export async function withProgress<T>(
  work: (progress: (at: Progress) => void) => Promise<T>,
  { lines = false }: { readonly lines?: boolean } = {},
): Promise<T> {
  const bar = new SingleBar({
    format: "{title} [{bar}] {percentage}% | {eta_formatted}",
    formatTime: (seconds) => (Number.isFinite(seconds) ? `${Math.ceil(seconds)} s left` : ""),
    barCompleteChar: "█",
    barIncompleteChar: "░",
    barsize: 30,
    noTTYOutput: lines,
    notTTYSchedule: 1000,
    clearOnComplete: true,
    gracefulExit: false,
  });
  bar.start(100, 0, { title: "".padEnd(WIDTH) });
  try {
    return await work(({ title, fraction }) =>
      bar.update(Math.floor(100 * fraction), { title: title.padEnd(WIDTH) }),
    );
  } finally {
    bar.stop();
  }
}

/** The longest title of a configuration. */
const WIDTH = 12;
