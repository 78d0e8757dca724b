/**
 * The kernel on its machine: boot, what the slow paths need of it (`KernelState`), and the loop that
 * runs threads until nobody can run. Objects are in guest memory; what is kept here is the machine,
 * the image, the virtual memory system, and which images were loaded where (for symbols in reports).
 */
import { pcb, savedState } from "../abi/hp700.ts";
import { cpuData, inksServer, pmap as pmapStruct } from "../abi/kernel.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import type { View } from "../abi/struct.ts";
import type { Image } from "../asm/image.ts";
import { panic } from "../diagnostic.ts";
import type { MachineConfig } from "../machine/config.ts";
import { callersMap } from "./inks/taskless.ts";
import type { HazardId } from "./inks/hazards.ts";
import { Machine } from "../machine/machine.ts";
import { withCallers } from "./backtrace.ts";
import type { Communication } from "./communication.ts";
import { loadKernelImage, setUpMachine } from "./boot/machine.ts";
import { Devices } from "./device/device.ts";
import type { Containment } from "./faults/contain.ts";
import { locateSymbol, readGuestState, readSavedState, type GuestState } from "./fault.ts";
import { ipc_space_create_special } from "./ipc/space.ts";
import { Clock } from "./kern/clock.ts";
import { type Procedure, Procedures } from "./kern/procedure.ts";
import type { FloatRegisters } from "./kern/thread-state.ts";
import type { KernelState, MemoryCopies, ZoneName } from "./kern/state.ts";
import { task_create } from "./kern/task.ts";
import { Host } from "./kern/host.ts";
import { Interrupts } from "./kern/interrupts.ts";
import { thread_resume } from "./kern/suspend.ts";
import { thread_create } from "./kern/thread.ts";
import { taskAt, threadAt } from "./kern/views.ts";
import { zone_bootstrap, type ZoneAllocator, type ZoneKey } from "./kern/zone.ts";
import { loadProgram, mapOf, setStart, type Start } from "./load.ts";
import { MachineFloatRegisters } from "./float-registers.ts";
import { postponeWrite } from "./pager-waits.ts";
import { letPass, runKernel } from "./run.ts";
import { Pagers } from "./server/pager.ts";
import { addressSpaces } from "./server/vm-routines.ts";
import { deviceWrites } from "./server/device-writes.ts";
import { OpenDevices } from "./server/device-routines.ts";
import { type KernelInterfaces, kernelInterfaces } from "./server/interfaces.ts";
import { TaskDeaths } from "./task-deaths.ts";
import { RoutineTables } from "./server/routines.ts";
import { ROUTINE_TABLES } from "./server/tables.ts";
import { KERNEL_LAYOUT, kernelImage, type KernelLayout, type TextOptions } from "./text.ts";
import { findPhysical, mappingsOf, pmap_bootstrap } from "./vm/pmap.ts";
import { eachPage, faultIn, runNow, type UserAccess } from "./vm/user-memory.ts";
import { vm_fault } from "./vm/vm-fault.ts";
import { kernelMemoryCopies, kernelVm } from "./vm/kernel-vm.ts";
import { vm_map_create, vm_map_gateway, vm_map_leave, type VmMap } from "./vm/vm-map.ts";
import type { Vm } from "./vm/vm.ts";
import { Works } from "./work.ts";

const { EQUIVALENT_END, KERNEL_SPACE, PAGE_SIZE } = MEMORY_MAP;

export interface KernelOptions extends Partial<TextOptions> {
  /** Laid over the HP 9000/730. */
  readonly machine?: Partial<MachineConfig>;
  /** Where text, data and objects lie; KERNEL_LAYOUT by default. */
  readonly layout?: KernelLayout;
  /**
   * A thread's exception that nobody would be told of ends the run with a report (the default);
   * otherwise its task, as in Mach.
   */
  readonly stopAtExceptions?: boolean;
  /** Pages of the paging space; 64 MB by default. */
  readonly pagingPages?: number;
}

/** A program started by `Kernel.start`. */
export interface Program {
  readonly task: number;
  readonly thread: number;
}

