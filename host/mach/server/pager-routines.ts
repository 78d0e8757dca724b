/**
 * What pagers tell the kernel about their objects, at the objects' control ports (the memory_object_*
 * routines of `mach`). Believed is only what harms nobody: data that nobody asked for are kept if
 * there is room, data for a page that is there are dropped, so that a second answer changes nothing.
 * After Mach's vm/memory_object.c.
 */
import { KERN_RETURN, MIG_RETURN, VM_PROT } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import { IKOT_PAGING_REQUEST } from "../ipc/names.ts";
import type { Kernel } from "../kernel.ts";
import { type Procedure, thread_wakeup } from "../kern/procedure.ts";
import { pmap_clear_modify, pmap_is_modified, pmap_page_protect } from "../vm/pmap.ts";
import { copyContents } from "../vm/copy-contents.ts";
import { vm_map_copy_discard } from "../vm/vm-map-copy.ts";
import { roundPage, truncPage } from "../vm/vm-map.ts";
import {
  type CopyStrategy,
  type VmObject,
  vm_page_discard,
  vm_page_wakeup,
} from "../vm/vm-object.ts";
import type { VmPage } from "../vm/vm-page.ts";
import type { ExternalPager } from "./pager.ts";
import { deferred, type In, type Result, type RoutineTable, type Work } from "./routines.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_SUCCESS, KERN_INVALID_ARGUMENT } = KERN_RETURN;
const { VM_PROT_ALL, VM_PROT_NONE } = VM_PROT;
/** In a lock request: the locks stay. */
const VM_PROT_NO_CHANGE = 8;

/** `memory_object_copy_strategy_t`. */
const STRATEGIES: readonly CopyStrategy[] = ["none", "call", "delay", "temporary"];

interface Subject {
  readonly pager: ExternalPager;
  readonly object: VmObject;
}

/** A routine on the object of a control port. */
const about =
  (work: (k: Kernel, subject: Subject, values: In) => Result): Work =>
  (k, number, values) => {
    const subject = k.pagers.find(number);
    return subject ? work(k, subject, values) : KERN_INVALID_ARGUMENT;
  };

/** Pages of an object in the range that a request names, at which something is. */
function pagesOf({ object }: Subject, values: In): VmPage[] {
  const start = truncPage(values.word("offset"));
  const end = roundPage(values.word("offset") + values.word("size"));
  return [...object.pages.values()].filter(({ offset }) => offset >= start && offset < end);
}

/** Gives a page its data, or takes them as a gift, or drops them. */
function supply(
  k: Kernel,
  { object }: Subject,
  offset: number,
  bytes: Uint8Array,
  { lock, precious }: { readonly lock: number; readonly precious: boolean },
): void {
  const { vm } = k;
  let page = object.pages.get(offset);
  if (page && !page.absent) return;
  if (!page) {
    if (!object.alive || vm.pages.freeCount <= vm.pages.freeTarget) return;
    page = vm.pages.grab();
    if (!page) return;
    vm.pages.insert(page, object, offset);
  }
  const data = new Uint8Array(PAGE_SIZE);
  data.set(bytes);
  vm.pages.write(page, data);
  page.absent = false;
  page.pageLock = lock & VM_PROT_ALL;
  page.precious = precious;
  vm.pages.activate(page);
  vm_page_wakeup(vm, page);
}

/** Takes all pages of a copy, which is used up. Another pager's data may have to be waited for. */
function* supplyAll(
  k: Kernel,
  number: number,
  copy: number,
  start: number,
  how: { readonly lock: number; readonly precious: boolean },
): Procedure<number> {
  const held = k.vm.copies.get(copy);
  let kr: number = KERN_SUCCESS;
  try {
    for (let done = 0; held && done < held.length && kr === KERN_SUCCESS; done += PAGE_SIZE) {
      const count = Math.min(PAGE_SIZE, held.length - done);
      const bytes = yield* copyContents(k.vm, copy, done, count);
      const subject = k.pagers.find(number);
      if (typeof bytes === "number") kr = bytes;
      else if (subject) supply(k, subject, start + done, bytes, how);
    }
  } finally {
    vm_map_copy_discard(k.vm, copy);
  }
  return kr;
}

/** data_provided and data_supply: the answer to a request, or more than was asked for. */
function provide(k: Kernel, number: number, values: In, isSupply: boolean): ReturnType<Work> {
  const data = values.copy("data");
  const offset = values.word("offset");
  const subject = k.pagers.find(number);
  if (data === undefined || !subject || offset % PAGE_SIZE !== 0) return KERN_INVALID_ARGUMENT;
  const how = {
    lock: values.word("lock_value"),
    precious: isSupply && values.flag("precious"),
  };
  const to = isSupply ? values.take(k, "reply_to") : undefined;
  values.keep(k, "data");
  const length = k.vm.copies.get(data)?.length ?? 0;
  return deferred(
    (function* (): Procedure<Result> {
      const result = yield* supplyAll(k, number, data, offset, how);
      const now = k.pagers.find(number);
      if (to && now)
        k.pagers.complete(now.pager, to, "memory_object_supply_completed", {
          offset,
          length,
          result,
          error_offset: 0,
        });
      return MIG_RETURN.MIG_NO_REPLY;
    })(),
  );
}

