/**
 * A fault on its way into a machine: waits for its time, happens, and says afterwards what it did. A
 * store is executed by the server's own text, on the thread of the call that it spoils: `bcopy`, given a
 * wild pointer, as a server's bug would. The server's image is the same as ever.
 */
import { panic } from "../../diagnostic.ts";
import {
  bytesAt, contents, damage, elementPart, elementProblem, kernelSymbol, makeTerminator, type Place,
  placeOf, type System, type TaskDeath, type Terminator, variablePart, variableProblem, type Work,
} from "../../mach/interface.ts"; // prettier-ignore
import type { Osf1 } from "../server/osf1.ts";
import type { Uthread } from "../server/uthread.ts";
import { fail, type Fault, type StoreTarget } from "./fault.ts";

/** Bytes of a store. */
const WORD = 4;

export interface StoreReport {
  /** Of the server's space. */
  readonly space: number;
  readonly address: number;
  /** What was there, and whose. */
  readonly place: Place;
  /** The word before and after, in hexadecimal, and as an instruction where it is one. */
  readonly before: string | undefined;
  /** undefined: the store did not come about. */
  readonly after: string | undefined;
}

export interface FaultReport {
  /** As it was written. */
  readonly fault: string;
  /** Cycle at which it happened; undefined: not at all. */
  readonly cycle: number | undefined;
  /** Why it has not happened. */
  readonly missed?: string;
  /** Unix calls that had come to the server by then. */
  readonly calls: number;
  readonly store?: StoreReport;
  /** How the server's task ended, if it did. */
  readonly serverDeath?: TaskDeath;
}

export class FaultPlan {
  readonly fault: Fault;
  readonly #serverSymbols: ReadonlyMap<string, number>;
  #system: System | undefined;
  #terminator: Terminator | undefined;
  #calls = 0;
  /** How many calls had come when it happened. */
  #callsThen: number | undefined;
  #due = false;
  #cycle: number | undefined;
  #missed: string | undefined;
  #store: StoreReport | undefined;

  /** `serverSymbols`: of the server's image, which may be named as the kernel's may. */
  constructor(fault: Fault, serverSymbols: ReadonlyMap<string, number>) {
    this.fault = fault;
    this.#serverSymbols = serverSymbols;
  }

  /**
   * Takes a machine that has not run yet.
   * @throws DiagnosticError when it has no such place
   */
  attach(system: System): void {
    this.#system = system;
    const { kernel } = system;
    const { fault } = this;
    if (fault.kind === "store") return this.#check(fault.target);
    this.#terminator = makeTerminator(kernel, system.server, (ended) => {
      if (ended) return;
      this.#cycle = undefined; // nobody was there
      this.#missed = "there was no server to kill";
    });
    if ("cycle" in fault.when) this.#kill(fault.when.cycle);
  }

  #check(target: StoreTarget): void {
    if (target.kind === "symbol") {
      if (this.#symbol(target.symbol) === undefined)
        fail(`neither the kernel nor the server has a symbol: ${target.symbol}`);
      const problem = variableProblem(target.symbol, target.part);
      if (problem !== undefined) fail(problem);
    }
    if (target.kind !== "element") return;
    const problem = elementProblem(target.zone, target.part);
    if (problem !== undefined) fail(problem);
  }

  #machine(): System {
    return this.#system ?? panic("fault: it has no machine");
  }
  #symbol(name: string): number | undefined {
    return kernelSymbol(this.#machine().kernel, name) ?? this.#serverSymbols.get(name);
  }

  #kill(cycle: number): void {
    this.#due = true;
    this.#cycle = Math.max(cycle, this.#machine().kernel.machine.cycles);
    this.#terminator?.at(cycle);
  }

  /** Follows the calls of a server that has come up. */
  started(osf1: Osf1): void {
    osf1.beforeCall = (thread) => this.#beforeCall(thread);
  }

  *#beforeCall(thread: Uthread): Work<void> {
    const { when, kind } = this.fault;
    this.#calls += 1;
    if (this.#due) return;
    const now = thread.server.cycles();
    if ("cycle" in when ? now < when.cycle : this.#calls < when.call) return;
    this.#callsThen = this.#calls;
    if (kind === "kill-server") return this.#kill(now);
    this.#due = true;
    yield* this.#storeBy(thread);
  }

  *#storeBy(thread: Uthread): Work<void> {
    const { fault } = this;
    if (fault.kind !== "store") return;
    const { kernel } = this.#machine();
    const address = this.#addressOf(fault.target);
    if (address === undefined) return;
    const space = kernel.spaceOf(thread.server.task);
    const place = placeOf(kernel, thread.server.task, address);
    const shown = (): string | undefined => {
      const bytes = bytesAt(kernel, space, address, WORD);
      return bytes && contents(bytes, place, address);
    };
    this.#cycle = thread.server.cycles();
    const before = shown();
    this.#store = { space, address, place, before, after: undefined };
    damage(kernel);
    yield* thread.scratch(WORD, function* (from): Work<void> {
      thread.server.memory.write32(from, fault.value);
      yield* thread.call("bcopy", from, address, WORD);
    });
    this.#store = { space, address, place, before, after: shown() };
  }

  #addressOf(target: StoreTarget): number | undefined {
    if (target.kind === "address") return target.address;
    if (target.kind === "symbol") {
      const { symbol, part } = target;
      return (this.#symbol(symbol)! + variablePart(symbol, part)) >>> 0;
    }
    const { zone, index, part } = target;
    const found = elementPart(this.#machine().kernel, zone, index, part);
    if ("address" in found) return found.address;
    this.#missed = `only ${found.count} of ${zone} were in use`;
    return undefined;
  }

  /** When it happened, or will for sure. */
  get cycle(): number | undefined {
    return this.#cycle;
  }

  /** A store whose thread never came back has come about if the word is there. */
  #storeReport(store: StoreReport): StoreReport {
    const { fault } = this;
    if (store.after !== undefined || fault.kind !== "store") return store;
    const bytes = this.#bytesNow(store);
    if (!bytes || new DataView(bytes.buffer).getUint32(0) !== fault.value) return store;
    return { ...store, after: contents(bytes, store.place, store.address) };
  }

  #bytesNow({ space, address }: StoreReport): Uint8Array | undefined {
    try {
      return bytesAt(this.#machine().kernel, space, address, WORD);
    } catch {
      return undefined; // the page tables, too, are lost
    }
  }

  /** What it has done until now. */
  report(): FaultReport {
    const death = this.#system?.serverDeath();
    const missed = this.#missed ?? "its time did not come";
    return {
      fault: this.fault.text,
      cycle: this.#cycle,
      ...(this.#cycle === undefined && { missed }),
      calls: this.#callsThen ?? this.#calls,
      ...(this.#store && { store: this.#storeReport(this.#store) }),
      ...(death && { serverDeath: death }),
    };
  }
}
