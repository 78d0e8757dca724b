/**
 * How calls wait inside the server: each stack has a port; its thread receives there until another
 * sends it an empty message. That is how C threads block a wired thread, and as a client's thread that
 * has trapped is nobody else's, it is the only way for one. What woke a sleeper is kept here, since
 * Unix's `wakeup` takes no time: the messages are sent when the waker next waits or is done.
 */
import { MACH_MSG_OPTION, MACH_MSG_RETURN, MACH_MSG_TYPE, MACH_PORT } from "../../abi/mach.ts";
import { panic } from "../../diagnostic.ts";
import type { Work } from "../../mach/interface.ts";
import type { Awakening } from "../unix/call.ts";
import { mach_port_allocate, mach_task_self, must } from "./mach.ts";
import type { Uthread } from "./uthread.ts";

const HEADER = 24;

interface Sleeper {
  readonly thread: Uthread;
  readonly channel: object;
  /** Whose signals interrupt it. */
  readonly process: object | undefined;
  result: Awakening | undefined;
  /** Whether it has a port at which it will be told. */
  hasPort: boolean;
}

export class Sleepers {
  readonly #byChannel = new Map<object, Set<Sleeper>>();
  readonly #byProcess = new Map<object, Set<Sleeper>>();
  /** Those whose message is still to be sent. */
  #woken: Sleeper[] = [];

  /** Waits for `wakeup` of a channel, for a signal to a process, or for so many milliseconds. */
  *sleep(
    thread: Uthread,
    channel: object,
    process?: object,
    milliseconds?: number,
  ): Work<Awakening> {
    const hasPort = thread.words.uu_wait_port !== 0;
    const sleeper: Sleeper = { thread, channel, process, result: undefined, hasPort };
    add(this.#byChannel, channel, sleeper);
    if (process) add(this.#byProcess, process, sleeper);
    // Somebody may have woken it while it made its port.
    const port = yield* waitPort(thread);
    if (!hasPort && sleeper.result !== undefined) return sleeper.result;
    sleeper.hasPort = true;
    const kr = yield* receive(thread, port, milliseconds);
    if (kr === MACH_MSG_RETURN.MACH_RCV_TIMED_OUT) {
      if (sleeper.result === undefined) {
        this.#forget(sleeper);
        return "timed-out";
      }
      // Woken in the meantime: its message is on the way, and must not wake the next sleep.
      yield* receive(thread, port, undefined);
    } else if (kr !== 0) panic(`osf1: a sleeper's receive returned ${kr}`);
    return sleeper.result ?? panic("osf1: a message at a sleeper's port that nobody sent");
  }

  wakeup(channel: object): void {
    for (const sleeper of this.#byChannel.get(channel) ?? []) this.#wake(sleeper, "awakened");
  }

  /** Ends the interruptible sleeps of a process. Returns whether there were any. */
  interrupt(process: object): boolean {
    const sleepers = [...(this.#byProcess.get(process) ?? [])];
    for (const sleeper of sleepers) this.#wake(sleeper, "interrupted");
    return sleepers.length > 0;
  }

  /** Whether messages are due. */
  get isDue(): boolean {
    return this.#woken.length > 0;
  }

  /** Sends them, on whoever's thread. */
  *settle(thread: Uthread): Work<void> {
    while (this.#woken.length > 0) {
      const woken = this.#woken;
      this.#woken = [];
      for (const { thread: target } of woken) yield* send(thread, target.words.uu_wait_port);
    }
  }

  #wake(sleeper: Sleeper, result: Awakening): void {
    sleeper.result = result;
    this.#forget(sleeper);
    if (sleeper.hasPort) this.#woken.push(sleeper);
  }

  #forget(sleeper: Sleeper): void {
    remove(this.#byChannel, sleeper.channel, sleeper);
    if (sleeper.process) remove(this.#byProcess, sleeper.process, sleeper);
  }
}

function add(map: Map<object, Set<Sleeper>>, key: object, sleeper: Sleeper): void {
  const known = map.get(key);
  if (known) known.add(sleeper);
  else map.set(key, new Set([sleeper]));
}

function remove(map: Map<object, Set<Sleeper>>, key: object, sleeper: Sleeper): void {
  const known = map.get(key);
  known?.delete(sleeper);
  if (known?.size === 0) map.delete(key);
}

/** The port of a stack, made when its first thread waits. */
function* waitPort(thread: Uthread): Work<number> {
  if (thread.words.uu_wait_port === 0) {
    const task = yield* mach_task_self(thread);
    thread.words.uu_wait_port = yield* must(
      "mach_port_allocate",
      mach_port_allocate(thread, task, MACH_PORT.MACH_PORT_RIGHT_RECEIVE),
    );
  }
  return thread.words.uu_wait_port;
}

function* receive(thread: Uthread, port: number, milliseconds: number | undefined): Work<number> {
  const message = thread.words.addressOf("uu_message");
  const timed = milliseconds === undefined ? 0 : MACH_MSG_OPTION.MACH_RCV_TIMEOUT;
  const option = MACH_MSG_OPTION.MACH_RCV_MSG | timed;
  return yield* thread.call("mach_msg", message, option, 0, 64, port, milliseconds ?? 0, 0);
}

/** Sends the empty message. */
function* send(thread: Uthread, port: number): Work<void> {
  const { memory } = thread.server;
  const message = thread.words.addressOf("uu_message");
  const bits = MACH_MSG_TYPE.MACH_MSG_TYPE_MAKE_SEND; // of the destination; there is no reply port
  [bits, HEADER, port, 0, 0, 0].forEach((word, i) => memory.write32(message + 4 * i, word));
  const option = MACH_MSG_OPTION.MACH_SEND_MSG;
  const kr = yield* thread.call("mach_msg", message, option, HEADER, 0, 0, 0, 0);
  if (kr !== 0) panic(`osf1: waking a thread returned ${kr}`);
}
