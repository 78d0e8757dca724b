/**
 * What a device is to the kernel: operations that may wait, and names. Data go in and out as bytes;
 * ports, messages and out-of-line memory are the server's affair (device-server.ts). After Mach's
 * device/dev_hdr.h and conf.h.
 */
import type { Procedure } from "../kern/procedure.ts";

/** Return codes of device calls (device/device_types.h); D_SUCCESS is 0. */
export const D = {
  D_SUCCESS: 0,
  D_IO_ERROR: 2500,
  D_WOULD_BLOCK: 2501,
  D_NO_SUCH_DEVICE: 2502,
  D_ALREADY_OPEN: 2503,
  D_DEVICE_DOWN: 2504,
  D_INVALID_OPERATION: 2505,
  D_INVALID_RECNUM: 2506,
  D_INVALID_SIZE: 2507,
  D_NO_MEMORY: 2508,
  D_READ_ONLY: 2509,
} as const;

/** Modes of opening and of single operations. */
export const D_READ = 1;
export const D_WRITE = 2;
export const D_NODELAY = 4;
export const D_NOWAIT = 8;

/** Flavor of `device_get_status` that every device knows: {size in bytes or 0, record size}. */
export const DEV_GET_SIZE = 0;

/** One device; a number is a return code that is not D_SUCCESS. */
export interface Device {
  readonly name: string;
  /** Called at each open; a code other than D_SUCCESS refuses it. */
  open?(mode: number): number;
  /** Called when the last user has closed it. */
  close?(): void;
  read(mode: number, recnum: number, bytes: number): Procedure<Uint8Array | number>;
  /** @returns how many bytes were written, or `{ code }` */
  write(
    mode: number,
    recnum: number,
    data: Uint8Array,
  ): Procedure<number | { readonly code: number }>;
  getStatus(flavor: number): readonly number[] | number;
  setStatus(flavor: number, status: readonly number[]): number;
  /** The first words of its page, as they are now, if it has one that can be mapped. */
  page?(): readonly number[];
}

/** The devices of a machine, by name. */
export class Devices {
  readonly #devices = new Map<string, Device>();

  add(device: Device): void {
    this.#devices.set(device.name, device);
  }
  find(name: string): Device | undefined {
    return this.#devices.get(name);
  }
  names(): string[] {
    return [...this.#devices.keys()];
  }
}
