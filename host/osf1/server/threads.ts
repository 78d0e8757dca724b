/**
 * The server's own threads: those that serve messages, of which there are always some that wait, and
 * those with business of their own. Each has a stack for good.
 */
import { serviceStack } from "../../abi/kernel.ts";
import { SERVICE_STACK } from "../../abi/uthread.ts";
import { panic } from "../../diagnostic.ts";
import type { Work, WorkServer } from "../../mach/interface.ts";
import * as mach from "./mach.ts";
import { Uthread } from "./uthread.ts";

const { SERVICE_STACK_SIZE, THREAD_STACKS } = SERVICE_STACK;
/** Room for the caller's frame marker and arguments that a first procedure expects. */
const FIRST_FRAME = 64;

export class ServerThreads {
  readonly #server: WorkServer;
  /** The server's own task port, and the port set that is served. */
  readonly #self: number;
  readonly #set: number;
  /** Stacks given out; the first thread has the first. */
  #stacks = 1;
  /** Service threads that are in no call. */
  #idle = 1;

  constructor(server: WorkServer, self: number, set: number) {
    this.#server = server;
    this.#self = self;
    this.#set = set;
  }

  /** A call has begun on a service thread: there shall be another for the next. */
  *busy(thread: Uthread): Work<void> {
    this.#idle -= 1;
    if (this.#idle === 0 && this.#stacks < THREAD_STACKS) {
      this.#idle += 1;
      yield* this.#create(thread, "service_thread", { r26: this.#set });
    }
  }
  /** The call is over. */
  idle(): void {
    this.#idle += 1;
  }

  /** Starts a thread for what comes to a port set of its own. */
  *service(thread: Uthread, set: number): Work<void> {
    yield* this.#create(thread, "service_thread", { r26: set });
  }

  /** Starts a thread that calls a work function once, which does not return. */
  *worker(thread: Uthread, routine: number, argument: number): Work<void> {
    yield* this.#create(thread, "worker_thread", { r3: routine, r4: argument });
  }

  *#create(thread: Uthread, entry: string, registers: mach.Registers): Work<void> {
    const first = this.#server.symbol("thread_stacks");
    const stack = new Uthread(this.#server, first + this.#stacks * SERVICE_STACK_SIZE);
    if (this.#stacks >= THREAD_STACKS) panic("osf1: no stack is left for a thread");
    this.#stacks += 1;
    stack.initialize();
    const made = yield* mach.must("thread_create", mach.thread_create(thread, this.#self));
    const state = {
      ...registers,
      iioq_head: this.#server.symbol(entry),
      r30: stack.stack + serviceStack.size + FIRST_FRAME,
    };
    yield* mach.succeed("thread_set_state", mach.setRegisters(thread, made, state));
    yield* mach.succeed("thread_resume", mach.thread_resume(thread, made));
    yield* mach.mach_port_deallocate(thread, this.#self, made);
  }
}
