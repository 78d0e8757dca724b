/**
 * A machine that boots as the paper's did (§3.1): console and disk; the kernel asks for a server and where
 * to put it, and makes a bootstrap task that shares its address space; that one's thread creates the
 * server's task, or takes the one that the kernel has created in itself, loads it, gives it the master ports
 * and starts it, and is the default pager from then on. When nobody is to be asked, the answers are given.
 */
import type { Image } from "../../asm/image.ts";
import { DiagnosticError, formatDiagnostic, panic } from "../../diagnostic.ts";
import { Console } from "../device/console.ts";
import { Disk, type DiskOptions } from "../device/disk.ts";
import { TimeDevice } from "../device/time.ts";
import { ipc_port_copyout_send } from "../ipc/object-copy.ts";
import { DefaultPager } from "../vm/default-pager.ts";
import { vm_map_skip_space } from "../vm/vm-map.ts";
import { Kernel, type KernelOptions, type Program } from "../kernel.ts";
import { loadProgram } from "../load.ts";
import { task_self_port, thread_self_port } from "../kern/special-ports.ts";
import { task_terminate } from "../kern/task.ts";
import { thread_create } from "../kern/thread.ts";
import { kernel_thread } from "../kern/kernel-thread.ts";
import type { Procedure } from "../kern/procedure.ts";
import type { TaskDeath } from "../task-deaths.ts";
import type { StartWork, WorkServer } from "../work.ts";
import { taskAt } from "../kern/views.ts";

/** A server whose work functions are TypeScript (work.ts). */
export interface WorkServerFile {
  readonly image: Image;
  readonly start: (server: WorkServer) => StartWork;
  /** Symbols of the ranges that its TypeScript needs in memory for good. */
  readonly wired?: readonly { readonly from: string; readonly to: string }[];
}

/** Servers that can be booted, by name. */
export type ServerFiles = ReadonlyMap<string, Image | WorkServerFile>;

export interface SystemOptions {
  readonly kernel?: KernelOptions;
  readonly servers: ServerFiles;
  /** The name that an empty answer means. */
  readonly defaultServer: string;
  /** Boots this without asking. */
  readonly answers?: { readonly server: string; readonly inKernel: boolean };
  readonly disk?: DiskOptions;
  /** Names of lines besides the console. */
  readonly lines?: readonly string[];
}

/** What was done to boot, in order. */
export interface BootStep {
  readonly who: "kernel" | "bootstrap thread";
  readonly what: string;
}

export interface System {
  readonly kernel: Kernel;
  readonly console: Console;
  readonly lines: ReadonlyMap<string, Console>;
  readonly disk: Disk;
  /** The server's task, once it is loaded. */
  readonly server: () => number | undefined;
  /** How that task ended, if it has; the machine goes on. */
  readonly serverDeath: () => TaskDeath | undefined;
  /** How many tasks there are outside the kernel. */
  readonly userTasks: () => number;
  /** What has been done until now. */
  readonly steps: readonly BootStep[];
}

/** Boots a machine; `kernel.run` then asks, starts the bootstrap thread, and runs the server. */
export async function bootSystem(options: SystemOptions): Promise<System> {
  const kernel = await Kernel.boot({ stopAtExceptions: false, ...options.kernel });
  const now = (): number => kernel.machine.cycles;
  const console = new Console(kernel, kernel.interrupts, now);
  const clock = { now, cyclesPerMs: kernel.cycles_per_millisecond };
  const disk = new Disk(kernel, kernel.interrupts, clock, options.disk ?? {});
  const lines = new Map(
    (options.lines ?? []).map((name) => [name, new Console(kernel, kernel.interrupts, now, name)]),
  );
  for (const device of [console, ...lines.values()]) kernel.devices.add(device);
  kernel.devices.add(disk);
  kernel.devices.add(new TimeDevice(kernel.clock));
  const bootstrap = new Bootstrap(kernel, console, disk, options);
  kernel_thread(kernel, kernel.kernelTask, bootstrap.start());
  return {
    ...{ kernel, console, lines, disk, steps: bootstrap.steps },
    server: () => bootstrap.server,
    serverDeath: () => bootstrap.death,
    userTasks: () =>
      kernel.liveElements("task").filter((task) => {
        const { active, kernel_loaded } = taskAt(kernel, task);
        return active !== 0 && kernel_loaded === 0;
      }).length,
  };
}

/** A server that has been chosen. */
interface Choice {
  readonly name: string;
  readonly file: Image | WorkServerFile;
  readonly inKernel: boolean;
}

class Bootstrap {
  server: number | undefined;
  death: TaskDeath | undefined;
  readonly steps: BootStep[] = [];
  readonly #k: Kernel;
  readonly #console: Console;
  readonly #disk: Disk;
  readonly #options: SystemOptions;
  /** The bootstrap task, which shares the kernel's address space. */
  #task = 0;

