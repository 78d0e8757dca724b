/**
 * execve on a task: its memory goes, but for the emulator; the program's segments, brought page by page
 * when they are looked at, and a stack come, and
 * the thread goes on at the entry. The binary interface of a program is told by the numbers that it
 * calls by, so any program starts alike: with the stack that static glibc programs expect.
 */
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { KERN_RETURN, VM_PROT } from "../../abi/mach.ts";
import { EMULATOR, EMULATOR_FRAME, emulatorState, PROCESS_MAP } from "../../abi/osf1.ts";
import { startStack } from "../../abi/linux/start-stack.ts";
import { ArrayBytes } from "../../abi/struct.ts";
import type { Work } from "../../mach/interface.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Image, ImageRegion, Program } from "../unix/call.ts";
import { pageUp } from "../unix/constants.ts";
import type { ServerCall } from "./call.ts";
import { type Executable, readExecutable, type Segment } from "./executable.ts";
import * as mach from "./mach.ts";
import { machProcess } from "./mach-process.ts";
import { perform } from "./perform.ts";
import { write } from "./process-memory.ts";
import type { MachTasks } from "./tasks.ts";
import type { Uthread } from "./uthread.ts";
import { isPageable } from "./vnode-pager.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { EMULATOR_BASE, EMULATOR_END, EMULATOR_TEXT } = EMULATOR;
const { PROCESS_STACK, PROCESS_STACK_END, PROCESS_END } = PROCESS_MAP;
/** The most that arguments and environment may take. */
const ARGUMENTS_MOST = 0x40000;
/** Clock ticks a second, as programs are told (AT_CLKTCK). */
const TICKS = 100;

const down = (address: number): number => address - (address % PAGE_SIZE);

/** Gives the calling process, or the first process before it begins, a program. */
export function* exec(tasks: MachTasks, call: ServerCall, program: Program): Blocking<Image> {
  const { process } = call;
  const { task, thread: target } = machProcess(process);
  const executable = yield* readExecutable(program.object, EMULATOR_BASE);
  if (executable.segments.some(overlapsStack)) throw new UnixError("ENOEXEC");
  const stack = stackOf(tasks, process, program, executable);
  if (stack.bytes.length > ARGUMENTS_MOST) throw new UnixError("E2BIG");

  const { self } = tasks.ports;
  yield* perform(function* (thread): Work<void> {
    yield* mach.vm_deallocate(thread, task, 0, EMULATOR_BASE);
    yield* mach.vm_deallocate(thread, task, EMULATOR_END, PROCESS_END - EMULATOR_END);
    yield* gatewayPage(thread, task);
  });
  const regions = regionsOf(executable.segments);
  for (const region of regions) yield* load(tasks, task, region, program);
  const room = Math.min(process.limits.RLIMIT_STACK.soft, PROCESS_STACK_END - PROCESS_STACK);
  const stackRegion = {
    address: PROCESS_STACK,
    length: pageUp(Math.max(room, stack.bytes.length + 16 * PAGE_SIZE)),
    protection: VM_PROT.VM_PROT_ALL,
    kind: "stack",
  } as const;
  yield* perform(function* (thread): Work<void> {
    const kr = yield* fresh(thread, task, stackRegion);
    if (kr !== 0) throw new UnixError("ENOMEM");
    const { address, length, protection } = stackRegion;
    yield* mach.succeed("vm_protect", mach.vm_protect(thread, task, address, length, protection));
    const bytes = new Uint8Array(pageUp(stack.bytes.length));
    bytes.set(stack.bytes);
    const written = yield* write(thread, self, task, PROCESS_STACK, bytes);
    if (written !== 0) throw new UnixError("ENOMEM");
  });
  const registers = Object.entries(stack.registers).map(([n, value]) => [`r${n}`, value] as const);
  if (call.state === 0) {
    const state = Object.fromEntries([["iioq_head", executable.entry], ...registers]);
    yield* perform((thread) =>
      mach.succeed("thread_set_state", mach.setRegisters(thread, target, state)),
    );
  } else yield* call.copyoutState(startState(executable.entry, stack.registers));
  return { regions: [...regions, stackRegion], brk: Math.max(...regions.map(end)) };
}

