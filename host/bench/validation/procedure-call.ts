/**
 * What a procedure call costs on the same machine: the yardstick of the paper's §4.3. Two procedures
 * of two arguments, as a C compiler makes them: `leaf` has no frame; `framed` keeps the return
 * pointer and both arguments, as a procedure does that may call another. What the two readings of
 * the clock take themselves is measured too, and left out.
 */
import { loadText } from "#platform";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { link } from "../../asm/link.ts";
import { panic } from "../../diagnostic.ts";
import { Kernel } from "../../mach/kernel.ts";
import { assembler } from "../../mach/text.ts";
import { UNOPTIMIZED } from "../configurations.ts";
import type { Experiment } from "../experiment.ts";

const DEFAULT_ITERATIONS = 20;
const WARM_UP = 2;
/** `MAX_READINGS` of procedure-call.s. */
const MAX_READINGS = 256;
/** Far more than a turn takes, warm or cold. */
const CYCLES_PER_TURN = 2000;
/** What is timed in each turn, in the order of its readings. */
const TIMED = ["nothing", "leaf", "framed"] as const;

export const procedureCall: Experiment = {
  id: "procedure-call",
  title: "A procedure call with two arguments",
  unit: "cycles",
  rows: [
    { id: "leaf", title: "Without a frame" },
    { id: "framed", title: "With a frame" },
  ],
  columns: [{ id: UNOPTIMIZED.name, title: UNOPTIMIZED.title, configuration: UNOPTIMIZED }],
  baseline: null,
  mostIterations: MAX_READINGS - WARM_UP,
  role: () => "predicted",
  async run({ configuration }, { machine, iterations = DEFAULT_ITERATIONS }) {
    const kernel = await Kernel.boot({
      inks: configuration.kernel.inks,
      ...(machine && { machine }),
    });
    const { assemble } = await assembler();
    const text = await loadText(new URL("./procedure-call.s", import.meta.url));
    const image = link([assemble({ file: "procedure-call.s", text })], {
      text: MEMORY_MAP.USER_TEXT,
      data: MEMORY_MAP.USER_DATA,
    });
    const program = kernel.load(image, "procedure call", "user");
    const turns = WARM_UP + iterations;
    kernel.start(program, [turns]);
    kernel.run({ cycles: turns * CYCLES_PER_TURN });
    const words = (symbol: string, count: number): number[] => {
      const address = image.symbols.get(symbol) ?? panic(`procedureCall: no ${symbol}`);
      const bytes = kernel.copyin(program.task, address, 4 * count);
      const view = new DataView((bytes ?? panic(`procedureCall: ${symbol} is not mapped`)).buffer);
      return Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
    };
    if (words("finished", 1)[0] !== 1) panic("procedureCall: the program does not finish");
    const readings = words("readings", TIMED.length * turns).slice(TIMED.length * WARM_UP);
    const timed = (name: (typeof TIMED)[number]): number[] =>
      readings.filter((_, i) => TIMED[i % TIMED.length] === name).sort((a, b) => a - b);
    const middle = (sorted: readonly number[]): number => sorted[sorted.length >> 1]!;
    const clock = middle(timed("nothing"));
    return (["leaf", "framed"] as const).map((row) => {
      const sorted = timed(row).map((cycles) => cycles - clock);
      const value = middle(sorted);
      const detail = { iterations, minimum: sorted[0]!, maximum: sorted.at(-1)! };
      return { row, value, earned: value, declared: 0, detail };
    });
  },
};
