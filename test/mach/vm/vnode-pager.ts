/** A file's pager in a task of its own, all of whose doings are messages; and who maps the file. */
import { expect } from "vitest";
import { KERN_RETURN, MACH_MSG_TYPE, MACH_TRAP, VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { Caller, far, receiveFrom, type Received } from "./caller.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { VM_PROT_DEFAULT, VM_PROT_ALL } = VM_PROT;
export const AT = 0x50000000;
/** Where the pager puts a page before it sends it. */
const WINDOW = 0x60000000;
/** `memory_object_copy_strategy_t`. */
export const [NONE, CALL, DELAY] = [0, 1, 2];
export const nobody = 0;

export class VnodePager {
  readonly task: Caller;
  readonly port: number;
  readonly pages = new Map<number, number>();
  readonly log: string[] = [];
  /** Keeps all of a page that comes back, not only its first word. */
  wholePages = false;
  readonly #whole = new Map<number, Uint8Array>();
  control = 0;
  name = 0;
  precious = 0;
  lock = 0;
  /** What each file page begins with; no more pages than these. */
  constructor(task: Caller, words: readonly number[], port = task.receive()) {
    this.task = task;
    this.port = port;
    const insert = [task.self, port, port, MACH_MSG_TYPE.MACH_MSG_TYPE_MAKE_SEND];
    expect(task.trap(MACH_TRAP.TRAP_MACH_PORT_INSERT_RIGHT, ...insert)).toBe(0);
    words.forEach((word, i) => this.pages.set(i * PAGE_SIZE, word));
  }

  map(client: Caller, pages: number, { copy = 0, address = AT, inheritance = 1 } = {}): void {
    const pending = this.task.beginCall(this.task.taskPort(client.task), "vm_map", {
      ...{ address, size: pages * PAGE_SIZE, mask: 0, anywhere: 0 },
      memory_object: this.port,
      ...{ offset: 0, copy, cur_protection: VM_PROT_DEFAULT, max_protection: VM_PROT_ALL },
      inheritance,
    });
    expect(pending.result()?.code).toBe(KERN_RETURN.KERN_SUCCESS);
  }
  say(routine: string, values: Record<string, unknown>, how = {}): void {
    expect(this.task.call(this.control, routine, values as never, how).code).toBe(0);
  }
  ready(copy_strategy = DELAY, may_cache = 0): void {
    this.say("memory_object_ready", { may_cache, copy_strategy });
  }
  supply(offset: number, word: number): void {
    const whole = this.#whole.get(offset);
    this.task.call(this.task.self, "vm_allocate", {
      ...{ address: WINDOW, size: PAGE_SIZE, anywhere: 0 },
    });
    if (whole) this.task.write(WINDOW, whole);
    this.task.put(WINDOW, word);
    const data = far(WINDOW, PAGE_SIZE, true);
    const { lock: lock_value, precious } = this;
    this.say("memory_object_data_supply", { offset, data, lock_value, precious, reply_to: nobody });
    expect(this.task.word(WINDOW)).toBeUndefined(); // the deallocate bit took it
  }
  /** The next message, if there is one. */
  next(): Received | undefined {
    const received = receiveFrom(this.task, this.port);
    if (received) this.log.push(received.routine.replace("memory_object_", ""));
    return received;
  }
  /** Serves until nobody asks for anything. */
  serve(): void {
    for (let told = this.next(); told; told = this.next()) this.answer(told);
  }
  answer({ routine, values }: Received): void {
    const offset = values!["offset"] as number;
    switch (routine) {
      case "memory_object_init":
        this.control = values!["memory_control"] as number;
        this.name = values!["memory_object_name"] as number;
        return;
      case "memory_object_data_request": {
        const word = this.pages.get(offset);
        if (word !== undefined) return this.supply(offset, word);
        return this.say("memory_object_data_unavailable", { offset, size: PAGE_SIZE });
      }
      case "memory_object_data_unlock":
        return this.say("memory_object_lock_request", {
          ...{ offset, size: PAGE_SIZE, should_return: 0, should_flush: 0, lock_value: 0 },
          reply_to: nobody,
        });
      case "memory_object_data_write":
      case "memory_object_data_return": {
        const { address, count } = values!["data"] as { address: number; count: number };
        expect(count).toBe(PAGE_SIZE);
        this.pages.set(offset, this.task.word(address)!);
        if (this.wholePages) this.#whole.set(offset, this.task.read(address, count)!);
        this.task.call(this.task.self, "vm_deallocate", { address, size: count });
        return;
      }
      case "memory_object_terminate":
        for (const which of ["memory_control", "memory_object_name"]) {
          const name = values![which] as number;
          const destroy = this.task.call(this.task.self, "mach_port_destroy", { name });
          expect(destroy.code).toBe(0);
        }
        return;
    }
  }
}

export async function file(words: readonly number[], options = {}) {
  const task = await Caller.boot(options);
  const pager = new VnodePager(task, words);
  const { k } = task;
  return { k, task, pager, client: task.another(), other: task.another() };
}
/** Lets a touch happen, with the pager's help; its word. */
export function touched(pager: VnodePager, caller: Caller, ...args: [number, ...number[]]): number {
  const touch = caller.beginTouch(...args);
  for (let i = 0; i < 100 && touch.result() === undefined; i++) {
    pager.serve();
    pager.task.k.run({ cycles: caller.patience });
  }
  return touch.result()!;
}
