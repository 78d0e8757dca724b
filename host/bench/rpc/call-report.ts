/**
 * One call of a row of Table 3 as pictures need it: who ran when, in which address space, on which
 * thread, in which routine; where its cycles went; and what the caches and TLBs held behind it. The
 * machine is deterministic, so the call is run twice, once under the tracer and once step by step, and
 * both are the call that the table measures (from the client's stub to its return).
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { MachineConfig } from "../../machine/config.ts";
import { CYCLE_CAUSES } from "../../machine/counters.ts";
import { EventTrace } from "../../machine/event-trace.ts";
import type { CacheLine, Tracer } from "../../machine/machine.ts";
import { Profile, type ProfileRow } from "../../machine/profile.ts";
import {
  chromeTrace,
  type Slice,
  slices,
  speedscopeProfile,
  speedscopeTrace,
} from "../../machine/trace-formats.ts";
import type { TlbEntry } from "../../machine/translation.ts";
import { VERSION } from "../../version.ts";
import type { RpcBed } from "./bed.ts";
import { bedAt, type CallRequest, flagsOf, resolveCall } from "./call-machine.ts";
import { RPC_LAYOUT } from "./layout.ts";
import { observeCall } from "./observe.ts";

/** A stretch of a call: one program, one address space, one privilege level, one thread. */
export interface CallSpan {
  /** Whose text ran: "client", "kernel", "server". */
  readonly place: string;
  readonly space: number;
  readonly level: number;
  /** "client" or "server": whose thread it is. */
  readonly thread: string;
  /** Cycles since the call began. */
  readonly start: number;
  readonly end: number;
  readonly instructions: number;
}

/** A line of a cache, and whose it is. */
export interface OwnedLine extends CacheLine {
  readonly owner: string;
}

export interface CallReport {
  readonly version: string;
  /** The command that prints this report. */
  readonly command: string;
  readonly config: { readonly preset: string; readonly machine: MachineConfig };
  readonly row: string;
  readonly configuration: string;
  readonly title: string;
  readonly cycles: number;
  readonly spans: readonly CallSpan[];
  /** Stays in a routine, one after another. */
  readonly slices: readonly Slice[];
  readonly routines: readonly ProfileRow[];
  /** Cycles of the call by cause; together they are `cycles`. */
  readonly causes: readonly { readonly cause: string; readonly cycles: number }[];
  readonly caches: {
    readonly instruction: readonly OwnedLine[];
    readonly data: readonly OwnedLine[];
  };
  readonly tlb: readonly TlbEntry[];
  /** Files for viewers. */
  readonly chrome: object;
  readonly speedscope: object;
  readonly flame: object;
}

/**
 * Runs one call and reports it.
 * @throws DiagnosticError on a bad request
 */
export async function reportCall(request: CallRequest): Promise<CallReport> {
  const { row, configuration: name } = request;
  const { configuration, routine, preset, machine, title } = resolveCall(request);

  const made: { trace: EventTrace; profile: Profile; stays: Stay[] }[] = [];
  let begun = -1;
  let ended = -1;
  await observeCall({ configuration, routine, machine }, (symbols, options) => {
    const trace = new EventTrace(symbols, { ...options, limit: 100_000 });
    const profile = new Profile(symbols, options);
    const stays: Stay[] = [];
    made.push({ trace, profile, stays });
    const tracer: Tracer = (address, space, cycle, word) => {
      if (begun < 0) begun = cycle;
      trace.tracer(address, space, cycle, word);
      profile.tracer(address, space, cycle, word);
      const place = symbols.locate(space, address).title;
      const level = address & 3;
      const last = stays.at(-1);
      if (last && last.place === place && last.space === space && last.level === level)
        last.instructions++;
      else stays.push({ place, space, level, start: cycle, instructions: 1 });
    };
    const finish = (cycle: number): void => {
      ended = cycle;
      trace.finish(cycle);
      profile.finish(cycle);
    };
    return { tracer, finish };
  });
  const [{ trace, profile, stays }] = made as [(typeof made)[0]];

  const { switches, causes, caches, tlb } = await stepThrough(
    await bedAt(configuration, routine, machine, begun),
    ended,
  );
  const about = { name: title, version: VERSION };
  const exporter = `inkwell ${VERSION}`;
  return {
    version: VERSION,
    command: ["inkwell trace", ...flagsOf(request), "--format report"].join(" "),
    config: { preset, machine },
    row,
    configuration: name,
    title,
    cycles: ended - begun,
    spans: spansOf(stays, switches, begun, ended),
    slices: slices(trace.events).map((slice) => ({
      ...slice,
      start: slice.start - begun,
      end: slice.end - begun,
    })),
    routines: profile.rows(),
    causes,
    caches,
    tlb,
    chrome: chromeTrace(trace, { clockMHz: machine.clockMHz, ...about }),
    speedscope: speedscopeTrace(trace, title, exporter),
    flame: speedscopeProfile(profile, title, exporter),
  };
}

