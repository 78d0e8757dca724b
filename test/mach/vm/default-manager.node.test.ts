/**
 * A task as the default memory manager (vm_set_default_memory_manager): memory that has no pager goes to
 * it when memory is short, and comes back from it, unharmed.
 */
import { describe, expect, test } from "vitest";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { KERN_RETURN, MACH_MSG_TYPE, VM_PROT } from "../../../host/abi/mach.ts";
import { ipc_port_make_send } from "../../../host/mach/ipc/port.ts";
import { setDefaultManager } from "../../../host/mach/server/default-manager.ts";
import { vm_deallocate } from "../../../host/mach/vm/vm-user.ts";
import type { Kernel } from "../../../host/mach/kernel.ts";
import { vm_map_copy_of_bytes } from "../../../host/mach/vm/copy-contents.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { Caller, leaks } from "./caller.ts";
import {
  CREATE, dropPort, INITIALIZE, REQUEST, RETURN, sayTo, takeMessages, TERMINATE, testPort, type Told,
} from "./test-pager.ts"; // prettier-ignore

const { PAGE_SIZE } = MEMORY_MAP;
const HEAP = 0x50000000;

const pattern = (page: number): Uint8Array =>
  Uint8Array.from({ length: PAGE_SIZE }, (_, i) => (i * 7 + page * 31 + (i >> 8)) & 0xff);

/** A manager that the test plays: it keeps data by object and offset, outside of the machine's memory. */
class Manager {
  /** Data by offset, of each memory object's port. */
  readonly objects = new Map<number, Map<number, Uint8Array>>();
  readonly heard = new Map<number, number>();
  readonly k: Kernel;
  readonly port: number;

  constructor(k: Kernel) {
    this.k = k;
    this.port = testPort(k);
    const right = {
      port: ipc_port_make_send(k, this.port),
      type: MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND,
    };
    expect(setDefaultManager(k, right)).toBe(0);
  }

  count(id: number): number {
    return this.heard.get(id) ?? 0;
  }

  /** Takes all messages that there are, and answers them. */
  serve(): void {
    for (let more = true; more;) {
      more = false;
      for (const port of [this.port, ...this.objects.keys()])
        for (const message of takeMessages(this.k, port)) {
          more = true;
          this.#hear(port, message);
        }
    }
  }

  #hear(port: number, { id, words, data }: Told): void {
    this.heard.set(id, this.count(id) + 1);
    const [control, offset] = [words[1]!, words[3]!];
    switch (id) {
      case CREATE:
        expect(words[9]).toBe(PAGE_SIZE);
        this.objects.set(words[1]!, new Map());
        return;
      case INITIALIZE:
      case RETURN:
        this.objects.get(port)!.set(offset, data!);
        return;
      case REQUEST: {
        const bytes = this.objects.get(port)!.get(offset);
        if (!bytes) throw new Error(`asked for what was never given: ${offset}`);
        const copied = vm_map_copy_of_bytes(this.k.vm, bytes);
        if ("kr" in copied) throw new Error(`no copy: ${copied.kr}`);
        const given = { address: copied.copy, count: PAGE_SIZE };
        sayTo(this.k, control, "memory_object_data_provided", {
          offset,
          data: given,
          lock_value: 0,
        });
        return;
      }
      case TERMINATE:
        dropPort(this.k, port);
        this.objects.delete(port);
        return;
      default:
        throw new Error(`unexpected: ${id}`);
    }
  }

  end(): void {
    for (const port of [...this.objects.keys(), this.port]) dropPort(this.k, port);
  }
}

/** Writes more pages of a task's than there is memory for; the manager takes what leaves. */
function fill(task: Caller, manager: Manager, pages: number): void {
  task.call(task.self, "vm_allocate", { address: HEAP, size: pages * PAGE_SIZE, anywhere: 0 });
  for (let page = 0; page < pages; page++) {
    task.write(HEAP + page * PAGE_SIZE, pattern(page));
    if (page % 20 === 0) manager.serve();
  }
  manager.serve();
}

