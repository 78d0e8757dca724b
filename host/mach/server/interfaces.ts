/**
 * The kernel's interfaces, bound: the `.defs` that come with the kernel, read by KMIG as the kernel
 * server that it is. A subsystem is analysed when its first message comes, once for all kernels.
 */
import { panic } from "../../diagnostic.ts";
import { bindInterface, type RoutineBinding } from "../../kmig/binding.ts";
import { describeInterface } from "../../kmig/description.ts";
import { analyseInterface } from "../../kmig/read.ts";
import { definitions, type Include } from "../definitions.ts";

/** Where each subsystem that the kernel serves is defined, and its range of message ids. */
const SUBSYSTEMS = [
  { file: "mach/mach.defs", base: 2000, count: 100 },
  { file: "mach/default_pager.defs", base: 2275, count: 100 },
  { file: "mach/mach_host.defs", base: 2600, count: 100 },
  { file: "mach/mach_port.defs", base: 3200, count: 100 },
  { file: "mach/device.defs", base: 2800, count: 100 },
  { file: "mach/bootstrap.defs", base: 999999, count: 100 },
] as const;

type Routines = ReadonlyMap<number, RoutineBinding>;

export class KernelInterfaces {
  readonly #include: Include;
  readonly #known = new Map<string, Routines>();

  constructor(include: Include) {
    this.#include = include;
  }

  /** The routine that a message id asks for. */
  routine(id: number): RoutineBinding | undefined {
    const subsystem = SUBSYSTEMS.find(({ base, count }) => id >= base && id < base + count);
    return subsystem && this.#routines(subsystem.file, "KERNEL_SERVER").get(id);
  }

  /** A routine of an interface that the kernel is a client of. */
  named(file: string, name: string): RoutineBinding {
    for (const routine of this.#routines(file, "KERNEL_USER").values())
      if (routine.description.name === name) return routine;
    return panic(`KernelInterfaces: ${file} has no ${name}`);
  }

  #routines(file: string, side: "KERNEL_SERVER" | "KERNEL_USER"): Routines {
    const known = this.#known.get(file);
    if (known) return known;
    const include = this.#include;
    const source = include(file) ?? panic(`KernelInterfaces: no ${file}`);
    const analysis = analyseInterface(source, { include, defines: { [side]: "1" } });
    const { routines } = bindInterface(describeInterface(analysis.interface));
    const byId = new Map(
      Object.values(routines).map((routine) => [routine.description.requestId, routine] as const),
    );
    this.#known.set(file, byId);
    return byId;
  }
}

let read: Promise<KernelInterfaces> | undefined;

/** The interfaces, with their texts read. */
export function kernelInterfaces(): Promise<KernelInterfaces> {
  read ??= definitions().then((include) => new KernelInterfaces(include));
  return read;
}