const end = ({ address, length }: ImageRegion): number => address + length;
const overlapsStack = ({ address, size }: Segment): boolean =>
  address < PROCESS_STACK_END && address + size > PROCESS_STACK;

function stackOf(
  tasks: MachTasks,
  process: ServerCall["process"],
  program: Program,
  executable: Executable,
) {
  const { uid, gid, realUid, realGid } = process.credentials;
  return startStack({
    base: PROCESS_STACK,
    arguments: program.arguments,
    environment: program.environment,
    executable: new TextEncoder().encode(program.path),
    random: tasks.randomBytes(16),
    auxiliary: {
      AT_PHDR: executable.headers,
      AT_PHENT: 32,
      AT_PHNUM: executable.headerCount,
      AT_PAGESZ: PAGE_SIZE,
      AT_BASE: 0,
      AT_FLAGS: 0,
      AT_ENTRY: executable.entry,
      AT_UID: realUid,
      AT_EUID: uid,
      AT_GID: realGid,
      AT_EGID: gid,
      AT_HWCAP: 0,
      AT_CLKTCK: TICKS,
      AT_SECURE: Number(program.secure),
    },
  });
}

/** Regions of whole pages; segments that share a page share its rights. */
function regionsOf(segments: readonly Segment[]): LoadedRegion[] {
  const regions: LoadedRegion[] = [];
  for (const segment of segments) {
    const last = regions.at(-1);
    const start = down(segment.address);
    const stop = pageUp(segment.address + segment.size);
    if (last && end(last) > start) {
      last.length = stop - last.address;
      last.protection |= segment.protection;
      last.segments.push(segment);
      continue;
    }
    regions.push({
      address: start,
      length: stop - start,
      protection: segment.protection,
      kind: (segment.protection & VM_PROT.VM_PROT_WRITE) === 0 ? "text" : "data",
      offset: segment.offset - (segment.address - start),
      paged: 0,
      segments: [segment],
    });
  }
  return regions;
}

interface LoadedRegion extends ImageRegion {
  readonly offset: number;
  paged: number;
  length: number;
  protection: number;
  readonly segments: Segment[];
}

/** Bytes of a program that are brought at a time. */
const PIECE = 16 * PAGE_SIZE;

/** The pages of a region that are the file's as they are, from the region's beginning on. */
function filePages({ address, length, offset, segments }: LoadedRegion): number {
  const [only, ...others] = segments;
  if (!only || others.length > 0 || offset < 0 || !isPageable(offset, length)) return 0;
  const fileEnd = only.address + only.fileSize;
  return (only.size === only.fileSize ? pageUp(fileEnd) : down(fileEnd)) - address;
}

function* load(
  tasks: MachTasks,
  task: number,
  region: LoadedRegion,
  program: Program,
): Blocking<void> {
  const { self } = tasks.ports;
  const { object } = program;
  const mapped = Math.max(0, filePages(region));
  region.paged = mapped;
  const { offset, address: start } = region;
  const { protection } = region;
  const range = { address: start, length: mapped, anywhere: false, protection, object, offset };
  const rest = { address: start + mapped, length: region.length - mapped };
  yield* perform(function* (thread): Work<void> {
    const made = mapped === 0 ? { kr: 0, value: 0 } : yield* tasks.pager.map(thread, task, range);
    const kr = made.kr || rest.length === 0 ? made.kr : yield* fresh(thread, task, rest);
    if (kr !== 0) throw new UnixError("ENOMEM");
  });
  if (rest.length === 0) return;
  const fileEnd = Math.max(...region.segments.map(({ address, fileSize }) => address + fileSize));
  for (let at = rest.address; at < fileEnd; at += PIECE) {
    const bytes = new Uint8Array(Math.min(PIECE, pageUp(fileEnd) - at));
    for (const { address, fileSize, offset } of region.segments) {
      const from = Math.max(at, address);
      const to = Math.min(at + bytes.length, address + fileSize);
      if (from < to)
        yield* program.object.read(offset + from - address, bytes.subarray(from - at, to - at));
    }
    const kr = yield* perform((thread) => write(thread, self, task, at, bytes));
    if (kr !== KERN_RETURN.KERN_SUCCESS) throw new UnixError("ENOMEM");
  }
  const { address, length } = rest;
  yield* perform((thread) => mach.vm_protect(thread, task, address, length, region.protection));
}

