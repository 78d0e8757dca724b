/** References of name spaces: a dead space's structure stays until the last one goes. */
import { panic } from "../../diagnostic.ts";
import type { KernelState } from "../kern/state.ts";
import { spaceAt } from "../kern/views.ts";

export function is_reference(k: KernelState, space: number): void {
  spaceAt(k, space).is_references += 1;
}

/** Drops a reference; the last one frees the space. */
export function is_release(k: KernelState, space: number): void {
  const view = spaceAt(k, space);
  if (view.is_references === 0) panic("is_release: no references");
  view.is_references -= 1;
  if (view.is_references === 0) k.zfree("ipc_space", space);
}