describe("a default memory manager", () => {
  test("gets the pages that leave memory, and is asked for them again", async () => {
    const task = await Caller.boot({ machine: { memoryBytes: 5 * 2 ** 20 } });
    const { k } = task;
    const manager = new Manager(k);
    const client = task.another();
    const pages = 700;
    expect(pages * PAGE_SIZE).toBeGreaterThan(k.vm.pages.count * PAGE_SIZE);
    client.call(client.self, "vm_allocate", {
      address: HEAP,
      size: pages * PAGE_SIZE,
      anywhere: 0,
    });
    for (let page = 0; page < pages; page++) {
      expect(client.write(HEAP + page * PAGE_SIZE, pattern(page))).toBe(true);
      if (page % 20 === 0) {
        k.run({ cycles: 1_000_000 });
        manager.serve();
      }
    }
    manager.serve();
    expect(manager.count(CREATE)).toBeGreaterThan(0);
    expect(manager.count(INITIALIZE)).toBeGreaterThan(100);
    for (let page = 0; page < pages; page += 7) {
      const address = HEAP + page * PAGE_SIZE;
      // The fault waits for the manager, whose answer the next one finds.
      const fault = () => k.runNow(k.vm_fault(client.task, address, VM_PROT.VM_PROT_READ));
      let kr = fault();
      for (let i = 0; i < 20 && kr === undefined; i++) {
        manager.serve();
        k.run({ cycles: 5_000_000 }); // its data may have to come from the paging space
        kr = fault();
      }
      expect(kr).toBe(0);
      expect(client.read(address, PAGE_SIZE)).toEqual(pattern(page));
    }
    expect(manager.count(REQUEST)).toBeGreaterThan(20);
    // The client's memory goes, and the manager is told.
    vm_deallocate(k.vm, client.map, HEAP, pages * PAGE_SIZE);
    manager.serve();
    expect(manager.count(TERMINATE)).toBeGreaterThan(0);
    manager.end();
    expect(leaks(k)).toEqual([]);
  });

  test("that ends leaves its place to the kernel's own; what it had is a memory error", async () => {
    const task = await Caller.boot({ machine: { memoryBytes: 5 * 2 ** 20 } });
    const { k } = task;
    const manager = new Manager(k);
    const pages = 700;
    fill(task, manager, pages);
    expect(manager.count(INITIALIZE)).toBeGreaterThan(100);
    const used = k.vm.paging.used;
    manager.end();
    expect(k.pagers.manager).toBe(0);
    const other = task.another();
    other.call(other.self, "vm_allocate", { address: HEAP, size: pages * PAGE_SIZE, anywhere: 0 });
    for (let page = 0; page < pages; page++) other.write(HEAP + page * PAGE_SIZE, pattern(page));
    expect(k.vm.paging.used).toBeGreaterThan(used + 100);
    for (let page = 0; page < pages; page += 50)
      expect(other.read(HEAP + page * PAGE_SIZE, PAGE_SIZE)).toEqual(pattern(page));
    const kr = k.runNow(k.vm_fault(task.task, HEAP, VM_PROT.VM_PROT_READ));
    expect(kr).toBe(KERN_RETURN.KERN_MEMORY_ERROR);
    expect(leaks(k)).toEqual([]);
  });

  test("that ends loses no page that is in memory", async () => {
    const task = await Caller.boot({ machine: { memoryBytes: 5 * 2 ** 20 } });
    const { k } = task;
    const manager = new Manager(k);
    const pages = 700;
    fill(task, manager, pages);
    const object = [...k.vm.objects].find(({ size }) => size === pages * PAGE_SIZE)!;
    const resident = [...object.pages.keys()].map((offset) => offset / PAGE_SIZE);
    expect(resident.length).toBeGreaterThan(20);
    manager.end();
    const other = task.another();
    other.call(other.self, "vm_allocate", { address: HEAP, size: pages * PAGE_SIZE, anywhere: 0 });
    for (let page = 0; page < pages; page++) other.write(HEAP + page * PAGE_SIZE, pattern(page));
    let back = 0;
    for (const page of resident) {
      const address = HEAP + page * PAGE_SIZE;
      const kr = k.runNow(k.vm_fault(task.task, address, VM_PROT.VM_PROT_READ));
      // Those that had been the manager's before are an error; none is silently another's, or zero.
      if (kr === KERN_RETURN.KERN_MEMORY_ERROR) continue;
      expect([page, kr]).toEqual([page, 0]);
      expect(task.read(address, PAGE_SIZE)).toEqual(pattern(page));
      back += 1;
    }
    expect(back).toBeGreaterThan(20);
    expect(leaks(k)).toEqual([]);
  });

  test("keeps pages that a copy object has taken: they are not taken again", async () => {
    const task = await Caller.boot({ machine: { memoryBytes: 5 * 2 ** 20 } });
    const { k } = task;
    const manager = new Manager(k);
    // Shared memory is copied through a copy object.
    const count = 16;
    const size = count * PAGE_SIZE;
    task.call(task.self, "vm_allocate", { address: HEAP, size, anywhere: 0 });
    task.call(task.self, "vm_inherit", { address: HEAP, size, new_inheritance: 0 });
    for (let page = 0; page < count; page++) task.write(HEAP + page * PAGE_SIZE, pattern(page));
    const child = task.call(task.self, "task_create", { inherit_memory: 1 });
    expect(child.code).toBe(0);
    const copy = HEAP + 0x1000000;
    task.call(task.self, "vm_allocate", { address: copy, size, anywhere: 0 });
    const copied = task.call(task.self, "vm_copy", {
      source_address: HEAP,
      size,
      dest_address: copy,
    });
    expect(copied.code).toBe(0);
    for (let page = 0; page < count; page++)
      task.write(HEAP + page * PAGE_SIZE, pattern(page + 100));
    const pressing = task.another();
    const pages = 600;
    pressing.call(pressing.self, "vm_allocate", {
      address: HEAP,
      size: pages * PAGE_SIZE,
      anywhere: 0,
    });
    for (let page = 0; page < pages; page++) {
      pressing.write(HEAP + page * PAGE_SIZE, pattern(page));
      if (page % 20 === 0) manager.serve();
    }
    const fault = (address: number, access: number): void => {
      let kr = k.runNow(k.vm_fault(task.task, address, access));
      for (let i = 0; i < 20 && kr === undefined; i++) {
        manager.serve();
        k.run({ cycles: 5_000_000 });
        kr = k.runNow(k.vm_fault(task.task, address, access));
      }
      expect(kr).toBe(0);
    };
    expect(manager.count(INITIALIZE)).toBeGreaterThan(100);
    for (let page = 0; page < count; page++) {
      fault(HEAP + page * PAGE_SIZE, VM_PROT.VM_PROT_DEFAULT);
      expect(task.write(HEAP + page * PAGE_SIZE, pattern(page + 200))).toBe(true);
    }
    for (let page = 0; page < count; page++) {
      fault(copy + page * PAGE_SIZE, VM_PROT.VM_PROT_READ);
      expect(task.read(copy + page * PAGE_SIZE, PAGE_SIZE)).toEqual(pattern(page));
    }
    manager.end();
    expect(leaks(k)).toEqual([]);
  });

  test("is set by message, with the privileged host's port alone; who only asks is told", async () => {
    const task = await Caller.boot();
    const { k } = task;
    const set = (host: "host" | "hostPriv", port: number) =>
      task.call(task.send(k.host.port(host)), "vm_set_default_memory_manager", {
        default_manager: port,
      });
    expect(set("host", task.receive()).code).toBe(KERN_RETURN.KERN_INVALID_ARGUMENT);
    expect(set("hostPriv", 0)).toEqual({ code: 0, values: { default_manager: 0 } });
    const [first, second] = [task.receive(), task.receive()];
    expect(set("hostPriv", first)).toEqual({ code: 0, values: { default_manager: 0 } });
    expect(set("hostPriv", 0)).toEqual({ code: 0, values: { default_manager: first } });
    expect(set("hostPriv", second)).toEqual({ code: 0, values: { default_manager: first } });
    expect(checkKernel(k, { sends: k.pagers.sends() })).toEqual([]);
    expect(leaks(k)).toEqual([]);
    expect(k.pagers.manager).toBe(0);
  });
});