function unavailable(k: Kernel, subject: Subject, values: In): Result {
  for (const page of pagesOf(subject, values))
    if (page.absent && page.busy) vm_page_wakeup(k.vm, page);
  return MIG_RETURN.MIG_NO_REPLY;
}

function failed(k: Kernel, subject: Subject, values: In): Result {
  for (const page of pagesOf(subject, values)) {
    if (!page.absent || !page.busy) continue;
    page.absent = false;
    page.error = true;
    vm_page_wakeup(k.vm, page);
  }
  return MIG_RETURN.MIG_NO_REPLY;
}

function lockRequest(k: Kernel, subject: Subject, values: In): Result {
  const shouldReturn = values.word("should_return");
  const flush = values.flag("should_flush");
  const lock = values.word("lock_value");
  if ((lock & ~(VM_PROT_ALL | VM_PROT_NO_CHANGE)) !== 0) return KERN_INVALID_ARGUMENT;
  for (const page of pagesOf(subject, values)) {
    if (page.busy || page.absent || page.error) continue;
    if (lock !== VM_PROT_NO_CHANGE) changeLock(k, page, lock);
    const dirty = pmap_is_modified(k.vm, page);
    const returns = shouldReturn === 2 ? dirty || page.precious : shouldReturn === 1 && dirty;
    const isKept = !flush || page.wireCount > 0;
    if (returns) {
      pmap_page_protect(k.vm, page, "none");
      pmap_clear_modify(k.vm, page);
      if (!subject.pager.data_return(subject.object, page, dirty, isKept)) {
        page.dirty = dirty;
        continue;
      }
      page.precious = false;
    }
    if (!isKept && page.object === subject.object) vm_page_discard(k.vm, page);
  }
  k.pagers.complete(subject.pager, values.take(k, "reply_to"), "memory_object_lock_completed", {
    offset: values.word("offset"),
    length: values.word("size"),
  });
  return MIG_RETURN.MIG_NO_REPLY;
}

/** What is forbidden from now on is taken from every mapping; what is allowed lets waiters go on. */
function changeLock(k: Kernel, page: VmPage, lock: number): void {
  page.pageLock = lock;
  page.unlockRequest = 0;
  if (lock !== VM_PROT_NONE) pmap_page_protect(k.vm, page, "none");
  k.vm.host.wakeup(page);
}

function attributes(
  k: Kernel,
  { pager }: Subject,
  values: In,
  { ready, isOld }: { readonly ready: boolean; readonly isOld: boolean },
): Result {
  const strategy = STRATEGIES[values.word("copy_strategy")];
  if (!strategy) return KERN_INVALID_ARGUMENT;
  pager.strategy = strategy;
  pager.mayCache = values.flag("may_cache");
  pager.ready = ready;
  pager.usesDataWrite = isOld;
  if (ready) thread_wakeup(k, pager);
  return MIG_RETURN.MIG_NO_REPLY;
}

function changeAttributes(k: Kernel, subject: Subject, values: In): Result {
  const { pager } = subject;
  const { ready, usesDataWrite: isOld } = pager;
  const result = attributes(k, subject, values, { ready, isOld });
  if (result === KERN_INVALID_ARGUMENT) return result;
  k.pagers.complete(pager, values.take(k, "reply_to"), "memory_object_change_completed", {
    may_cache: Number(pager.mayCache),
    copy_strategy: STRATEGIES.indexOf(pager.strategy),
  });
  if (!pager.mayCache) k.pagers.drop(pager);
  return MIG_RETURN.MIG_NO_REPLY;
}

export const PAGER_ROUTINES: RoutineTable = {
  kind: IKOT_PAGING_REQUEST,
  routines: {
    memory_object_data_provided: (k, number, values) => provide(k, number, values, false),
    memory_object_data_supply: (k, number, values) => provide(k, number, values, true),
    memory_object_data_unavailable: about(unavailable),
    memory_object_data_error: about(failed),
    memory_object_lock_request: about(lockRequest),
    memory_object_ready: about((k, subject, values) =>
      attributes(k, subject, values, { ready: true, isOld: false }),
    ),
    memory_object_set_attributes: about((k, subject, values) =>
      attributes(k, subject, values, { ready: values.flag("object_ready"), isOld: true }),
    ),
    memory_object_change_attributes: about(changeAttributes),
    memory_object_get_attributes: about((_k, { pager }) => ({
      object_ready: Number(pager.ready),
      may_cache: Number(pager.mayCache),
      copy_strategy: STRATEGIES.indexOf(pager.strategy),
    })),
    memory_object_destroy: about((k, { pager, object }) => {
      k.pagers.fail(pager, object);
      return KERN_SUCCESS;
    }),
  },
};
