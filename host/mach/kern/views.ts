/**
 * Views of kernel objects by address, shortened: `portAt(k, address)`. A view holds no values.
 * A kmsg has two views, its link words and the message header inside it.
 */
import { pcb } from "../../abi/hp700.ts";
import { ipcEntry, ipcKmsg, ipcPort, ipcPset, ipcSpace, task, thread } from "../../abi/kernel.ts";
import { machMsgHeader, migReplyHeader } from "../../abi/mach.ts";
import type { Bytes, Struct, View } from "../../abi/struct.ts";

type Holder = { readonly memory: Bytes };
type ViewOf<S> = S extends Struct<infer F> ? View<{ -readonly [K in keyof F]: F[K] }> : never;

export type PortView = ViewOf<typeof ipcPort>;
export type PsetView = ViewOf<typeof ipcPset>;
export type SpaceView = ViewOf<typeof ipcSpace>;
export type EntryView = ViewOf<typeof ipcEntry>;
export type KmsgView = ViewOf<typeof ipcKmsg>;
export type HeaderView = ViewOf<typeof machMsgHeader>;
export type ThreadView = ViewOf<typeof thread>;
export type TaskView = ViewOf<typeof task>;

export const portAt = (k: Holder, address: number): PortView => ipcPort.at(k.memory, address);
export const psetAt = (k: Holder, address: number): PsetView => ipcPset.at(k.memory, address);
export const spaceAt = (k: Holder, address: number): SpaceView => ipcSpace.at(k.memory, address);
export const entryAt = (k: Holder, address: number): EntryView => ipcEntry.at(k.memory, address);
export const kmsgAt = (k: Holder, address: number): KmsgView => ipcKmsg.at(k.memory, address);
export const threadAt = (k: Holder, address: number): ThreadView => thread.at(k.memory, address);
export const taskAt = (k: Holder, address: number): TaskView => task.at(k.memory, address);
export const pcbAt = (k: Holder, address: number): ViewOf<typeof pcb> => pcb.at(k.memory, address);

/** The message header inside a kmsg. */
export const headerAt = (k: Holder, kmsg: number): HeaderView =>
  machMsgHeader.at(k.memory, kmsg + ipcKmsg.offset.ikm_header);

/** The message inside a kmsg, seen as the smallest reply. */
export const replyHeaderAt = (k: Holder, kmsg: number): ViewOf<typeof migReplyHeader> =>
  migReplyHeader.at(k.memory, kmsg + ipcKmsg.offset.ikm_header);

/** Writes `bytes` (a multiple of four) at a word-aligned kernel address. */
export function writeWords(memory: Bytes, address: number, bytes: Uint8Array): void {
  const words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  for (let i = 0; i < bytes.byteLength; i += 4) memory.write32(address + i, words.getUint32(i));
}

/** Reads `length` bytes (a multiple of four) from a word-aligned kernel address. */
export function readWords(memory: Bytes, address: number, length: number): Uint8Array {
  const bytes = new Uint8Array(length);
  const words = new DataView(bytes.buffer);
  for (let i = 0; i < length; i += 4) words.setUint32(i, memory.read32(address + i));
  return bytes;
}

/** Clears a structure that a zone handed out with old contents. */
export function clearWords(memory: Bytes, address: number, length: number): void {
  for (let i = 0; i < length; i += 4) memory.write32(address + i, 0);
}
