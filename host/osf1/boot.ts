/**
 * A machine with Mach and the OSF/1 server on it: makes a disk with the files that are wanted, boots, and
 * says what becomes of the first process. The way in for the command line, experiments and notebooks.
 */
import {
  bootSystem,
  DiskImage,
  type DiskOptions,
  type DiskParameters,
  diskSectors,
  HP_C2235,
  type KernelOptions,
  type System,
  type WorkServerFile,
} from "../mach/interface.ts";
import type { DefectId } from "./defects.ts";
import { type EmulatorCalls, emulatorImages } from "./emulator/image.ts";
import { UnixError } from "./errno.ts";
import type { Fault } from "./fault/fault.ts";
import { FaultPlan } from "./fault/plan.ts";
import type { ServerCall } from "./server/call.ts";
import { serverImage } from "./server/image.ts";
import { WIRED } from "./server/memory.ts";
import type { Osf1 } from "./server/osf1.ts";
import { osf1Work } from "./server/start.ts";
import { type Blocking, type BlockDevice, runToEnd } from "./ufs/device.ts";
import { FileSystem } from "./ufs/file-system.ts";
import { fsck, type FsckReport } from "./ufs/fsck/fsck.ts";
import { newfs } from "./ufs/newfs.ts";
import { exportTree, importTree, type TreeEntry } from "./ufs/tree.ts";
import type { UnixOptions } from "./unix/unix.ts";

/** A disk's image as the file system's tools use it. */
class ImageDevice implements BlockDevice {
  readonly sectors: number;
  readonly #image: DiskImage;
  constructor(image: DiskImage, sectors: number) {
    this.#image = image;
    this.sectors = sectors;
  }
  // oxlint-disable-next-line require-yield
  *read(sector: number, bytes: Uint8Array): Blocking<void> {
    bytes.set(this.#image.read(sector * 512, bytes.length));
  }
  // oxlint-disable-next-line require-yield
  *write(sector: number, bytes: Uint8Array): Blocking<void> {
    this.#image.write(sector * 512, bytes);
  }
}

/** The file system's surroundings when no machine runs. */
const offline = (device: BlockDevice, seconds: number) => ({
  device,
  now: () => ({ seconds, nanoseconds: 0 }),
  // oxlint-disable-next-line require-yield
  *sleep(): Blocking<void> {
    throw new UnixError("EDEADLK");
  },
  wakeup(): void {},
});

/** 1993-04-20, 0:00 UTC: when everything here was made. */
const MADE = 735264000;

/** A fresh disk with files on it. @throws UnixError ENOSPC when they do not fit. */
export function makeDisk(files: Iterable<TreeEntry>, sectors: number): DiskImage {
  const image = new DiskImage();
  const environment = offline(new ImageDevice(image, sectors), MADE);
  runToEnd(newfs(environment, { isBlank: true }));
  const fs = runToEnd(FileSystem.mount(environment, { buffers: 256 }));
  runToEnd(importTree(fs, files));
  runToEnd(fs.unmount());
  return image;
}

/** What is on a disk. */
export function readDisk(image: DiskImage, sectors = diskSectors(HP_C2235)): TreeEntry[] {
  const environment = offline(new ImageDevice(image, sectors), MADE);
  const fs = runToEnd(FileSystem.mount(environment, { buffers: 256 }));
  return runToEnd(exportTree(fs));
}

/** Looks a disk over, and mends it. @returns undefined when it holds no file system */
export function checkDisk(
  image: DiskImage,
  sectors = diskSectors(HP_C2235),
): FsckReport | undefined {
  return runToEnd(fsck(offline(new ImageDevice(image, sectors), MADE)));
}

/** Name of the disk. */
const DISK = "sd0";

export interface UnixMachineOptions {
  readonly kernel?: KernelOptions;
  /** Where the server runs. */
  readonly inKernel: boolean;
  /** How processes call it. */
  readonly calls: EmulatorCalls;
  /** What is on the disk at boot, or the disk itself. */
  readonly files: Iterable<TreeEntry> | DiskImage;
  /** The drive; the HP C2235 by default. */
  readonly drive?: DiskParameters;
  readonly unix?: Partial<UnixOptions>;
  /** What is wrong with the server. */
  readonly defects?: readonly DefectId[];
  /** Lines besides the console, for `init` to open. */
  readonly lines?: readonly string[];
  /** Gives the first process its descriptors and its program. */
  readonly init: (osf1: Osf1, call: ServerCall) => Blocking<void>;
  /** Something that goes wrong. */
  readonly fault?: Fault;
}

export interface UnixMachine extends System {
  /** The server's state, once it is up. */
  readonly osf1: () => Osf1 | undefined;
  /** What goes wrong with it. */
  readonly faultPlan?: FaultPlan;
}

/** The server as something that can be booted, with its disk; see `bootSystem`. */
export async function unixServer(
  options: Omit<UnixMachineOptions, "kernel" | "inKernel" | "lines">,
): Promise<{
  readonly file: WorkServerFile;
  readonly disk: DiskOptions;
  readonly osf1: () => Osf1 | undefined;
  /** To be attached to the machine once that is there. */
  readonly faultPlan?: FaultPlan;
}> {
  const { drive = HP_C2235, files, init, calls } = options;
  const image = files instanceof DiskImage ? files : makeDisk(files, diskSectors(drive));
  const [{ image: server, routines }, { emulator, linuxPage }] = await Promise.all([
    serverImage(),
    emulatorImages(calls),
  ]);
  let osf1: Osf1 | undefined;
  const faultPlan = options.fault && new FaultPlan(options.fault, server.symbols);
  const start = osf1Work({
    routines,
    calls,
    emulator: new Map([...emulator.symbols, ...linuxPage.symbols]),
    disk: DISK,
    console: "console",
    unix: options.unix ?? {},
    defects: options.defects ?? [],
    init,
    started: (running) => {
      osf1 = running;
      faultPlan?.started(running);
    },
  });
  return {
    file: { image: server, start, wired: WIRED },
    disk: { name: DISK, image, parameters: drive },
    osf1: () => osf1,
    ...(faultPlan && { faultPlan }),
  };
}

/** Boots Mach and the server; `kernel.run` runs all. */
export async function bootUnix(options: UnixMachineOptions): Promise<UnixMachine> {
  const { file, disk, osf1, faultPlan } = await unixServer(options);
  const system = await bootSystem({
    ...(options.kernel && { kernel: options.kernel }),
    servers: new Map([["osf1", file]]),
    defaultServer: "osf1",
    answers: { server: "osf1", inKernel: options.inKernel },
    disk,
    ...(options.lines && { lines: options.lines }),
  });
  faultPlan?.attach(system);
  return { ...system, osf1, ...(faultPlan && { faultPlan }) };
}
