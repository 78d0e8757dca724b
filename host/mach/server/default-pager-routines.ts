/**
 * What others ask of the kernel's own default pager (`default_pager`), at the port that
 * `vm_set_default_memory_manager` gives. It has one paging space, a partition whose size the machine was
 * booted with: there are no paging files to add to it or to take away. After Mach's default pager.
 */
import { KERN_RETURN } from "../../abi/mach.ts";
import { MEMORY_MAP } from "../../abi/memory-map.ts";
import type { Value } from "../../kmig/binding.ts";
import { IKOT_DEFAULT_PAGER, NULL } from "../ipc/names.ts";
import type { Kernel } from "../kernel.ts";
import type { VmObject } from "../vm/vm-object.ts";
import { rightsList, wordLists } from "./lists.ts";
import type { Result, RoutineTable } from "./routines.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT, KERN_RESOURCE_SHORTAGE } = KERN_RETURN;
/** Words of an array of any length that still go in line. */
const MOST_INLINE = 2048 / 4;

/** Words in line or, if there are too many, out of line; KERN_RESOURCE_SHORTAGE. */
function wordArray(k: Kernel, words: readonly number[]): Value | number {
  if (words.length <= MOST_INLINE) return words;
  const lists = wordLists(k, { words });
  return typeof lists === "number" ? lists : lists.words;
}

/** Objects that have pages in the paging space, or were made here; names, as far as they have one. */
function objects(k: Kernel): Result {
  const { vm, pagers } = k;
  const { created } = pagers;
  const own = (object: VmObject): boolean => created.isPaged(object) || object.paged.size > 0;
  const all = [...vm.objects].filter(own);
  const words = wordArray(
    k,
    all.flatMap(({ id, paged }) => [id, paged.size * PAGE_SIZE]),
  );
  if (typeof words === "number") return words;
  const names = all.map((object) => pagers.namePort(object));
  if (names.length <= MOST_INLINE) return { objects: words, ports: names };
  const listed = rightsList(k, names);
  if ("list" in listed) return { objects: words, ports: listed.list };
  k.memory_copies.discard((words as { readonly address: number }).address);
  return listed.kr;
}

/** Offsets of the pages of an object, by its name, that are in the paging space. */
function objectPages(k: Kernel, name: number): Result {
  const object = k.pagers.created.named(name);
  if (!object) return KERN_INVALID_ARGUMENT;
  const pages = wordArray(
    k,
    [...object.paged.keys()].toSorted((a, b) => a - b),
  );
  return typeof pages === "number" ? pages : { pages };
}

export const DEFAULT_PAGER_ROUTINES: RoutineTable = {
  kind: IKOT_DEFAULT_PAGER,
  routines: {
    default_pager_object_create: (k, _pager, values) => {
      const port = k.pagers.created.create(values.word("object_size"));
      return port === NULL ? KERN_RESOURCE_SHORTAGE : { memory_object: port };
    },
    default_pager_info: (k) => {
      const { pages, used } = k.vm.paging;
      return { info: [pages * PAGE_SIZE, (pages - used) * PAGE_SIZE, PAGE_SIZE] };
    },
    default_pager_objects: objects,
    default_pager_object_pages: (k, _pager, values) => objectPages(k, values.word("memory_object")),
    default_pager_paging_file: () => KERN_FAILURE,
    // Mach's keeps no file server's port, either.
    default_pager_register_fileserver: () => KERN_SUCCESS,
  },
};