export class Kernel implements KernelState {
  readonly machine: Machine;
  readonly image: Image;
  readonly cpu: View<typeof cpuData.fields>;
  readonly procedures = new Procedures();
  readonly inks_orphans = new Map<number, number>();
  /** What will interrupt the processor. */
  readonly interrupts: Interrupts;
  readonly clock: Clock;
  readonly float_registers: FloatRegisters;
  /** A thread's exception that nobody would be told of ends the run, instead of its task. */
  readonly stopAtExceptions: boolean;
  readonly hazards: readonly HazardId[];
  /** Servers in the kernel have no task of their own; see TextOptions. */
  readonly taskless: boolean;
  /** Who loaded what: for symbols. */
  readonly loaded: { readonly space: number; readonly image: Image }[] = [];
  /** How often text left for each slow path, by ESCAPE number. */
  readonly escapes = new Map<number, number>();
  /** The map and pmap of the kernel, space 0. */
  readonly kernelMap: number;
  readonly host = new Host(this);
  readonly devices = new Devices();
  readonly openDevices = new OpenDevices();
  /** Servers whose work functions are TypeScript. */
  readonly works = new Works(this);
  readonly task_deaths = new TaskDeaths(this);
  readonly containment: Containment = { damaged: false };
  /** Memory objects of tasks. */
  readonly pagers = new Pagers(this);
  readonly interfaces: KernelInterfaces;
  readonly address_spaces = addressSpaces(this);
  readonly device_writes = deviceWrites(this);
  readonly memory_copies: MemoryCopies = kernelMemoryCopies(this);
  /** Who counts the system calls, if anybody does. */
  communication?: Communication;
  /** A task called `host_reboot`: nothing runs any more. */
  halted = false;
  /** The processor is in the idle loop, and an interrupt will end that. */
  idling = false;
  /** The machine's cycles, and those in user mode, when some thread was last charged for them. */
  readonly charged = { cycles: 0, user: 0 };
  /** What `host_get_boot_info` tells. */
  bootInfo = "";
  readonly vm: Vm;
  readonly #routines: RoutineTables;
  readonly #zones: ZoneAllocator;
  #kernelTask = 0;

  /** Boots a machine with this kernel. */
  static async boot(options: KernelOptions = {}): Promise<Kernel> {
    const {
      machine: changes,
      layout = KERNEL_LAYOUT,
      stopAtExceptions = true,
      pagingPages = 16384,
      ...wanted
    } = options;
    const [image, machine, interfaces] = await Promise.all([
      kernelImage(wanted, layout),
      Machine.create(changes),
      kernelInterfaces(),
    ]);
    const { hazards = [], taskless = false } = wanted;
    const choices = { stopAtExceptions, hazards, taskless, pagingPages };
    return new Kernel(machine, image, interfaces, layout.heap, choices);
  }

