/**
 * Writes a region as one WebAssembly function: `f` of a module that imports the core's memory.
 *
 * Control flow is structured by the dominator tree: a node's code is followed, inside, by what it alone
 * leads to; where ways meet, a block ends; a loop begins with a loop. Source: Ramsey, "Beyond Relooper:
 * Recursive Translation of Unstructured Control Flow to Structured Control Flow" (ICFP 2022).
 */
import { coreState, record, timing } from "../../abi/machine.ts";
import { panic } from "../../diagnostic.ts";
import { type Edge, type Node, startAfter } from "./region.ts";
import type { Body, Cell } from "./body.ts";
import { splice } from "./splice.ts";
import type { Mark, Template, Templates } from "./templates.ts";
import { HEADER, I32, I64, OP, Writer } from "./wasm.ts";

const BYTES = record.size;
/** Records of one cache line. */
const LINE_BYTES = 8 * BYTES;

class Emitter {
  readonly #to: Body;
  readonly #templates: Templates;
  readonly #exit: number;
  /** Cycles that the data cache is busy with a store. */
  readonly #busyCycles: number;
  /** Depths at which nodes are reached by a branch: ends of blocks, beginnings of loops. */
  readonly #blocks = new Map<Node, number>();
  readonly #loops = new Map<Node, number>();

  constructor(to: Body, templates: Templates) {
    this.#busyCycles = to.fixed(OP.i32Load, timing.offset.store_busy)!;
    this.#to = to;
    this.#templates = templates;
    this.#exit = to.open(OP.block);
  }

  run(first: Node): void {
    this.#node(first);
    this.#to.close();
  }

  /** A node, and all that it dominates. */
  #node(node: Node): void {
    const to = this.#to;
    if (node.isLoop) this.#loops.set(node, to.open(OP.loop));
    const met = node.children.filter(({ entries }) => entries > 1);
    for (const child of met.toReversed()) this.#blocks.set(child, to.open(OP.block));
    this.#code(node);
    for (const child of met) {
      to.close();
      this.#blocks.delete(child);
      this.#node(child);
    }
    if (node.isLoop) to.close();
  }

  #code(node: Node): void {
    if (node.template.kind === "register") return this.#register(node);
    const to = this.#to;
    const labels: Partial<Record<Mark, number>> = {};
    for (const mark of node.template.marks) labels[mark] = to.open(OP.block);
    to.isQuiet = node.template.kind !== undefined && node.quiet >= this.#busyCycles;
    splice(to, node.template, [node.rp, node.nrp], { ...labels, exit: this.#exit });
    to.isQuiet = false;
    for (const edge of node.edges.toReversed()) {
      to.close();
      this.#edge(node, edge);
    }
  }

  /** A register branch, and where it may have led. */
  #register(node: Node): void {
    const to = this.#to;
    const done = to.open(OP.block);
    splice(to, node.template, [node.rp, node.nrp], { exit: done });
    to.close();
    to.out.op(OP.localGet, 0);
    to.branch(this.#exit, OP.brIf);
    for (const edge of node.edges) {
      if (!edge.to) continue;
      const other = to.open(OP.block);
      to.out.constant(0).op(OP.i32Load, 2).unsigned(coreState.offset.nrp);
      to.out.constant(edge.nrp).byte(OP.i32NotEqual);
      to.branch(other, OP.brIf);
      this.#edge(node, edge);
      to.close();
    }
    to.branch(this.#exit);
  }

  #edge(node: Node, edge: Edge): void {
    const start = startAfter(node, edge);
    if (edge.target !== undefined && edge.mark !== "register") {
      this.#lookUp(node.start, node.nrp);
      this.#small("turn", node.nrp, start);
      this.#small("pass", edge.rp, edge.nrp);
    }
    const next = edge.to;
    if (next === undefined) {
      splice(this.#to, this.#template("leave"), [edge.rp, edge.nrp], { exit: this.#exit });
      return;
    }
    if (start !== next.start) {
      this.#lookUp(start, next.rp - BYTES);
      this.#small("begin", next.start, 0);
    }
    const label = next.order <= node.order ? this.#loops.get(next) : this.#blocks.get(next);
    if (label !== undefined) this.#to.branch(label);
    else if (next.dominator === node && next.entries === 1) this.#node(next);
    else panic("translator: a position is out of reach");
  }

  /** Looks up the lines of records, as fetchLines does. */
  #lookUp(first: number, last: number): void {
    for (let line = first & ~(LINE_BYTES - 1); line <= last; line += LINE_BYTES)
      this.#small("lookUpLine", line, 0);
  }

  #template(name: string): Template {
    return this.#templates.get(name) ?? panic(`translator: no template ${name}`);
  }

  /** A template that goes on. */
  #small(name: string, first: number, second: number): void {
    const next = this.#to.open(OP.block);
    splice(this.#to, this.#template(name), [first, second], { next, exit: this.#exit });
    this.#to.close();
  }
}

/** Moves cells between memory and their locals. */
function moveCells(out: Writer, cells: Iterable<Cell>, toLocal: boolean): void {
  for (const { address, type, local } of cells) {
    out.byte(OP.i32Const, 0);
    const wide = type === I64;
    if (toLocal) {
      out.op(wide ? OP.i64Load : OP.i32Load, wide ? 3 : 2).unsigned(address);
      out.op(OP.localSet, local);
    } else {
      out.op(OP.localGet, local);
      out.op(wide ? OP.i64Store : OP.i32Store, wide ? 3 : 2).unsigned(address);
    }
  }
}

/** The module whose function `f` runs a region, from its first node. It returns what the loops return. */
export function writeRegion(
  to: Body,
  templates: Templates,
  nodes: readonly Node[],
): Uint8Array<ArrayBuffer> {
  new Emitter(to, templates).run(nodes[0]!);
  const body = (out: Writer): void => {
    out.unsigned(to.locals.length);
    for (const type of to.locals) out.byte(1, type);
    moveCells(out, to.cells.values(), true);
    out.raw(to.out.bytes);
    moveCells(out, [...to.cells.values()].filter(({ written }) => written), false); // prettier-ignore
    out.op(OP.localGet, 0).byte(OP.end);
  };
  return new Writer()
    .raw(HEADER)
    .section(1, (out) => out.byte(1, 0x60, 0, 1, I32))
    .section(2, (out) => out.byte(1).name("env").name("memory").byte(2, 1, 0).unsigned(65536))
    .section(3, (out) => out.byte(1, 0))
    .section(7, (out) => out.byte(1).name("f").byte(0, 0))
    .section(10, (out) => out.byte(1).sized(body)).bytes;
}
