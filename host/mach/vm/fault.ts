/**
 * What a page fault comes to. Tasks have exactly the pages that were mapped for them at load: an
 * address without one is invalid, a page that is there does not allow the access.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import type { Kernel } from "../kernel.ts";
import { mapOf } from "../load.ts";
import { pmap_extract } from "./pmap.ts";

/** The code of the exception: KERN_INVALID_ADDRESS or KERN_PROTECTION_FAILURE. */
export function vm_fault(k: Kernel, task: number, address: number, _access: number): number {
  return pmap_extract(k.memory, mapOf(k, task), address, "read") === undefined
    ? KERN_RETURN.KERN_INVALID_ADDRESS
    : KERN_RETURN.KERN_PROTECTION_FAILURE;
}