  constructor(k: Kernel, console: Console, disk: Disk, options: SystemOptions) {
    this.#k = k;
    this.#console = console;
    this.#disk = disk;
    this.#options = options;
  }

  #did(who: BootStep["who"], what: string): void {
    this.steps.push({ who, what });
  }

  /** The kernel's part: asks, and makes the bootstrap task; for a server in the kernel its task, too. */
  *start(): Procedure<void> {
    const k = this.#k;
    const choice = yield* this.#choose();
    if (!choice) return;
    if (this.#task === 0) {
      this.#task = k.createTask("kernel");
      this.#did("kernel", "creates the bootstrap task");
      for (const which of ["hostPriv", "masterDevice"] as const)
        this.#give(this.#task, k.host.port(which));
      this.#did("kernel", "gives it send rights for the master host and device ports");
    }
    let made: Program | undefined;
    if (choice.inKernel) {
      made = createEmpty(k, "kernel");
      vm_map_skip_space(k.vm);
      this.#did("kernel", "creates a second kernel task and a thread");
      this.#give(this.#task, task_self_port(k, made.task));
      this.#give(this.#task, thread_self_port(k, made.thread));
      this.#did("kernel", "gives the bootstrap task send rights for that task and thread");
    }
    kernel_thread(k, this.#task, this.#run(choice, made));
    this.#did("kernel", "creates the bootstrap thread");
  }

  *#choose(): Procedure<Choice | undefined> {
    const { servers, defaultServer, answers } = this.#options;
    const console = this.#console;
    for (;;) {
      const name =
        answers?.server ??
        ((yield* ask(console, `Server to boot [${defaultServer}]: `)) || defaultServer);
      const file = servers.get(name);
      if (file) {
        const inKernel =
          answers?.inKernel ?? /^y/i.test(yield* ask(console, "Load it into the kernel? [n]: "));
        return { name, file, inKernel };
      }
      const known = [...servers.keys()].join(", ");
      yield* print(console, `${name}: no such server; there are ${known}\n`);
      if (answers) return undefined;
    }
  }

  /** The bootstrap thread: `made` is what the kernel has created, which it need not. */
  *#run(choice: Choice, made: Program | undefined): Procedure<void> {
    const k = this.#k;
    let server = made;
    if (!server) {
      server = createEmpty(k, "user");
      this.#did("bootstrap thread", "creates a user task and a thread");
    }
    try {
      this.#load(choice, server);
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      yield* print(this.#console, `${error.diagnostics.map(formatDiagnostic).join("\n")}\n`);
      task_terminate(k, server.task);
      if (!this.#options.answers) kernel_thread(k, k.kernelTask, this.start());
      return;
    }
    this.#did("bootstrap thread", "becomes the default pager's");
    yield* new DefaultPager(k, this.#disk, k.vm.paging).run();
  }

  #load({ name, file, inKernel }: Choice, program: Program): void {
    const k = this.#k;
    const image = "image" in file ? file.image : file;
    const { task } = program;
    loadProgram(k, program, image, name);
    this.#did("bootstrap thread", "loads the server's image into the task");
    if ("image" in file) k.works.attach(program, image, file.start, file.wired);
    taskAt(k, task).itk_bootstrap = k.host.port("bootstrap");
    const names = (["hostPriv", "masterDevice", "bootstrap"] as const).map((which) =>
      this.#give(task, k.host.port(which)),
    );
    this.#did("bootstrap thread", "gives it the host, device and bootstrap ports, and starts it");
    k.start(program, names);
    k.bootInfo = `${name} ${inKernel ? "in" : "out of"} the kernel`;
    k.task_deaths.watch(task, (death) => {
      this.death = death;
    });
    this.server = task;
  }

  /** Gives a task a send right, which is consumed; its name. */
  #give(task: number, right: number): number {
    return ipc_port_copyout_send(this.#k, taskAt(this.#k, task).itk_space, right);
  }
}

function createEmpty(k: Kernel, place: "user" | "kernel"): Program {
  const task = k.createTask(place);
  return { task, thread: thread_create(k, task) || panic("boot: no memory for a thread") };
}

function* print(console: Console, text: string): Procedure<void> {
  yield* console.write(0, 0, new TextEncoder().encode(text));
}

/** Asks on the console and waits for a line, or the end of what is typed. */
function* ask(console: Console, question: string): Procedure<string> {
  yield* print(console, question);
  let line = "";
  while (!line.endsWith("\n")) {
    const bytes = yield* console.read(0, 0, 1);
    if (typeof bytes === "number" || bytes.length === 0) break;
    line += new TextDecoder().decode(bytes);
  }
  return line.trim();
}