interface Stay {
  readonly place: string;
  readonly space: number;
  readonly level: number;
  readonly start: number;
  instructions: number;
}

/** From a cycle on, whose thread runs. */
interface Switch {
  readonly cycle: number;
  readonly thread: string;
}

/** The same call step by step, for what only the machine's own state tells. */
async function stepThrough(bed: RpcBed, ended: number) {
  const { kernel, client, server } = bed;
  const before = kernel.machine.counters();
  const threads = new Map([
    [client.thread, "client"],
    [server.thread, "server"],
  ]);
  const switches: Switch[] = [];
  while (kernel.machine.cycles < ended) {
    const thread = threads.get(kernel.cpu.active_thread) ?? "idle";
    if (switches.at(-1)?.thread !== thread) switches.push({ cycle: kernel.machine.cycles, thread });
    kernel.run({ cycles: 1 });
  }
  const after = kernel.machine.counters();
  const owner = owners(bed);
  const owned = (line: CacheLine): OwnedLine => ({ ...line, owner: owner(line.page) });
  return {
    switches,
    causes: CYCLE_CAUSES.map((cause) => ({ cause, cycles: after[cause] - before[cause] })).filter(
      ({ cycles }) => cycles > 0,
    ),
    caches: {
      instruction: kernel.machine.cache("instruction").map(owned),
      data: kernel.machine.cache("data").map(owned),
    },
    tlb: kernel.machine.tlb(),
  };
}

/** Stays cut where the thread changes. */
function spansOf(
  stays: readonly Stay[],
  switches: readonly Switch[],
  begun: number,
  ended: number,
): CallSpan[] {
  return stays.flatMap(({ place, space, level, start, instructions }, i) => {
    const end = stays[i + 1]?.start ?? ended;
    const cuts = switches.map(({ cycle }) => cycle).filter((cycle) => cycle > start && cycle < end);
    const edges = [start, ...cuts, end];
    return edges.slice(1).map((to, part): CallSpan => {
      const from = edges[part]!;
      const { thread } = switches.findLast(({ cycle }) => cycle <= from) ?? switches[0]!;
      const share = Math.round((instructions * (to - from)) / (end - start));
      return { place, space, level, thread, start: from - begun, end: to - begun, instructions: share }; // prettier-ignore
    });
  });
}

/** Whose a physical page is: of the programs' segments and stacks, or else the kernel's objects. */
function owners({ kernel, programs, client, server }: RpcBed): (page: number) => string {
  const { PAGE_SIZE, KERNEL_SPACE } = MEMORY_MAP;
  const known = new Map<number, string>();
  const add = (owner: string, space: number, address: number, length: number): void => {
    const first = address - (address % PAGE_SIZE);
    for (let at = first; at < address + length; at += PAGE_SIZE) {
      const physical = kernel.physical(space, at);
      if (physical !== undefined) known.set(physical - (physical % PAGE_SIZE), owner);
    }
  };
  const parts = [
    ["kernel", KERNEL_SPACE, kernel.image],
    ["client", kernel.spaceOf(client.task), programs.client],
    ["server", kernel.spaceOf(server.task), programs.server],
  ] as const;
  for (const [owner, space, image] of parts)
    for (const { address, bytes, executable } of image.segments)
      add(`${owner} ${executable ? "text" : "data"}`, space, address, bytes.length);
  const { stack } = RPC_LAYOUT.client;
  add("client stack", parts[1][1], stack, 4 * PAGE_SIZE);
  return (page) => known.get(page) ?? "kernel objects, stacks";
}
