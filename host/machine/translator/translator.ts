/**
 * The translator: code that is hot becomes WebAssembly, one function for each entry, made of the same
 * compiled semantics as the run loops. Simulated time does not know it: cycles, misses and everything else
 * are as from the loops, at any slice.
 *
 * The core counts, at the ends of slices, where taken branches lead; a place that is met often enough is
 * reported here (EXIT_HOT). Its record becomes OP_TRANSLATED, and the core calls the function when it
 * comes to it at the front of a sequential queue. What is in the page's records is compiled in, so the core
 * takes the marks of a page away when any of its records changes (assembly/translated.ts).
 */
import { record, REGION } from "../../abi/machine.ts";
import type { Core } from "../core.ts";
import { Body } from "./body.ts";
import { writeRegion } from "./emit.ts";
import { findRegion } from "./region.ts";

import { readTemplates, type Templates } from "./templates.ts";

const read = new WeakMap<WebAssembly.Module, Templates>();

/** The templates, read once for all machines of this thread. */
function templatesOf(core: WebAssembly.Module): Templates {
  const known = read.get(core) ?? readTemplates(core);
  read.set(core, known);
  return known;
}

/**
 * The last modules of this thread. V8 compiles a module once as long as one with the same bytes lives, and
 * the next machine that runs the same program makes the same.
 */
const lately: WebAssembly.Module[] = [];
const KEPT = 128;

function keep(module: WebAssembly.Module): void {
  if (lately.push(module) > KEPT) lately.shift();
}

/** Instructions that are worth a call, without a loop among them. */
const WORTHWHILE = 6;

export class Translator {
  readonly #core: Core;
  /** The operation of records at which translated code begins; greater ones have not run yet. */
  readonly #translated: number;
  #used = 0;
  /** Functions made so far. */
  count = 0;

  constructor(core: Core) {
    this.#core = core;
    this.#translated = core.exports.translatedOp();
  }

  /** Translates what begins at the record that the core found hot. */
  translate(): void {
    const core = this.#core;
    const at = core.state("hot");
    const page = core.state("hot_page");
    const templates = templatesOf(core.module);
    const view = new DataView(core.buffer);
    const nodes = findRegion(page, at, {
      template: (rp) => templates.get(`op${this.#operation(view, rp)}`),
      isKnown: (rp) => this.#operation(view, rp) < this.#translated,
      displacement: (rp) => view.getInt32(rp + record.offset.wide, true),
      targets: (rp) => this.#targets(rp),
    });
    if (!nodes.some(({ isLoop }) => isLoop) && nodes.length < WORTHWHILE) return;
    const bytes = writeRegion(new Body(core, page), templates, nodes);
    const { memory } = core;
    const module = new WebAssembly.Module(bytes);
    keep(module);
    const instance = new WebAssembly.Instance(module, { env: { memory } });
    if (this.#used === REGION.TRANSLATION_SLOTS) {
      core.exports.forgetTranslations();
      this.#used = 0;
    }
    this.count++;
    core.table.set(this.#used, instance.exports["f"] as () => number);
    core.exports.setTranslation(at, page, this.#used++);
  }

  /** Where a register branch has led. */
  #targets(rp: number): number[] {
    const first = REGION.NOTED_TARGETS >>> 2;
    const { words } = this.#core;
    const targets: number[] = [];
    for (let at = first; at < first + 2 * REGION.NOTED_TARGET_SLOTS; at += 2)
      if (words[at] === rp) targets.push(words[at + 1]!);
    return targets;
  }

  /** What a record does. */
  #operation(view: DataView, rp: number): number {
    const op = view.getUint16(rp + record.offset.op, true);
    return op === this.#translated ? view.getUint16(rp + record.offset.real_op, true) : op;
  }
}