/** New zeroed pages at a place. */
function* fresh(
  thread: Uthread,
  task: number,
  { address, length }: Pick<ImageRegion, "address" | "length">,
): Work<number> {
  const made = yield* mach.vm_allocate(thread, task, address, length, false);
  return "value" in made ? 0 : made.kr;
}

/** The registers with which the emulator begins the program. */
function startState(entry: number, registers: Readonly<Record<number, number>>): Uint8Array {
  const bytes = new ArrayBytes(new Uint8Array(emulatorState.size));
  for (const [register, value] of Object.entries(registers))
    bytes.write32(emulatorState.offset.gr + 4 * Number(register), value);
  const state = emulatorState.at(bytes, 0);
  state.pc = entry;
  state.pc_back = entry + 4;
  return bytes.bytes;
}

/** Puts the emulator into a task that has nothing yet, and lets the kernel redirect calls to it. */
export function* adoptEmulator(
  thread: Uthread,
  task: number,
  calls: "trap" | "message",
): Work<void> {
  const { server } = thread;
  const from = server.symbol(`${calls}_emulator`);
  const size = server.symbol(`${calls}_emulator_end`) - from;
  const { EMULATOR_STACK } = EMULATOR;
  yield* mach.succeed("vm_allocate", fresh(thread, task, { address: EMULATOR_TEXT, length: size }));
  yield* mach.succeed("vm_write", mach.vm_write(thread, task, EMULATOR_TEXT, from, size));
  const text = VM_PROT.VM_PROT_READ | VM_PROT.VM_PROT_EXECUTE;
  yield* mach.succeed("vm_protect", mach.vm_protect(thread, task, EMULATOR_TEXT, size, text));
  const { EMULATOR_DATA, EMULATOR_DATA_END } = EMULATOR_FRAME;
  const data = { address: EMULATOR_DATA, length: EMULATOR_DATA_END - EMULATOR_DATA };
  yield* mach.succeed("vm_allocate", fresh(thread, task, data));
  const stack = { address: EMULATOR_STACK, length: EMULATOR_END - EMULATOR_STACK };
  yield* mach.succeed("vm_allocate", fresh(thread, task, stack));
  yield* gatewayPage(thread, task);
  const vector = server.symbol(`${calls}_vector`);
  const count = (server.symbol(`${calls}_vector_end`) - vector) / 4;
  yield* mach.succeed(
    "task_set_emulation_vector",
    thread.call("r_task_set_emulation_vector", task, 0, vector, count),
  );
}

/** The page at address 0 by which Linux programs call. */
function* gatewayPage(thread: Uthread, task: number): Work<void> {
  const from = thread.server.symbol("linux_gateway");
  yield* mach.succeed("vm_allocate", fresh(thread, task, { address: 0, length: PAGE_SIZE }));
  yield* mach.succeed("vm_write", mach.vm_write(thread, task, 0, from, PAGE_SIZE));
  // Nothing but executed, so that null pointers fault.
  const access = VM_PROT.VM_PROT_EXECUTE;
  yield* mach.succeed("vm_protect", mach.vm_protect(thread, task, 0, PAGE_SIZE, access));
}
