/**
 * How long another thread waits for the processor while a server works for a client (§3.2): out of the
 * kernel, in it, and in it without the preemption that the authors had to add ("potential latency problems
 * in the kernel"). A third program looks at the clock as often as it can; what counts is the longest time
 * between two looks.
 */
import { abiSymbols } from "../../abi/index.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Image } from "../../asm/image.ts";
import { link } from "../../asm/link.ts";
import { panic } from "../../diagnostic.ts";
import { assembler } from "../../mach/text.ts";
import { INKS_TRAP, UNOPTIMIZED } from "../configurations.ts";
import type { Column, Experiment, Measurement, MeasureOptions } from "../experiment.ts";
import { rpcBed } from "../rpc/bed.ts";
import { type AddedRoutine, kindOfCall } from "../rpc/programs.ts";
import { measureEach } from "./cells.ts";

const NO_PREEMPTION = "NO_PREEMPTION";
/** Milliseconds of work in the server. */
const WORKS = [50, 200, 500] as const;
/** What the loop of a work function takes, cycles. */
const CYCLES_PER_TURN = 2;
/** Cycles in which the server registers, and waits. */
const BOOT = 1_000_000;

const BYSTANDER = `
	.text
	.globl	_start
_start:
	ldil	L%longest,%r9
	ldo	R%longest(%r9),%r9
	ldi	0,%r7
	mfctl	%cr16,%r5
look:
	mfctl	%cr16,%r6
	sub	%r6,%r5,%r8
	comb,>>=	%r7,%r8,look
	copy	%r6,%r5
	copy	%r8,%r7
	b	look
	stw	%r8,0(%r9)

	.data
	.align	8
	.globl	longest
longest:	.word	0
`;

let program: Promise<Image> | undefined;
function bystander(): Promise<Image> {
  program ??= assembler().then(({ assemble }) =>
    link([assemble({ file: "bystander.s", text: BYSTANDER }, { symbols: abiSymbols() })], {
      text: MEMORY_MAP.USER_TEXT,
      data: MEMORY_MAP.USER_DATA,
    }),
  );
  program.catch(() => (program = undefined));
  return program;
}

/** A routine that works for so long on a machine of the given clock. */
const working = (milliseconds: number, clockMHz: number): AddedRoutine => {
  const turns = Math.round((milliseconds * clockMHz * 1000) / CYCLES_PER_TURN);
  return {
    name: `work${milliseconds}`,
    arguments: "in unused : int",
    work: `\tldil\tL%${turns},%r19\n\tldo\tR%${turns}(%r19),%r19\n\taddib,>\t-1,%r19,.\n\tnop\n`,
  };
};

async function longestWait(
  { id, configuration }: Column,
  milliseconds: number,
  machine: MeasureOptions["machine"],
): Promise<Measurement> {
  const clockMHz = machine?.clockMHz ?? 67;
  const added = [working(milliseconds, clockMHz)];
  const hazards = [
    ...(configuration.kernel.hazards ?? []),
    ...(id === NO_PREEMPTION ? (["no-preemption"] as const) : []),
  ];
  const bed = await rpcBed(configuration, {
    ...(machine && { machine }),
    kernel: { hazards },
    variant: { added },
  });
  const { kernel, client, names } = bed;
  const ms = kernel.cycles_per_millisecond;
  kernel.run({ cycles: BOOT });
  const other = kernel.load(await bystander(), "bystander", "user");
  kernel.start(other, []);
  const kind = kindOfCall(added[0]!.name, configuration.calls === "trap", added);
  kernel.start(client, [names.send, kind, 1]);
  kernel.run({ cycles: (2 * milliseconds + 300) * ms });
  const at = (await bystander()).symbols.get("longest") ?? panic("latency: no symbol");
  const bytes = kernel.copyin(other.task, at, 4) ?? panic("latency: no result");
  const cycles = new DataView(bytes.buffer).getUint32(0);
  const detail = { cycles };
  return { row: String(milliseconds), value: cycles / ms, earned: cycles, declared: 0, detail };
}

export const latency: Experiment = {
  id: "latency",
  title: "Another thread's longest wait while a server works",
  unit: "ms",
  rows: WORKS.map((work) => ({ id: String(work), title: `${work} ms of work` })),
  columns: [
    { id: UNOPTIMIZED.name, title: "Out of the kernel", configuration: UNOPTIMIZED },
    { id: INKS_TRAP.name, title: "In the kernel", configuration: INKS_TRAP },
    { id: NO_PREEMPTION, title: "In it, not preempted", configuration: INKS_TRAP },
  ],
  baseline: null,
  details: ["cycles"],
  mostIterations: 1,
  role: () => "predicted",
  run: (column, options) =>
    measureEach(
      WORKS.filter((work) => options.rows?.includes(String(work)) ?? true),
      options,
      (work) => longestWait(column, work, options.machine),
    ),
};
