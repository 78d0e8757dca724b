/**
 * A program's system calls as its processor makes them: who ran when, between the call and its return, and
 * what the server was asked. Instructions are told by the machine's tracer, names and results by the
 * server's observer; neither takes simulated time. Bounded: behind the limit nothing is followed any more.
 *
 * An interruption that is over at once (a TLB miss) counts to whom it interrupted; a crossing of the
 * boundary is a way through the gateway, or back from there.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { EMULATOR } from "../../abi/osf1.ts";
import type { System } from "../../mach/interface.ts";
import { type EmulatorCalls, emulatorImages } from "../emulator/image.ts";
import type { ErrnoName } from "../errno.ts";
import { serverImage } from "../server/image.ts";
import type { AskedCall, CallObserver } from "../server/observer.ts";
import type { Osf1 } from "../server/osf1.ts";

export const PLACES = ["program", "emulator", "kernel", "server", "waiting"] as const;
export type Place = (typeof PLACES)[number];

/** What answered a call, and how it was reached. */
export type Mechanism =
  | "kernel"
  | "emulator"
  | "routine trap"
  | "generic trap"
  | "routine message"
  | "generic message";

export interface TracedCall {
  readonly pid: number | null;
  readonly name: string;
  readonly arguments: readonly number[];
  /** Strings of the caller's that the call read, by their addresses: paths, a program's arguments. */
  readonly strings: readonly { readonly address: number; readonly text: string }[];
  /** What the server answered, signed; null where it did not, or where there is none. */
  readonly result: number | null;
  readonly errno: ErrnoName | null;
  readonly mechanism: Mechanism;
  /** Cycles since the program began. */
  readonly start: number;
  readonly end: number;
  /** Whether the program went on behind it. */
  readonly returned: boolean;
  /** Crossings between user and kernel mode. */
  readonly crossings: number;
  /** Cycles by whose text ran. */
  readonly cycles: Readonly<Record<Place, number>>;
}

/** A stretch of time in one place. */
export interface TracedSpan {
  readonly place: Place;
  readonly start: number;
  readonly end: number;
  /** Index of the call that it is part of; −1: of none. */
  readonly call: number;
}

export interface CallListing {
  readonly calls: readonly TracedCall[];
  readonly spans: readonly TracedSpan[];
  /** Calls by mechanism, and their cycles but for those of waiting. */
  readonly totals: readonly {
    readonly mechanism: Mechanism;
    readonly calls: number;
    readonly cycles: number;
    readonly crossings: number;
  }[];
  /** Cycles that were followed. */
  readonly cycles: number;
  /** Whether the program made more than is followed. */
  readonly truncated: boolean;
}

interface Open {
  pid: number | null;
  name: string | undefined;
  asked: AskedCall | undefined;
  readonly strings: { readonly address: number; readonly text: string }[];
  trapping: boolean;
  emulated: boolean;
  result: number | null;
  errno: ErrnoName | null;
  start: number;
  end: number | undefined;
  served: number;
  crossings: number;
}

interface Stay {
  place: Place;
  start: number;
  end: number;
  call: number;
  /** Of the kernel's: an interruption, or the way through the gateway. */
  interruption: boolean;
}

type Kernel = System["kernel"];

const { GATEWAY, GATEWAY_THREAD_POINTER, KERNEL_SPACE, PAGE_SIZE } = MEMORY_MAP;
const { EMULATOR_BASE, EMULATOR_END } = EMULATOR;
/** Stretches that are kept at most. */
const LIMIT = 60_000;
/** An interruption that takes no more is the interrupted one's own. */
const SHORT = 400;
/** Of a call that are kept, and of one. */
const [STRINGS, STRING_BYTES] = [16, 200];
/** What the emulator answers itself, by its routine. */
const LOCAL = {
  e_nop: "nop",
  e_getpid: "getpid",
  e_getpagesize: "getpagesize",
  e_nosys: "no call",
};

