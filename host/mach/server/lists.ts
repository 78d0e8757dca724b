/**
 * Out values of kernel routines that go out of line: lists of rights, in memory that the reply owns,
 * and lists of words, in a copy that is nobody's yet. In values likewise.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import type { Memory } from "../../kmig/binding.ts";
import type { Kernel } from "../kernel.ts";
import { ipc_port_release_send } from "../ipc/destroy.ts";
import { IP_VALID, NULL } from "../ipc/names.ts";
import type { Procedure } from "../kern/procedure.ts";
import { copyContents, vm_map_copy_of_bytes } from "../vm/copy-contents.ts";
import { vm_map_copy_discard } from "../vm/vm-map-copy.ts";

const { KERN_RESOURCE_SHORTAGE } = KERN_RETURN;

/** A value out of line, or why there is none. */
export type Listed = { readonly list: Memory } | { readonly kr: number };

/** A list of naked send rights, null ones among them perhaps; without room they are released. */
export function rightsList(k: Kernel, rights: readonly number[]): Listed {
  if (rights.length === 0) return { list: { address: 0, count: 0 } };
  const address = k.kalloc(4 * rights.length);
  if (address === NULL) {
    for (const port of rights) if (IP_VALID(port)) ipc_port_release_send(k, port);
    return { kr: KERN_RESOURCE_SHORTAGE };
  }
  rights.forEach((port, i) => k.memory.write32(address + 4 * i, port));
  return { list: { address, count: rights.length, deallocate: true } };
}

/** Several lists of words under their names; all of them, or KERN_RESOURCE_SHORTAGE. */
export function wordLists<K extends string>(
  k: Kernel,
  lists: Readonly<Record<K, readonly number[]>>,
): { readonly [name in K]: Memory } | number {
  const made: Record<string, Memory> = {};
  for (const [name, words] of Object.entries<readonly number[]>(lists)) {
    const bytes = new Uint8Array(4 * words.length);
    words.forEach((word, i) => new DataView(bytes.buffer).setUint32(4 * i, word));
    const copied = vm_map_copy_of_bytes(k.vm, bytes);
    if ("kr" in copied) {
      for (const { address } of Object.values(made)) vm_map_copy_discard(k.vm, address);
      return copied.kr;
    }
    made[name] = { address: copied.copy, count: words.length, deallocate: true };
  }
  return made as { readonly [name in K]: Memory };
}

/** The words of a copy that came in a request; or what bringing them in failed with. */
export function* wordsOf(
  k: Kernel,
  copy: number,
  count: number,
): Procedure<readonly number[] | number> {
  if (count === 0) return [];
  const bytes = yield* copyContents(k.vm, copy, 0, 4 * count);
  if (typeof bytes === "number") return bytes;
  const view = new DataView(bytes.buffer, bytes.byteOffset);
  return Array.from({ length: count }, (_, i) => view.getUint32(4 * i));
}