  private constructor(
    machine: Machine,
    image: Image,
    interfaces: KernelInterfaces,
    heap: number,
    choices: Pick<Kernel, "stopAtExceptions" | "hazards" | "taskless"> & {
      readonly pagingPages: number;
    },
  ) {
    this.hazards = choices.hazards;
    this.taskless = choices.taskless;
    this.machine = machine;
    machine.stateElsewhere = "the kernel's address maps, pagers, devices and waiting procedures";
    this.image = image;
    this.stopAtExceptions = choices.stopAtExceptions;
    this.float_registers = new MachineFloatRegisters(this, machine);
    this.interfaces = interfaces;
    this.#routines = new RoutineTables(interfaces, ROUTINE_TABLES);
    this.interrupts = new Interrupts(machine);
    this.clock = new Clock(this, this.interrupts, () => machine.cycles, machine.config.clockMHz);
    loadKernelImage(machine, image);
    this.cpu = cpuData.at(machine.memory, this.symbol("cpu_data"));
    this.#zones = zone_bootstrap(
      machine.memory,
      {
        kallocZones: this.symbol("kalloc_zones"),
        zones: this.symbol("zones"),
        heap: this.symbol("heap"),
      },
      { base: heap, limit: EQUIVALENT_END },
    );
    pmap_bootstrap(this);
    const { vm, kernelMap } = kernelVm(this, this.symbol("gateway_page"), choices.pagingPages);
    this.vm = vm;
    this.kernelMap = kernelMap.address;
    this.cpu.active_stack = this.symbol("kernel_stack");
    this.cpu.ipc_space_kernel = ipc_space_create_special(this);
    setUpMachine(machine, image);
    this.loaded.push({ space: KERNEL_SPACE, image });
  }

  // What the slow paths need (KernelState).
  get memory() {
    return this.machine.memory;
  }
  zalloc(zone: ZoneName): number {
    return this.#zones.zalloc(zone);
  }
  zfree(zone: ZoneName, address: number): void {
    this.#zones.zfree(zone, address);
  }
  kalloc(size: number): number {
    return this.#zones.kalloc(size);
  }
  kfree(address: number, size: number): void {
    this.#zones.kfree(address, size);
  }
  zexpand(zone: number): boolean {
    return this.#zones.zexpand(zone);
  }
  liveElements(key: ZoneKey): number[] {
    return this.#zones.liveElements(key);
  }
  copyin(task: number, address: number, length: number): Uint8Array | undefined {
    const bytes = new Uint8Array(length);
    const whole = this.#eachPage(task, address, length, "read", (physical, offset, count) =>
      bytes.set(this.memory.bytes(physical, count), offset),
    );
    return whole ? bytes : undefined;
  }
  copyout(task: number, address: number, bytes: Uint8Array): boolean {
    const whole = this.#eachPage(task, address, bytes.length, "write", (physical, offset, count) =>
      this.memory.copyIn(physical, bytes.subarray(offset, offset + count)),
    );
    return whole || postponeWrite(this, task, address, bytes);
  }
  set_timeout(thread: number, milliseconds: number): void {
    this.clock.setTimeout(thread, milliseconds);
  }
  reset_timeout(thread: number): void {
    this.clock.resetTimeout(thread);
  }
  address_space(task: number): { readonly space: number; readonly pid: number } {
    const { space, pid } = this.pmapView(mapOf(this, task));
    return { space, pid };
  }
  set_quantum(contended: boolean): void {
    this.clock.setQuantum(contended);
  }
  set_depression(thread: number, milliseconds: number): void {
    this.clock.setDepression(thread, milliseconds);
  }
  reset_depression(thread: number): void {
    this.clock.resetDepression(thread);
  }
  vm_map_deallocate(map: number, task: number): void {
    vm_map_leave(this.vm, this.#vmMap(map), task);
  }
  readonly share_gateway = (map: number): void => vm_map_gateway(this.vm, map);
  abandon_work(thread: number): void {
    this.works.abandon(thread);
  }
  readonly port_destroyed = (port: number): void => this.pagers.portDestroyed(port);
  readonly no_senders = (port: number): void => this.pagers.created.noSenders(port);
  kobjectReplySize(id: number): number {
    return this.#routines.replySize(id);
  }
  kobjectServer(request: number, reply: number): boolean | Procedure<boolean> {
    return this.#routines.serve(this, request, reply);
  }
  map_sizes(map: number): { readonly virtual: number; readonly resident: number } {
    const { size, pmap } = this.#vmMap(map);
    const { space } = this.pmapView(pmap);
    return { virtual: size, resident: mappingsOf(this.memory, space).length * PAGE_SIZE };
  }

  /**
   * Makes the page at an address of a task usable for an access (VM_PROT bits), if it may be.
   * Returns KERN_SUCCESS, or the code of the exception.
   */
  vm_fault(task: number, address: number, access: number): Procedure<number> {
    return vm_fault(this.vm, this.vmMapOf(task), address, access);
  }
  /** Makes a range of a task usable, so that the next copyin or copyout finds all of it. */
  faultIn(task: number, address: number, length: number, access: UserAccess): Procedure<number> {
    return faultIn(this.vm, this.vmMapOf(task), address, length, access);
  }
  /** Runs a procedure of the VM that only the paging disk can make wait; else undefined. */
  runNow<T>(procedure: Procedure<T>): T | undefined {
    return runNow(procedure, this.#pass);
  }
  /** Time passes for the paging disk without anybody else's turn. */
  readonly #pass = (milliseconds: number): void =>
    letPass(this, milliseconds * this.cycles_per_millisecond);
  get kernelVmMap(): VmMap {
    return this.#vmMap(this.kernelMap);
  }
  vmMapOf(task: number): VmMap {
    return this.#vmMap(taskAt(this, task).map);
  }
  #vmMap(address: number): VmMap {
    return this.vm.maps.get(address) ?? panic(`kernel: no map at ${address}`);
  }

  /** The task of the kernel's own threads; it shares the kernel's map. */
  get kernelTask(): number {
    this.#kernelTask ||= this.createTask("kernel");
    return this.#kernelTask;
  }
  /** Ports that the kernel itself keeps. */
  get kernelPorts(): readonly number[] {
    return [...this.host.ports(), ...this.openDevices.ports(), ...this.pagers.ports()];
  }
  get cycles_per_millisecond(): number {
    return this.machine.config.clockMHz * 1000;
  }

  symbol(name: string): number {
    return this.image.symbols.get(name) ?? panic(`kernel: no symbol ${name}`);
  }
  pmapView(pmap: number) {
    return pmapStruct.at(this.memory, pmap);
  }
  /** The space that a task's addresses are in. */
  spaceOf(task: number): number {
    return this.pmapView(mapOf(this, task)).space;
  }
  /** Where an address of any space lies in memory, as the page tables say. */
  physical(space: number, address: number): number | undefined {
    if (space === KERNEL_SPACE && address < EQUIVALENT_END) return address;
    return findPhysical(this.memory, space, address);
  }
  /** Writes a task's memory whatever its protection: loading, not a guest's access. */
  writeTask(task: number, address: number, bytes: Uint8Array): void {
    const whole = this.#eachPage(task, address, bytes.length, "read", (physical, offset, count) =>
      this.memory.copyIn(physical, bytes.subarray(offset, offset + count)),
    );
    if (!whole) panic(`writeTask: not mapped: ${address}`);
  }

  /** A task with an address space of its own, or a distinct task in the kernel's (paper §2.3). */
  createTask(place: "user" | "kernel"): number {
    const inKernel = place === "kernel";
    const map = inKernel ? this.kernelMap : vm_map_create(this.vm)?.address;
    const task = (map && task_create(this, map, 0)) || panic("createTask: no memory");
    taskAt(this, task).kernel_loaded = Number(inKernel);
    return task;
  }

  /** A suspended thread that will begin at `start`. */
  createThread(task: number, start: Start): number {
    const thread = thread_create(this, task) || panic("createThread: no memory");
    setStart(this, thread, start);
    return thread;
  }

  /**
   * A task with one thread, suspended, that will run `image` from its symbol `_start`, on a stack at
   * `stack` or at the usual place.
   * @throws DiagnosticError when the image lies over memory in use.
   */
  load(image: Image, name: string, place: "user" | "kernel", stack?: number): Program {
    const task = this.createTask(place);
    const thread = thread_create(this, task) || panic("load: no memory");
    return loadProgram(this, { task, thread }, image, name, stack);
  }

  /** Lets a loaded program run, with up to four arguments in r26 to r23. */
  start({ thread }: Program, args: readonly number[]): void {
    const ss = savedState.at(this.memory, threadAt(this, thread).pcb + pcb.offset.ss);
    [ss.r26, ss.r25, ss.r24, ss.r23] = [args[0] ?? 0, args[1] ?? 0, args[2] ?? 0, args[3] ?? 0];
    thread_resume(this, thread);
  }

  /** Runs until nobody can ("idle") or for so many cycles ("limit"): see `runKernel`. */
  run({ cycles }: { readonly cycles: number }): "idle" | "limit" {
    return runKernel(this, cycles);
  }

  /** Continues in kernel text at a symbol. */
  readonly jump = (at: string): void => this.machine.jump(KERNEL_SPACE, this.symbol(at));

  /** What an in-kernel server registered; undefined for other tasks. */
  inksServer(task: number) {
    const { inks } = taskAt(this, task);
    return inks === 0 ? undefined : inksServer.at(this.memory, inks);
  }

  /** The symbol nearest below an address of a space, as `name+0x10`. */
  locate(space: number, address: number): string | undefined {
    return locateSymbol(this.loaded, space, address);
  }

  /** What a report of a stopped guest says; `interruption` when one was taken. */
  guestState(interruption?: number): GuestState {
    return withCallers(this, readGuestState(this.machine, this.#locate, interruption));
  }
  /** The same of a thread's saved state. */
  threadState(state: ReturnType<typeof savedState.at>, interruption: number): GuestState {
    const { cycles } = this.machine;
    return withCallers(this, readSavedState(state, this.#locate, interruption, cycles));
  }
  readonly #locate = (space: number, at: number): string | undefined => this.locate(space, at);

  /** Calls `visit` for each page's part of a range; false at the first page that may not be used so. */
  #eachPage(
    task: number,
    address: number,
    length: number,
    access: "read" | "write",
    visit: (physical: number, offset: number, count: number) => void,
  ): boolean {
    const range = { address, length, access };
    return eachPage(this.vm, callersMap(this, task), range, this.#pass, visit);
  }
}
