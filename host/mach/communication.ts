/**
 * How often a server and everybody else call, by which mechanism, and what kinds of messages they send:
 * the rows of the paper's Tables 7 and 8. Every system call passes one place of kernel text, where the
 * machine stops for who counts; the registers, and the message that they name, say the rest. It takes no
 * simulated time and changes nothing. Replies are their requests' and not counted; nor is a receipt.
 */
import { emlDispatch, IE } from "../abi/kernel.ts";
import {
  MACH_MSG_OPTION,
  MACH_MSG_TYPE,
  MACH_MSGH_BITS,
  MACH_TRAP,
  machMsgHeader,
} from "../abi/mach.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { ipc_entry_lookup } from "./ipc/entry.ts";
import { NULL } from "./ipc/names.ts";
import { ip_active } from "./ipc/object.ts";
import type { Kernel } from "./kernel.ts";
import { entryAt, portAt, taskAt, threadAt } from "./kern/views.ts";

export interface CommunicationCounts {
  /** System calls that the task's emulator got. */
  emulationTraps: number;
  /** Calls of an in-kernel server by trap, and of one that would not have them. */
  inksTraps: number;
  refusedTraps: number;
  /** Mach's own system calls but mach_msg. */
  machTraps: number;
  /** Messages with an answer: with words only, or with rights or memory out of line, either way. */
  syncSimple: number;
  syncComplex: number;
  /** Messages without. */
  asyncSend: number;
  /** Of all these messages, those to a task instead of the kernel. */
  toTasks: number;
  /** Messages of a task to itself, by which its threads wake each other. */
  toSelf: number;
}

const none = (): CommunicationCounts => ({
  ...{ emulationTraps: 0, inksTraps: 0, refusedTraps: 0, machTraps: 0 },
  ...{ syncSimple: 0, syncComplex: 0, asyncSend: 0, toTasks: 0, toSelf: 0 },
});

const { MACH_SEND_MSG, MACH_RCV_MSG } = MACH_MSG_OPTION;
const COMPLEX = MACH_MSGH_BITS.MACH_MSGH_BITS_COMPLEX;
/** The destination's part of msgh_bits. */
const REMOTE = 0xff;

export class Communication {
  readonly user = none();
  readonly server = none();
  readonly #k: Kernel;
  readonly #serverTask: number;

  private constructor(k: Kernel, serverTask: number) {
    this.#k = k;
    this.#serverTask = serverTask;
  }

  /** Counts from now on; calls of `serverTask` are the server's, all others users'. */
  static of(k: Kernel, serverTask: number): Communication {
    const communication = new Communication(k, serverTask);
    k.machine.addBreakpoint(k.symbol("syscall_entry"), MEMORY_MAP.KERNEL_SPACE);
    k.communication = communication;
    return communication;
  }

  /** A system call: the machine is about to enter the kernel. */
  pass(): void {
    const k = this.#k;
    const { machine } = k;
    const { task } = threadAt(k, k.cpu.active_thread);
    // A server in the kernel calls with privilege 0, whoever's thread it has.
    const isServers = task === this.#serverTask || (machine.gr(31) & 3) === 0;
    const counts = isServers ? this.server : this.user;
    const number = machine.gr(22) | 0;
    if (number === (MACH_TRAP.TRAP_MACH_MSG | 0)) this.#message(counts, task);
    else if (number < 0) counts.machTraps += 1;
    else if (number >= MACH_TRAP.INKS_FIRST_TRAP)
      counts[this.#isServed(task) ? "inksTraps" : "refusedTraps"] += 1;
    else if (this.#isEmulated(task, number)) counts.emulationTraps += 1;
  }

  #isEmulated(task: number, number: number): boolean {
    const { memory } = this.#k;
    const { eml_dispatch } = taskAt(this.#k, task);
    if (eml_dispatch === NULL) return false;
    const { min, count } = emlDispatch.at(memory, eml_dispatch);
    const index = number - min;
    if (index < 0 || index >= count) return false;
    return memory.read32(eml_dispatch + emlDispatch.offset.vector + 4 * index) !== 0;
  }

  /** Whether the port that a trap names is the server's, and it has registered. */
  #isServed(task: number): boolean {
    const k = this.#k;
    const { inks, itk_space } = taskAt(k, this.#serverTask);
    return inks !== 0 && this.#receiver(task, k.machine.gr(26)) === itk_space;
  }

  /** The space that receives what a task sends to a name. */
  #receiver(task: number, name: number): number | undefined {
    const k = this.#k;
    const entry = ipc_entry_lookup(k, taskAt(k, task).itk_space, name);
    if (entry === NULL) return undefined;
    const { ie_bits, ie_object } = entryAt(k, entry);
    const isPort = (ie_bits & IE.IE_BITS_SEND_RECEIVE) !== 0;
    return isPort && ip_active(k, ie_object) ? portAt(k, ie_object).ip_receiver : undefined;
  }

  /** mach_msg(message, option, …). */
  #message(counts: CommunicationCounts, task: number): void {
    const k = this.#k;
    const { machine } = k;
    const [message, option] = [machine.gr(26), machine.gr(25)];
    if ((option & MACH_SEND_MSG) === 0) return;
    const place = k.physical(k.spaceOf(task), message);
    if (place === undefined) return;
    const { msgh_bits, msgh_remote_port, msgh_id } = machMsgHeader.at(k.memory, place);
    if ((msgh_bits & REMOTE) === MACH_MSG_TYPE.MACH_MSG_TYPE_MOVE_SEND_ONCE) return;
    const receiver = this.#receiver(task, msgh_remote_port);
    if (receiver === taskAt(k, task).itk_space) {
      counts.toSelf += 1;
      return;
    }
    if (receiver !== k.cpu.ipc_space_kernel) counts.toTasks += 1;
    if ((option & MACH_RCV_MSG) === 0) counts.asyncSend += 1;
    else if ((msgh_bits & COMPLEX) !== 0 || this.#answersComplex(msgh_id)) counts.syncComplex += 1;
    else counts.syncSimple += 1;
  }

  /** Whether the kernel's answer to a request has rights or memory out of line. */
  #answersComplex(id: number): boolean {
    const { reply } = this.#k.interfaces.routine(id)?.description ?? {};
    return reply?.sentSimple === false;
  }
}
