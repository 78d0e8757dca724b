/**
 * What is translated together: the positions (rp, nrp) of one page that are reached from an entry by
 * instructions that have run already, as a graph whose loops have one entry each.
 *
 * A position is a pair of records, as in the loops of the core, so slots of branches need no rules. Each
 * knows where the run of sequential records begins that its own record belongs to (`start`, see
 * assembly/loop.template.ts); where runs meet, a new one begins.
 */
import { REGION, record } from "../../abi/machine.ts";
import type { Mark, Template } from "./templates.ts";

/** What the records of a page say. */
export interface Records {
  /** The template of what a record does; undefined when that is not for translated code. */
  readonly template: (record: number) => Template | undefined;
  /** Whether a record is decoded: it has run, or was about to. */
  readonly isKnown: (record: number) => boolean;
  /** Distance of the target of a branch. */
  readonly displacement: (record: number) => number;
  /** Records to which a register branch has led, plus 1 where its slot was nullified. */
  readonly targets: (record: number) => readonly number[];
}

export interface Edge {
  /** "register": a register branch has led there before. */
  readonly mark: Mark | "register";
  /** A position that is not translated, and where the edge only leaves, has no node. */
  readonly to: Node | undefined;
  readonly rp: number;
  readonly nrp: number;
  /** Where the branch goes, when it is one: a run begins there. */
  readonly target?: number;
}

export interface Node {
  readonly rp: number;
  readonly nrp: number;
  readonly template: Template;
  edges: Edge[];
  start: number;
  /** Number in reverse postorder. */
  order: number;
  dominator: Node | undefined;
  /** Nodes that this one dominates immediately, in order. */
  readonly children: Node[];
  /** Edges to it from nodes before it, and whether there are any from behind. */
  entries: number;
  isLoop: boolean;
  /** Cycles that have passed, at least, since the last store issued. */
  quiet: number;
}

const BYTES = record.size;
const LIMIT = 400;

type Place = Omit<Edge, "to">;

/** Positions that an instruction may lead to. */
function places({ rp, nrp, template }: Node, { displacement, targets }: Records): Place[] {
  if (template.kind === "register")
    return targets(rp).map((noted): Place => {
      const at = noted & ~1;
      const skips = noted !== at;
      const place = skips ? { rp: at, nrp: at + BYTES } : { rp: nrp, nrp: at };
      return { mark: "register", ...place, target: at };
    });
  const target = rp + displacement(rp);
  return template.marks.map((mark): Place => {
    switch (mark) {
      case "next": return { mark, rp: nrp, nrp: nrp + BYTES };
      case "skip": return { mark, rp: nrp + BYTES, nrp: nrp + 2 * BYTES };
      case "taken": return { mark, rp: nrp, nrp: target, target };
      case "takenSkipping": return { mark, rp: target, nrp: target + BYTES, target };
    } // prettier-ignore
  });
}

/** Nodes in reverse postorder, the entry first. */
export function findRegion(page: number, entry: number, records: Records): Node[] {
  const nodes = new Map<string, Node>();
  const inPage = (at: number): boolean => at >= page && at <= page + REGION.LAST_RECORD;
  const nodeAt = (rp: number, nrp: number): Node | undefined => {
    const key = `${rp},${nrp}`;
    const known = nodes.get(key);
    if (known) return known;
    if (nodes.size >= LIMIT || !inPage(rp) || !inPage(nrp)) return undefined;
    const template = records.isKnown(nrp) ? records.template(rp) : undefined;
    if (template === undefined) return undefined;
    const node: Node = {
      rp, nrp, template, edges: [], start: -1, order: 0, dominator: undefined, children: [], entries: 0, isLoop: false, quiet: 0,
    }; // prettier-ignore
    nodes.set(key, node);
    return node;
  };
  const first = nodeAt(entry, entry + BYTES);
  if (first === undefined) return [];
  for (const node of nodes.values())
    node.edges = places(node, records).map((place) => ({
      ...place,
      to: nodeAt(place.rp, place.nrp),
    }));
  const ordered = shape(first);
  findStarts(ordered);
  findQuiet(ordered);
  return ordered;
}

