/**
 * A machine that boots as the paper's did (§3.1): console and disk, a bootstrap task inside the
 * kernel whose thread asks for a server and where to put it, loads it, gives it the master ports and
 * starts it, and is the default pager from then on. When nobody is to be asked, the answers are given beforehand.
 */
import type { Image } from "../../asm/image.ts";
import { DiagnosticError, formatDiagnostic } from "../../diagnostic.ts";
import { Console } from "../device/console.ts";
import { Disk, type DiskOptions } from "../device/disk.ts";
import { ipc_port_copyout_send } from "../ipc/object-copy.ts";
import { DefaultPager } from "../vm/default-pager.ts";
import { Kernel, type KernelOptions } from "../kernel.ts";
import { kernel_thread } from "../kern/kernel-thread.ts";
import type { Procedure } from "../kern/procedure.ts";
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

export interface System {
  readonly kernel: Kernel;
  readonly console: Console;
  readonly lines: ReadonlyMap<string, Console>;
  readonly disk: Disk;
  /** The server's task, once it is loaded. */
  readonly server: () => number | undefined;
}

/** Boots a machine; `kernel.run` then runs the bootstrap thread and the server. */
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
  let server: number | undefined;
  const loaded = (task: number): void => {
    server = task;
  };
  const becomePager = (): Procedure<void> => new DefaultPager(kernel, disk, kernel.vm.paging).run();
  const thread = bootstrap(kernel, console, options, loaded, becomePager);
  kernel_thread(kernel, kernel.kernelTask, thread);
  return { kernel, console, lines, disk, server: () => server };
}

/** The bootstrap thread. */
function* bootstrap(
  k: Kernel,
  console: Console,
  { servers, defaultServer, answers }: SystemOptions,
  loaded: (task: number) => void,
  becomePager: () => Procedure<void>,
): Procedure<void> {
  for (;;) {
    const name =
      answers?.server ??
      ((yield* ask(console, `Server to boot [${defaultServer}]: `)) || defaultServer);
    const file = servers.get(name);
    if (!file) {
      yield* print(
        console,
        `${name}: no such server; there are ${[...servers.keys()].join(", ")}\n`,
      );
      if (answers) return;
      continue;
    }
    const inKernel =
      answers?.inKernel ?? /^y/i.test(yield* ask(console, "Load it into the kernel? [n]: "));
    try {
      loaded(startServer(k, name, file, inKernel));
      k.bootInfo = `${name} ${inKernel ? "in" : "out of"} the kernel`;
      return yield* becomePager();
    } catch (error) {
      if (!(error instanceof DiagnosticError)) throw error;
      yield* print(console, `${error.diagnostics.map(formatDiagnostic).join("\n")}\n`);
      if (answers) return;
    }
  }
}

/** Loads a server and starts it with names for the master host, master device and bootstrap ports. */
function startServer(
  k: Kernel,
  name: string,
  file: Image | WorkServerFile,
  inKernel: boolean,
): number {
  const image = "image" in file ? file.image : file;
  const program = k.load(image, name, inKernel ? "kernel" : "user");
  if ("image" in file) k.works.attach(program, image, file.start, file.wired);
  const task = taskAt(k, program.task);
  task.itk_bootstrap = k.host.port("bootstrap");
  const names = (["hostPriv", "masterDevice", "bootstrap"] as const).map((which) =>
    ipc_port_copyout_send(k, task.itk_space, k.host.port(which)),
  );
  k.start(program, names);
  return program.task;
}

function* print(console: Console, text: string): Procedure<void> {
  yield* console.write(0, 0, new TextEncoder().encode(text));
}

/** Asks on the console and waits for a line. */
function* ask(console: Console, question: string): Procedure<string> {
  yield* print(console, question);
  let line = "";
  while (!line.endsWith("\n")) {
    const bytes = yield* console.read(0, 0, 1);
    if (typeof bytes === "number") break;
    line += new TextDecoder().decode(bytes);
  }
  return line.trim();
}
