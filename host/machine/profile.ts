/**
 * A profile: cycles and instructions by routine and by chain of calls, exact to the cycle, from every
 * instruction that ran. Costs no simulated time.
 */
import { CallWalk, type WalkListener, type WalkOptions } from "./call-walk.ts";
import type { Tracer } from "./machine.ts";
import type { Located, Symbols } from "./symbols.ts";

/** A routine under one chain of callers. */
export interface ProfileNode {
  readonly title: string;
  readonly symbol: string;
  /** In itself, callees left out. */
  readonly cycles: number;
  readonly instructions: number;
  readonly calls: number;
  readonly children: readonly ProfileNode[];
}

/** A routine, whoever called it. */
export interface ProfileRow {
  readonly title: string;
  readonly symbol: string;
  readonly cycles: number;
  readonly instructions: number;
  readonly calls: number;
}

class Node {
  readonly title: string;
  readonly symbol: string;
  readonly parent: Node | undefined;
  readonly #children = new Map<string, Node>();
  cycles = 0;
  instructions = 0;
  calls = 0;

  constructor(title: string, symbol: string, parent?: Node) {
    this.title = title;
    this.symbol = symbol;
    this.parent = parent;
  }

  get children(): Node[] {
    return [...this.#children.values()];
  }

  child({ title, symbol }: Located): Node {
    const key = `${title}\0${symbol}`;
    let node = this.#children.get(key);
    if (node === undefined) this.#children.set(key, (node = new Node(title, symbol, this)));
    return node;
  }
}

export class Profile implements WalkListener {
  readonly #root = new Node("", "");
  readonly #walk: CallWalk;
  #current = this.#root;

  constructor(symbols: Symbols, options: WalkOptions) {
    this.#walk = new CallWalk(symbols, this, options);
  }

  /** To be given to `Machine.trace`. */
  get tracer(): Tracer {
    return this.#walk.instruction;
  }

  /** Ends the profile at a machine's cycle count. */
  finish(cycle: number): void {
    this.#walk.finish(cycle);
  }

  enter(frame: Located): void {
    this.#current = this.#current.child(frame);
    this.#current.calls++;
  }
  leave(): void {
    this.#current = this.#current.parent ?? this.#root;
  }
  spend(cycles: number): void {
    this.#current.cycles += cycles;
    this.#current.instructions++;
  }

  /** The outermost routines. */
  get roots(): readonly ProfileNode[] {
    return this.#root.children;
  }

  /** Cycles of all. */
  get cycles(): number {
    return this.rows().reduce((sum, { cycles }) => sum + cycles, 0);
  }

  /** Every routine once, the most expensive first. */
  rows(): ProfileRow[] {
    const rows = new Map<string, { -readonly [K in keyof ProfileRow]: ProfileRow[K] }>();
    const visit = (node: ProfileNode): void => {
      const key = `${node.title}\0${node.symbol}`;
      const { title, symbol } = node;
      const row = rows.get(key) ?? { title, symbol, cycles: 0, instructions: 0, calls: 0 };
      rows.set(key, row);
      row.cycles += node.cycles;
      row.instructions += node.instructions;
      row.calls += node.calls;
      node.children.forEach(visit);
    };
    this.roots.forEach(visit);
    return [...rows.values()].toSorted(
      (a, b) => b.cycles - a.cycles || (a.symbol < b.symbol ? -1 : 1),
    );
  }
}