export class CallTrace implements CallObserver {
  readonly #local: ReadonlyMap<number, string>;
  readonly #text: readonly (readonly [number, number])[];
  readonly #calls: Open[] = [];
  readonly #stays: Stay[] = [];
  /** Calls under way by the caller's space, and spaces of processes. */
  readonly #open = new Map<number, number>();
  readonly #spaces = new Map<number, number>();
  #serverSpace: number = KERNEL_SPACE;
  #began = 0;
  #last = 0;
  #call = -1;
  /** Where user text ran last. */
  #user: Place = "server";
  #userSpace = 0;
  #emulatorSpace = 0;
  /** Whether the kernel was entered by the gateway. */
  #gated = false;
  #full = false;
  #follows = false;

  private constructor(
    local: ReadonlyMap<number, string>,
    text: readonly (readonly [number, number])[],
  ) {
    this.#local = local;
    this.#text = text;
  }

  /** A trace for a run whose processes call the server so. */
  static async make(calls: EmulatorCalls): Promise<CallTrace> {
    const [{ emulator }, { image }] = await Promise.all([emulatorImages(calls), serverImage()]);
    const local = Object.entries(LOCAL).flatMap(([symbol, name]) => {
      const address = emulator.symbols.get(symbol);
      return address === undefined ? [] : [[address, name] as const];
    });
    const text = image.segments.map(({ address, size }) => [address, address + size] as const);
    return new CallTrace(new Map(local), text);
  }