/** Orders the nodes and finds dominators; edges that would enter a loop in its middle are cut. */
function shape(first: Node): Node[] {
  for (;;) {
    const ordered = reversePostorder(first);
    findDominators(ordered);
    let cut = false;
    for (const node of ordered)
      node.edges = node.edges.map((edge) => {
        if (!edge.to || edge.to.order > node.order || dominates(edge.to, node)) return edge;
        cut = true;
        return { ...edge, to: undefined };
      });
    if (cut) continue;
    for (const node of ordered) {
      node.dominator?.children.push(node);
      for (const { to } of node.edges)
        if (to && to.order > node.order) to.entries++;
        else if (to) to.isLoop = true;
    }
    return ordered;
  }
}

function reversePostorder(first: Node): Node[] {
  const done: Node[] = [];
  const seen = new Set([first]);
  const stack = [{ node: first, next: 0 }];
  while (stack.length > 0) {
    const top = stack.at(-1)!;
    const edge = top.node.edges[top.next++];
    if (edge === undefined) {
      done.push(top.node);
      stack.pop();
    } else if (edge.to && !seen.has(edge.to)) {
      seen.add(edge.to);
      stack.push({ node: edge.to, next: 0 });
    }
  }
  done.reverse();
  for (const [order, node] of done.entries()) node.order = order;
  return done;
}

/** Source: Cooper, Harvey and Kennedy, "A Simple, Fast Dominance Algorithm" (2001). */
function findDominators(ordered: readonly Node[]): void {
  for (const node of ordered) node.dominator = undefined;
  const meet = (a: Node, b: Node): Node => {
    let [x, y] = [a, b];
    while (x !== y) {
      while (x.order > y.order) x = x.dominator!;
      while (y.order > x.order) y = y.dominator!;
    }
    return x;
  };
  for (let changed = true; changed;) {
    changed = false;
    for (const node of ordered)
      for (const { to } of node.edges) {
        if (!to || to.order === 0 || (node.order > 0 && !node.dominator)) continue;
        const dominator = to.dominator ? meet(to.dominator, node) : node;
        if (dominator === to.dominator) continue;
        to.dominator = dominator;
        changed = true;
      }
  }
}

function dominates(a: Node, b: Node): boolean {
  let node: Node | undefined = b;
  while (node && node.order > a.order) node = node.dominator;
  return node === a;
}

/** The record where the run begins that is current behind an edge. */
export function startAfter(node: Node, { target }: Edge): number {
  return target ?? node.start;
}

/** Longer than the data cache is ever busy. */
const LONG = Number.POSITIVE_INFINITY;

/**
 * Every instruction takes a cycle at least. Whatever has accessed the data cache has waited for it, so no
 * store before keeps it busy.
 */
function findQuiet(ordered: readonly Node[]): void {
  for (const node of ordered) node.quiet = LONG;
  ordered[0]!.quiet = 1;
  for (let changed = true; changed;) {
    changed = false;
    for (const { template, quiet, edges } of ordered) {
      const behind = template.kind === "load" ? LONG : template.kind === "store" ? 1 : quiet + 1;
      for (const { to } of edges) {
        if (!to || to.quiet <= behind) continue;
        to.quiet = behind;
        changed = true;
      }
    }
  }
}

function findStarts(ordered: readonly Node[]): void {
  const fixed = new Set<Node>([ordered[0]!]);
  for (let changed = true; changed;) {
    changed = false;
    for (const node of ordered) node.start = fixed.has(node) ? node.rp : -1;
    for (const node of ordered)
      for (const edge of node.edges) {
        const { to } = edge;
        if (!to || fixed.has(to)) continue;
        const start = startAfter(node, edge);
        if (to.start === -1) to.start = start;
        if (to.start === start) continue;
        // A slot of a branch begins no run: its start is that of the target, on all ways to it.
        fixed.add(to);
        changed = true;
      }
  }
}
