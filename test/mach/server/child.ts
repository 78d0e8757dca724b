/**
 * A server that makes a child by message alone, as a Unix server does: task_create, thread_create,
 * thread_set_state, and hears of the child's exceptions at a port of its own.
 */
import { expect } from "vitest";
import { savedState } from "../../../host/abi/hp700.ts";
import { abiSymbols } from "../../../host/abi/index.ts";
import { MACH_MSG_OPTION, MACH_MSG_TYPE, MACH_TRAP } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { assemble } from "../../../host/asm/assemble.ts";
import { link } from "../../../host/asm/link.ts";
import { loadImage, mapPages } from "../../../host/mach/load.ts";
import { Caller, receiveFrom } from "../vm/caller.ts";

/** Where the child's text, data and stack are, beside the server's own. */
const TEXT = MEMORY_MAP.USER_TEXT + 0x100000;
const DATA = MEMORY_MAP.USER_DATA + 0x100000;
export const STACK = 0x60000000;
const SCRATCH = 0x77000000 - 0x10000;

const PRELUDE = `
	.macro	trap number
	ldil	L%\\number,%r22
	ldo	R%\\number(%r22),%r22
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	nop
	.endm
`;

/** What exception_raise said. */
export interface Raised {
  /** Names in the server's space. */
  readonly thread: number;
  readonly task: number;
  readonly reply: number;
  readonly exception: number;
  readonly code: number;
  readonly subcode: number;
}

/** A thread's registers as a flavor-1 state has them, by their names. */
export type State = Record<keyof typeof savedState.offset, number>;
const FIELDS = Object.keys(savedState.offset) as (keyof State)[];

export class Parent {
  readonly server: Caller;
  readonly exceptions: number;
  readonly #symbols: ReadonlyMap<string, number>;

  private constructor(server: Caller, symbols: ReadonlyMap<string, number>) {
    this.server = server;
    this.#symbols = symbols;
    this.exceptions = server.receive();
    this.code("mach_port_insert_right", server.self, {
      name: this.exceptions,
      poly: { name: MACH_MSG_TYPE.MACH_MSG_TYPE_MAKE_SEND, value: this.exceptions },
    });
  }

  /** A server whose memory has `text`, for children to inherit. */
  static async boot(text: string): Promise<Parent> {
    const server = await Caller.boot();
    const prelude = { file: "prelude.s", text: PRELUDE };
    const object = assemble({ file: "child.s", text }, { symbols: abiSymbols(), prelude });
    const image = link([object], { text: TEXT, data: DATA });
    loadImage(server.k, server.task, image, "child.s");
    mapPages(server.k, server.task, STACK, 0x4000, "userData");
    mapPages(server.k, server.task, SCRATCH, 0x1000, "userData");
    return new Parent(server, image.symbols);
  }

  symbol(name: string): number {
    return this.#symbols.get(name)!;
  }
  /** A call that must not fail. */
  code(routine: string, port: number, values = {}): Record<string, unknown> {
    const reply = this.server.call(port, routine, values);
    expect([routine, reply.code]).toEqual([routine, 0]);
    return reply.values;
  }

  /** A child whose exceptions come here; no thread runs in it yet. */
  fork(): { readonly task: number; readonly thread: number } {
    const { server } = this;
    const made = this.code("task_create", server.self, { inherit_memory: 1 });
    const task = made["child_task"] as number;
    this.code("task_set_special_port", task, { which_port: 3, special_port: this.exceptions });
    const { child_thread: thread } = this.code("thread_create", task);
    return { task, thread: thread as number };
  }
  /** Lets a new thread begin at a symbol. */
  begin(thread: number, symbol: string, registers: Partial<State> = {}): void {
    const at = this.symbol(symbol);
    const start = { iioq_head: at, iioq_tail: at + 4, r30: STACK + 0x100, ...registers };
    this.setState(thread, start);
    this.resume(thread);
  }
  /** Lets a thread run, and everybody until nobody can. */
  resume(thread: number): void {
    this.code("thread_resume", thread);
    this.server.k.run({ cycles: 1_000_000 });
  }
  state(thread: number): State {
    const values = this.code("thread_get_state", thread, { flavor: 1, old_stateCnt: 60 });
    const words = values["old_state"] as number[];
    return Object.fromEntries(FIELDS.map((field, i) => [field, words[i]!])) as State;
  }
  /** Changes some of a thread's registers. */
  setState(thread: number, changes: Partial<State>): void {
    const state = { ...this.state(thread), ...changes };
    const new_state = FIELDS.map((field) => state[field]);
    this.code("thread_set_state", thread, { flavor: 1, new_state });
  }

  /** The exception that has been raised; undefined for none. */
  raised(): Raised | undefined {
    const got = receiveFrom(this.server, this.exceptions);
    if (!got) return undefined;
    expect(got.routine).toBe("2400");
    const word = (offset: number): number => got.message.read32(offset);
    return {
      thread: word(28),
      task: word(36),
      reply: word(8),
      exception: word(44),
      code: word(52),
      subcode: word(60),
    };
  }
  /** Sends any message. */
  post(...words: number[]): number {
    this.server.put(SCRATCH, ...words);
    const { MACH_SEND_MSG } = MACH_MSG_OPTION;
    const args = [SCRATCH, MACH_SEND_MSG, 4 * words.length, 0, 0, 0, 0];
    return this.server.trap(MACH_TRAP.TRAP_MACH_MSG | 0, ...args);
  }
  /** Answers exception_raise. */
  answer({ reply }: Raised, code: number): void {
    const type = MACH_MSG_TYPE.MACH_MSG_TYPE_MOVE_SEND_ONCE;
    expect(this.post(type, 0, reply, 0, 0, 2500, 0x02200018, code)).toBe(0);
    this.server.k.run({ cycles: 1_000_000 });
  }
}
