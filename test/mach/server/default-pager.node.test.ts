/** The kernel's own default pager, asked by message: its paging space, and objects made by name. */
import { describe, expect, test } from "vitest";
import { KERN_RETURN, MACH_TRAP, VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { DefaultPager } from "../../../host/mach/vm/default-pager.ts";
import { Disk } from "../../../host/mach/device/disk.ts";
import { vm_pageout_all } from "../../../host/mach/vm/vm-pageout.ts";
import { Caller, leaks } from "../vm/caller.ts";
import { wordsAt } from "./words.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;
const [AT, ELSEWHERE] = [0x50000000, 0x58000000];
const PAGES = 8;

async function begin() {
  const task = await Caller.boot();
  const { k } = task;
  const pager = task.send(k.host.port("defaultPager"));
  const create = (caller: Caller, pages: number): number => {
    const size = pages * PAGE_SIZE;
    const reply = caller.call(pager, "default_pager_object_create", { object_size: size });
    expect(reply.code).toBe(KERN_SUCCESS);
    return reply.values["memory_object"] as number;
  };
  return { task, k, pager, create };
}
type Setting = Awaited<ReturnType<typeof begin>>;

const map = (caller: Caller, memory_object: number, address: number, copy = 0) =>
  caller.call(caller.self, "vm_map", {
    ...{ address, size: PAGES * PAGE_SIZE, mask: 0, anywhere: 0, memory_object, offset: 0, copy },
    cur_protection: VM_PROT.VM_PROT_DEFAULT,
    max_protection: VM_PROT.VM_PROT_ALL,
    inheritance: 1,
  }).code;

const pageOut = ({ k }: Setting): void => vm_pageout_all(k.vm);

const fill = (caller: Caller, address: number): void => {
  for (let page = 0; page < PAGES; page++) caller.put(address + page * PAGE_SIZE, 1000 + page);
};
const seen = (caller: Caller, address: number): (number | undefined)[] =>
  Array.from({ length: PAGES }, (_, page) => {
    expect(caller.beginTouch(address + page * PAGE_SIZE).result()).toBeDefined();
    return caller.word(address + page * PAGE_SIZE);
  });
const FILLED = Array.from({ length: PAGES }, (_, page) => 1000 + page);

describe("an object of the default pager's", () => {
  test("is memory that several map, which leaves and comes back, and goes with its last user", async () => {
    const setting = await begin();
    const { task, k, pager, create } = setting;
    const object = create(task, PAGES);
    expect([map(task, object, AT), map(task, object, ELSEWHERE)]).toEqual([0, 0]);
    fill(task, AT);
    expect(seen(task, ELSEWHERE)).toEqual(FILLED);

    const lists = () => {
      const reply = task.call(pager, "default_pager_objects");
      expect(reply.code).toBe(KERN_SUCCESS);
      return {
        objects: reply.values["objects"] as number[],
        ports: reply.values["ports"] as number[],
      };
    };
    expect(lists().objects[1]).toBe(0); // nothing of it has left
    pageOut(setting);
    const { objects, ports } = lists();
    const at = ports.findIndex((port) => port !== 0);
    expect(objects[2 * at + 1]).toBe(PAGES * PAGE_SIZE);
    const name = ports[at]!;
    const region = task.call(task.self, "vm_region", { address: AT });
    expect(region.values["object_name"]).toBe(name);
    const pages = task.call(pager, "default_pager_object_pages", { memory_object: name });
    expect(pages.values["pages"]).toEqual(FILLED.map((_, page) => page * PAGE_SIZE));
    expect(seen(task, AT)).toEqual(FILLED);

    // Without its port it is still memory of those who map it; then it is nothing.
    expect(task.trap(MACH_TRAP.TRAP_MACH_PORT_DEALLOCATE, task.self, object)).toBe(0);
    expect(k.pagers.created.find(object)).toBeUndefined();
    expect(seen(task, ELSEWHERE)).toEqual(FILLED);
    for (const address of [AT, ELSEWHERE])
      task.call(task.self, "vm_deallocate", { address, size: PAGES * PAGE_SIZE });
    const gone = task.call(pager, "default_pager_object_pages", { memory_object: name });
    expect(gone.code).toBe(KERN_INVALID_ARGUMENT);
    expect(leaks(k)).toEqual([]);
  });

  test("can be copied: neither sees what the other writes then", async () => {
    const setting = await begin();
    const { task, k, create } = setting;
    const object = create(task, PAGES);
    map(task, object, AT);
    fill(task, AT);
    expect(map(task, object, ELSEWHERE, 1)).toBe(KERN_SUCCESS);
    expect(task.beginTouch(AT, 7).result()).toBe(7);
    expect(task.beginTouch(ELSEWHERE + PAGE_SIZE, 8).result()).toBe(8);
    pageOut(setting);
    expect(seen(task, AT)).toEqual([7, ...FILLED.slice(1)]);
    expect(seen(task, ELSEWHERE)).toEqual([1000, 8, ...FILLED.slice(2)]);
    expect(leaks(k)).toEqual([]);
  });

  test("that nobody maps goes with its last right, in whatever way that goes", async () => {
    const { task, k, pager, create } = await begin();
    const other = task.another();
    const rights = Array.from({ length: 3 }, () => create(task, PAGES));
    create(task, 0);
    task.call(task.self, "mach_port_destroy", { name: rights[0]! });
    task.call(task.self, "mach_port_mod_refs", { name: rights[1]!, right: 0, delta: -1 });
    expect(k.pagers.created.ports()).toHaveLength(4);
    expect(map(other, rights[2]!, AT)).not.toBe(KERN_SUCCESS); // a name of another's
    const refused = task.call(pager, "default_pager_object_create", { object_size: 0xffffffff });
    expect(refused.code).toBe(KERN_SUCCESS); // nothing of it is there yet
    expect(leaks(k)).toEqual([]);
    expect(k.pagers.created.ports()).toEqual([]);
  });
});

test("its paging space: how much there is, and that nobody adds to it", async () => {
  const setting = await begin();
  const { task, k, pager } = setting;
  const info = () => task.call(pager, "default_pager_info").values["info"] as number[];
  const [total, free, page] = info();
  expect([total, page]).toEqual([k.vm.paging.pages * PAGE_SIZE, PAGE_SIZE]);
  task.call(task.self, "vm_allocate", { address: AT, size: PAGES * PAGE_SIZE, anywhere: 0 });
  fill(task, AT);
  pageOut(setting);
  expect(free! - info()[1]!).toBeGreaterThanOrEqual(PAGES * PAGE_SIZE);
  const master = task.send(k.host.port("masterDevice"));
  for (const add of [0, 1]) {
    const file = { master_device_port: master, filename: "/dev/sd0b", add };
    expect(task.call(pager, "default_pager_paging_file", file).code).toBe(KERN_FAILURE);
  }
  const server = { fileserver_port: task.self };
  expect(task.call(pager, "default_pager_register_fileserver", server).code).toBe(KERN_SUCCESS);
  // Asked of anybody else.
  expect(task.call(task.self, "default_pager_info").code).toBe(KERN_INVALID_ARGUMENT);
  expect(leaks(k)).toEqual([]);
});

test("more objects than go in line are listed out of line", async () => {
  const { task, k, pager, create } = await begin();
  const made = Array.from({ length: 300 }, () => create(task, 1));
  const reply = task.call(pager, "default_pager_objects");
  expect(wordsAt(task, reply, "objects")).toHaveLength(600);
  expect(reply.values["ports"]).toHaveLength(300);
  expect(made).toHaveLength(300);
  expect(leaks(k)).toEqual([]);
});

test("it is the default memory manager, until a task is, and when that one's port has died", async () => {
  const task = await Caller.boot();
  const { k } = task;
  const host = task.send(k.host.port("hostPriv"));
  const set = (port: number): number => {
    const values = { default_manager: port };
    const reply = task.call(host, "vm_set_default_memory_manager", values);
    expect(reply.code).toBe(KERN_SUCCESS);
    return reply.values["default_manager"] as number;
  };
  expect(set(0)).toBe(0); // there is none before the bootstrap thread has become one
  const clock = { now: () => k.machine.cycles, cyclesPerMs: k.cycles_per_millisecond };
  new DefaultPager(k, new Disk(k, k.interrupts, clock, {}), k.vm.paging);
  const own = set(0);
  expect(task.call(own, "default_pager_info").code).toBe(KERN_SUCCESS);
  const mine = task.receive();
  expect([set(mine), set(0)]).toEqual([own, mine]);
  task.call(task.self, "mach_port_destroy", { name: mine });
  expect(set(0)).toBe(own);
  expect(leaks(k)).toEqual([]);
});
