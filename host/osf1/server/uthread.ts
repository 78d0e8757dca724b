/**
 * A stack of the server's and its `uthread` (abi/uthread.ts), as work functions use them: room for
 * results, the ports at which its thread waits, and procedures of the server's text.
 */
import { serviceStack } from "../../abi/kernel.ts";
import { SERVICE_STACK, uthread } from "../../abi/uthread.ts";
import type { View } from "../../abi/struct.ts";
import { panic } from "../../diagnostic.ts";
import type { Work, WorkServer } from "../../mach/interface.ts";

const { SERVICE_STACK_SIZE, UTHREAD_OFFSET, TRAP_STACKS } = SERVICE_STACK;

/** The stack that an address is on. */
export const stackOf = (address: number): number => address - (address % SERVICE_STACK_SIZE);

export class Uthread {
  readonly server: WorkServer;
  /** Address of the stack. */
  readonly stack: number;
  readonly words: View<typeof uthread.fields>;
  #used = 0;

  constructor(server: WorkServer, stack: number) {
    this.server = server;
    this.stack = stack;
    this.words = uthread.at(server.memory, stack + UTHREAD_OFFSET);
  }

  /** Whether this stack serves clients that trap. */
  get isTrapping(): boolean {
    const first = this.server.symbol("service_stacks");
    return this.stack < first + TRAP_STACKS * SERVICE_STACK_SIZE;
  }

  /** Makes an own thread's stack look like a cthread stack. The kernel does that for trapping clients. */
  initialize(): void {
    serviceStack.at(this.server.memory, this.stack).self = this.stack;
  }

  /** Calls a procedure of the server's text; the result is r28. */
  *call(procedure: string | number, ...values: readonly number[]): Work<number> {
    const address = typeof procedure === "string" ? this.server.symbol(procedure) : procedure;
    return (yield { kind: "call", address, arguments: values }) >>> 0;
  }

  /**
   * Room of `length` bytes for a call's results, until `action` is over. Calls nest; what one has, no
   * other gets.
   */
  *scratch<T>(length: number, action: (address: number) => Work<T>): Work<T> {
    const size = Math.ceil(length / 8) * 8;
    const [, room] = uthread.fields.uu_scratch;
    if (this.#used + size > room) panic(`uthread: no room for ${length} bytes`);
    const address = this.words.addressOf("uu_scratch") + this.#used;
    this.#used += size;
    try {
      return yield* action(address);
    } finally {
      this.#used -= size;
    }
  }

  word(address: number): number {
    return this.server.memory.read32(address);
  }
}
