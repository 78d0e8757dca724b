/**
 * The pages by which the server tells the emulator of each process what it may answer by itself
 * (`emulator_info`): one memory object of the server's, which it maps itself to write to. A process has
 * its page of it to read only, and may not ask for more: a program that writes there gets SIGSEGV.
 * What a page says can always be said again, so nothing that the kernel returns is kept.
 * After LITES's mapped user area.
 */
import { MACH_MSG_TYPE, MACH_PORT, MIG_RETURN, VM_INHERIT, VM_PROT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { EMULATOR, emulatorInfo } from "../../abi/osf1.ts";
import { ArrayBytes } from "../../abi/struct.ts";
import type { Work, WorkEntry } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import type { Process } from "../unix/process.ts";
import { signalWaits } from "../unix/signals/pending.ts";
import * as mach from "./mach.ts";
import * as objects from "./mach-objects.ts";
import type { Uthread } from "./uthread.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { MIG_NO_REPLY } = MIG_RETURN;
/** Pages: more than processes can have tasks. */
const PAGES = 256;

export class InformationPages {
  readonly #self: number;
  /** The port set of the pagers' thread. */
  readonly #set: number;
  /** The memory object's port, and where the server has it mapped. */
  #port = 0;
  #address = 0;
  /** Whose page is whose. */
  readonly #owners: (Process | undefined)[] = Array.from({ length: PAGES }, () => undefined);

  constructor(self: number, set: number) {
    this.#self = self;
    this.#set = set;
  }

  /** Makes the object and maps it; there must be a thread by now that serves it. */
  *open(thread: Uthread): Work<void> {
    const self = this.#self;
    const port = yield* mach.must(
      "mach_port_allocate",
      mach.mach_port_allocate(thread, self, MACH_PORT.MACH_PORT_RIGHT_RECEIVE),
    );
    const { MACH_MSG_TYPE_MAKE_SEND } = MACH_MSG_TYPE;
    const right = mach.mach_port_insert_right(thread, self, port, port, MACH_MSG_TYPE_MAKE_SEND);
    yield* mach.succeed("insert_right", right);
    yield* mach.succeed("move_member", mach.mach_port_move_member(thread, self, port, this.#set));
    this.#port = port;
    const { VM_PROT_DEFAULT } = VM_PROT;
    this.#address = yield* mach.must(
      "vm_map",
      objects.vm_map_object(thread, self, {
        ...{ memoryObject: port, offset: 0, address: 0, length: PAGES * PAGE_SIZE },
        ...{ anywhere: true, copy: false, protection: VM_PROT_DEFAULT, most: VM_PROT_DEFAULT },
        inheritance: VM_INHERIT.VM_INHERIT_NONE,
      }),
    );
  }

  /** Gives a process's task its page, which says what it has to. @throws UnixError EAGAIN */
  *give(thread: Uthread, task: number, process: Process): Work<void> {
    const page = this.#owners.indexOf(undefined);
    if (page < 0) throw new UnixError("EAGAIN");
    this.#owners[page] = process;
    yield* this.tell(thread, process);
    const { VM_PROT_READ } = VM_PROT;
    const mapped = yield* objects.vm_map_object(thread, task, {
      ...{ memoryObject: this.#port, offset: page * PAGE_SIZE, length: PAGE_SIZE },
      ...{ address: EMULATOR.EMULATOR_INFO, anywhere: false, copy: false },
      ...{ protection: VM_PROT_READ, most: VM_PROT_READ },
      inheritance: VM_INHERIT.VM_INHERIT_NONE,
    });
    if ("value" in mapped) return;
    this.take(process);
    throw new UnixError("EAGAIN");
  }

  /** Takes the page back from a process whose task is gone. */
  take(process: Process): void {
    const page = this.#owners.indexOf(process);
    if (page >= 0) this.#owners[page] = undefined;
  }

  /** Writes a process's page: executed text stores the words. */
  *tell(thread: Uthread, process: Process): Work<void> {
    const page = this.#owners.indexOf(process);
    if (page < 0) return;
    const bytes = information(process);
    const at = this.#address + page * PAGE_SIZE;
    yield* thread.scratch(bytes.length, function* (room): Work<void> {
      thread.server.memory.write(room, bytes);
      yield* thread.call("bcopy", room, at, bytes.length);
    });
  }

  /** Whether a memory object's port is this one's. */
  serves(port: number): boolean {
    return port === this.#port;
  }

  /** memory_object_init(memory_object, memory_control, memory_object_name, page_size). */
  *init(thread: Uthread, entry: WorkEntry): Work<number> {
    yield* mach.mach_port_deallocate(thread, this.#self, entry.argument(2));
    const { memory_object_ready, MEMORY_OBJECT_COPY_NONE } = objects;
    yield* memory_object_ready(thread, entry.argument(1), false, MEMORY_OBJECT_COPY_NONE);
    return MIG_NO_REPLY;
  }

  /** memory_object_data_request(memory_object, memory_control, offset, length, desired_access). */
  *dataRequest(thread: Uthread, entry: WorkEntry): Work<number> {
    const [control, offset] = [entry.argument(1), entry.argument(2)];
    const self = this.#self;
    const room = yield* mach.must(
      "vm_allocate",
      mach.vm_allocate(thread, self, 0, PAGE_SIZE, true),
    );
    const owner = this.#owners[offset / PAGE_SIZE];
    // In place: the page is to be touched, or there is nothing to give.
    const bytes = owner === undefined ? new Uint8Array(emulatorInfo.size) : information(owner);
    yield* thread.scratch(bytes.length, function* (from): Work<void> {
      thread.server.memory.write(from, bytes);
      yield* thread.call("bcopy", from, room, bytes.length);
    });
    yield* objects.memory_object_data_supply(thread, control, offset, room, PAGE_SIZE);
    yield* mach.mach_port_deallocate(thread, self, control);
    return MIG_NO_REPLY;
  }
}

/** The bytes of a process's `emulator_info`. */
function information(process: Process): Uint8Array {
  const bytes = new Uint8Array(emulatorInfo.size);
  const view = emulatorInfo.at(new ArrayBytes(bytes), 0);
  view.pid = process.pid;
  view.ppid = process.ppid;
  view.signals = Number(signalWaits(process));
  return bytes;
}