  /** Follows from now on; the server is about to start the program. */
  begin(osf1: Osf1, kernel: Kernel): void {
    const { machine } = kernel;
    osf1.observer = this;
    this.#serverSpace = machine.pcoq.frontSpace;
    this.#began = machine.cycles;
    this.#last = machine.cycles;
    this.#follows = true;
    machine.trace((address, space, cycle) => {
      // Time that passed without an instruction.
      if (kernel.idling && cycle - this.#last > SHORT) this.#go("waiting", this.#last, false);
      this.#instruction(address, space, cycle);
    });
  }

  finish(kernel: Kernel): CallListing {
    const { machine } = kernel;
    machine.trace();
    const end = this.#full ? this.#last : machine.cycles;
    const last = this.#stays.at(-1);
    if (last) last.end = end;
    const since = (cycle: number): number => cycle - this.#began;
    const spent = this.#calls.map(() => Object.fromEntries(PLACES.map((place) => [place, 0])));
    for (const { place, call, start, end: left } of this.#stays)
      if (call >= 0) spent[call]![place]! += left - start;
    const calls = this.#calls.map((open, i): TracedCall => ({
      pid: open.pid,
      name: open.asked?.name ?? open.name ?? "Mach trap",
      arguments: open.asked?.arguments ?? [],
      strings: open.strings,
      result: open.result,
      errno: open.errno,
      mechanism: mechanismOf(open),
      start: since(open.start),
      end: since(open.end ?? (open.served || end)),
      returned: open.end !== undefined,
      crossings: open.crossings,
      cycles: spent[i] as Record<Place, number>,
    }));
    const spans = this.#stays.map(({ place, start, end: left, call }) => ({
      ...{ place, call },
      start: since(start),
      end: since(left),
    }));
    const mechanisms = [...new Set(calls.map(({ mechanism }) => mechanism))];
    const totals = mechanisms.map((mechanism) => {
      const those = calls.filter((call) => call.mechanism === mechanism);
      const sum = (of: (call: TracedCall) => number) => those.reduce((all, c) => all + of(c), 0);
      return {
        mechanism,
        calls: those.length,
        cycles: sum(({ cycles }) =>
          PLACES.slice(0, -1).reduce((all, place) => all + cycles[place], 0),
        ),
        crossings: sum(({ crossings }) => crossings),
      };
    });
    const cycles = this.#follows ? since(end) : 0;
    return { calls, spans, totals, cycles, truncated: this.#full };
  }

  enters(pid: number, asked: AskedCall, trapping: boolean): void {
    let space = this.#spaces.get(pid);
    if (space === undefined) this.#spaces.set(pid, (space = this.#emulatorSpace));
    const call = this.#openCall(space);
    // A call that a signal follows is still the same call.
    if (call && call.asked === undefined) Object.assign(call, { pid, asked, trapping });
  }
  reads(pid: number, address: number, string: Uint8Array): void {
    const strings = this.#openCall(this.#spaces.get(pid))?.strings;
    const known = strings?.some((each) => each.address === address) ?? true;
    if (!known && strings!.length < STRINGS)
      strings!.push({ address, text: new TextDecoder().decode(string.slice(0, STRING_BYTES)) });
  }
  fails(pid: number, errno: ErrnoName): void {
    const call = this.#openCall(this.#spaces.get(pid));
    if (call && call.served === 0) call.errno = errno;
  }
  leaves(pid: number, [value]: readonly number[]): void {
    const call = this.#openCall(this.#spaces.get(pid));
    if (!call || call.served !== 0) return;
    call.served = this.#last;
    const begins = call.asked?.name === "execve";
    if (value !== undefined && call.errno === null && !begins) call.result = value | 0;
  }

  #openCall(space: number | undefined): Open | undefined {
    const index = space === undefined ? undefined : this.#open.get(space);
    return index === undefined ? undefined : this.#calls[index];
  }

  #placeOf(at: number, space: number): Place {
    if (space === this.#serverSpace && space !== KERNEL_SPACE) return "server";
    if (space !== KERNEL_SPACE)
      return at >= EMULATOR_BASE && at < EMULATOR_END ? "emulator" : "program";
    const own = this.#serverSpace === KERNEL_SPACE;
    return own && this.#text.some(([from, to]) => at >= from && at < to) ? "server" : "kernel";
  }

  #instruction(address: number, space: number, cycle: number): void {
    if (this.#full) return;
    const at = (address & ~3) >>> 0;
    // Each space sees the kernel's page.
    const gateway = at >= GATEWAY && at < GATEWAY + PAGE_SIZE;
    const place = gateway ? "kernel" : this.#placeOf(at, space);
    const isUser = space !== KERNEL_SPACE && !gateway;
    if (isUser) this.#inUser(place, space, at, cycle);
    // A server in the kernel, which is privileged already, crosses nothing there.
    else if (gateway && !this.#gated && (address & 3) !== 0) this.#enter(at, cycle);
    const stay = this.#stays.at(-1);
    if (stay?.place !== place || stay.call !== this.#call)
      this.#go(place, cycle, !isUser && !this.#gated);
    this.#last = cycle;
  }

  #inUser(place: Place, space: number, at: number, cycle: number): void {
    if (this.#gated && this.#call >= 0) this.#calls[this.#call]!.crossings += 1;
    this.#gated = false;
    if (place !== "server") {
      const open = this.#open.get(space);
      this.#call = open ?? -1;
      if (place === "emulator") {
        this.#emulatorSpace = space;
        const call = open === undefined ? undefined : this.#calls[open]!;
        if (call) {
          call.emulated = true;
          call.name ??= this.#local.get(at);
        }
      } else if (open !== undefined) {
        this.#calls[open]!.end = cycle;
        this.#open.delete(space);
        this.#call = -1;
      }
    }
    this.#user = place;
    this.#userSpace = space;
  }

  /** The gateway: of a program, the beginning of a call. */
  #enter(at: number, cycle: number): void {
    this.#gated = true;
    if (this.#user === "program") {
      const light = at >= GATEWAY + GATEWAY_THREAD_POINTER;
      this.#call = this.#calls.length;
      this.#open.set(this.#userSpace, this.#call);
      this.#calls.push({
        ...{ pid: null, asked: undefined, trapping: false, emulated: false, result: null },
        ...{ errno: null, end: undefined, served: 0, crossings: 0 },
        strings: [],
        name: light ? "thread pointer" : undefined,
        start: cycle,
      });
    }
    if (this.#call >= 0) this.#calls[this.#call]!.crossings += 1;
  }

  #go(place: Place, cycle: number, interruption: boolean): void {
    const stays = this.#stays;
    const [before, last] = [stays.at(-2), stays.at(-1)];
    if (last) last.end = Math.max(last.start, cycle);
    const short = last?.interruption === true && last.place === "kernel" && cycle - last.start <= SHORT; // prettier-ignore
    if (short && before?.place === place && before.call === this.#call) {
      stays.pop();
      return;
    }
    if (stays.length >= LIMIT) {
      this.#full = true;
      return;
    }
    stays.push({ place, start: cycle, end: cycle, call: this.#call, interruption });
  }
}

function mechanismOf({ asked, trapping, emulated }: Open): Mechanism {
  if (asked === undefined) return emulated ? "emulator" : "kernel";
  return `${asked.stub} ${trapping ? "trap" : "message"}`;
}
