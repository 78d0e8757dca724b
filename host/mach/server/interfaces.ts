/**
 * The kernel's interfaces, bound: the `.defs` that come with the kernel, read by KMIG as the kernel
 * server that it is. A subsystem is analysed when its first message comes, once for all kernels; where a
 * build has done so before, its description is taken instead.
 */
import { panic } from "../../diagnostic.ts";
import { bindInterface, type RoutineBinding } from "../../kmig/binding.ts";
import { describeInterface, type InterfaceDescription } from "../../kmig/description.ts";
import { analyseInterface } from "../../kmig/read.ts";
import { definitions, type Include } from "../definitions.ts";
import { PACKED_INTERFACES } from "../packed-objects.ts";

/** Where each subsystem that the kernel serves is defined, and its range of message ids. */
const SUBSYSTEMS = [
  { file: "mach/mach.defs", base: 2000, count: 100 },
  { file: "mach/default_pager.defs", base: 2275, count: 100 },
  { file: "mach/mach_host.defs", base: 2600, count: 100 },
  { file: "mach/mach_port.defs", base: 3200, count: 100 },
  { file: "mach/device.defs", base: 2800, count: 100 },
  { file: "mach/bootstrap.defs", base: 999999, count: 100 },
] as const;

/** Those of which it sends messages itself while programs run. */
const SENT = ["mach/memory_object.defs"];

/** How KMIG reads a file. */
type Side = "KERNEL_SERVER" | "KERNEL_USER";

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

  #routines(file: string, side: Side): Routines {
    const known = this.#known.get(file);
    if (known) return known;
    const description = ready()?.[nameOf(file, side)] ?? describe(this.#include, file, side);
    const { routines } = bindInterface(description);
    const byId = new Map(
      Object.values(routines).map((routine) => [routine.description.requestId, routine] as const),
    );
    this.#known.set(file, byId);
    return byId;
  }
}

function describe(include: Include, file: string, side: Side): InterfaceDescription {
  const source = include(file) ?? panic(`KernelInterfaces: no ${file}`);
  const analysis = analyseInterface(source, { include, defines: { [side]: "1" } });
  return describeInterface(analysis.interface);
}

const nameOf = (file: string, side: Side): string => `${file} ${side}`;

/** Descriptions of the interfaces that a kernel usually needs, by name, as text. */
export function packInterfaces(include: Include): string {
  const wanted: readonly (readonly [file: string, side: Side])[] = [
    ...SUBSYSTEMS.map(({ file }) => [file, "KERNEL_SERVER"] as const),
    ...SENT.map((file) => [file, "KERNEL_USER"] as const),
  ];
  const described = wanted.map(([file, side]) => [
    nameOf(file, side),
    describe(include, file, side),
  ]);
  return JSON.stringify(Object.fromEntries(described));
}

/** Descriptions as `packInterfaces` packed them. */
export const unpackInterfaces = (text: string): Readonly<Record<string, InterfaceDescription>> =>
  JSON.parse(text) as Readonly<Record<string, InterfaceDescription>>;

let unpacked: ReturnType<typeof unpackInterfaces> | undefined;

/** Those of the build. */
function ready(): typeof unpacked {
  if (PACKED_INTERFACES !== undefined) unpacked ??= unpackInterfaces(PACKED_INTERFACES);
  return unpacked;
}

let read: Promise<KernelInterfaces> | undefined;

/** The interfaces, with their texts read. */
export function kernelInterfaces(): Promise<KernelInterfaces> {
  read ??= definitions().then((include) => new KernelInterfaces(include));
  return read;
}
