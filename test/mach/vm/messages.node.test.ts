/**
 * The calls on address spaces as a server makes them on another task: by message, with data out of
 * line in requests and replies, and by trap where there is one.
 */
import { describe, expect, test } from "vitest";
import { KERN_RETURN, MACH_TRAP, VM_INHERIT, VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { Caller, cameTo, far, leaks } from "./caller.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const {
  KERN_SUCCESS,
  KERN_INVALID_ADDRESS,
  KERN_INVALID_ARGUMENT,
  KERN_NO_SPACE,
  KERN_PROTECTION_FAILURE,
} = KERN_RETURN;
const { VM_PROT_READ, VM_PROT_DEFAULT, VM_PROT_ALL, VM_PROT_NONE } = VM_PROT;
const AT = 0x50000000;

const pattern = (length: number, seed = 1): Uint8Array =>
  Uint8Array.from({ length }, (_, i) => (i * 7 + seed * 31 + (i >> 8)) & 0xff);

/** A server task and a client task, of whose port the server has a name. */
async function two(options = {}) {
  const server = await Caller.boot(options);
  const client = server.another();
  const { k } = server;
  const port = server.taskPort(client.task);
  return {
    k,
    server,
    client,
    port,
    allocate: (size: number, address = AT): number => {
      const reply = server.call(port, "vm_allocate", { address, size, anywhere: 0 });
      expect(reply).toEqual({ code: KERN_SUCCESS, values: { address } });
      return address;
    },
    /** Both tasks end: nothing is left. */
    end: (): void => {
      expect(checkKernel(k)).toEqual([]);
      expect(leaks(k)).toEqual([]);
    },
  };
}

describe("by message, on another task", () => {
  test("vm_allocate gives zeroes there, not here; vm_deallocate takes them", async () => {
    const { server, client, port, end, allocate } = await two();
    allocate(3 * PAGE_SIZE);
    expect(client.word(AT + 2 * PAGE_SIZE)).toBe(0);
    expect(server.word(AT)).toBeUndefined();
    expect(client.put(AT, 42)).toBe(true);
    const again = server.call(port, "vm_allocate", { address: AT, size: 1, anywhere: 0 });
    expect(again.code).toBe(KERN_NO_SPACE);
    const anywhere = server.call(port, "vm_allocate", { address: 0, size: 5000, anywhere: 1 });
    const { address } = anywhere.values as { address: number };
    expect(client.put(address + 2 * PAGE_SIZE - 4, 1)).toBe(true);
    expect(client.put(address + 2 * PAGE_SIZE, 1)).toBe(false);
    const gone = { address: AT + PAGE_SIZE, size: PAGE_SIZE };
    expect(server.call(port, "vm_deallocate", gone).code).toBe(KERN_SUCCESS);
    expect([client.word(AT), client.word(AT + PAGE_SIZE)]).toEqual([42, undefined]);
    expect(server.call(port, "vm_deallocate", { address: 0xfffff000, size: 8192 }).code).toBe(
      KERN_INVALID_ARGUMENT,
    );
    end();
  });

  test("vm_protect, vm_inherit and vm_region", async () => {
    const { server, client, port, end, allocate } = await two();
    allocate(2 * PAGE_SIZE);
    client.put(AT, 7);
    const range = { address: AT, size: PAGE_SIZE };
    const protect = (set_maximum: number, new_protection: number): number =>
      server.call(port, "vm_protect", { ...range, set_maximum, new_protection }).code;
    expect(protect(0, VM_PROT_READ)).toBe(KERN_SUCCESS);
    expect([client.word(AT), client.put(AT, 8), client.put(AT + PAGE_SIZE, 8)]).toEqual([
      ...[7, false, true],
    ]);
    expect(protect(0, 8)).toBe(KERN_INVALID_ARGUMENT);
    const none = { ...range, new_inheritance: VM_INHERIT.VM_INHERIT_NONE };
    expect(server.call(port, "vm_inherit", none).code).toBe(KERN_SUCCESS);
    expect(server.call(port, "vm_inherit", { ...none, new_inheritance: 3 }).code).toBe(
      KERN_INVALID_ARGUMENT,
    );
    expect(server.call(port, "vm_region", { address: AT - PAGE_SIZE }).values).toMatchObject({
      address: AT,
      size: PAGE_SIZE,
      protection: VM_PROT_READ,
      max_protection: VM_PROT_ALL,
      inheritance: VM_INHERIT.VM_INHERIT_NONE,
      is_shared: 0,
      object_name: 0,
    });
    expect(server.call(port, "vm_region", { address: AT + PAGE_SIZE }).values).toMatchObject({
      address: AT + PAGE_SIZE,
      protection: VM_PROT_DEFAULT,
      inheritance: VM_INHERIT.VM_INHERIT_COPY,
    });
    expect(server.call(port, "vm_region", { address: 0xbfff0000 }).code).toBe(KERN_NO_SPACE);
    expect(protect(1, VM_PROT_READ)).toBe(KERN_SUCCESS);
    expect(protect(0, VM_PROT_DEFAULT)).toBe(KERN_PROTECTION_FAILURE);
    expect(protect(0, VM_PROT_NONE)).toBe(KERN_SUCCESS);
    expect(client.word(AT)).toBeUndefined();
    const hole = { address: AT + PAGE_SIZE, size: 2 * PAGE_SIZE, set_maximum: 0 };
    expect(server.call(port, "vm_protect", { ...hole, new_protection: 1 }).code).toBe(
      KERN_INVALID_ADDRESS,
    );
    end();
  });

  test.each([
    ["whole pages", 0, 3 * PAGE_SIZE],
    ["any bytes", 100, 5001],
    ["a few bytes", PAGE_SIZE - 2, 4],
  ])("vm_write and vm_read: %s", async (_what, offset, length) => {
    const { server, client, port, end, allocate } = await two();
    allocate(4 * PAGE_SIZE);
    expect(client.write(AT, pattern(4 * PAGE_SIZE, 9))).toBe(true);
    server.call(server.self, "vm_allocate", { address: AT, size: 5 * PAGE_SIZE, anywhere: 0 });
    expect(server.write(AT + offset, pattern(length))).toBe(true);
    const data = far(AT + offset, length);
    const written = server.call(port, "vm_write", { address: AT + offset, data });
    expect(written.code).toBe(KERN_SUCCESS);
    const expected = pattern(4 * PAGE_SIZE, 9);
    expected.set(pattern(length), offset);
    expect(client.read(AT, 4 * PAGE_SIZE)).toEqual(expected);
    // What the server writes now is its own again.
    server.write(AT + offset, pattern(length, 5));
    expect(client.read(AT, 4 * PAGE_SIZE)).toEqual(expected);
    const read = server.call(port, "vm_read", { address: AT + offset, size: length });
    expect(read.code).toBe(KERN_SUCCESS);
    const { address, count } = cameTo(read, "data");
    expect(count).toBe(length);
    client.write(AT, pattern(4 * PAGE_SIZE, 3));
    expect(server.read(address, count)).toEqual(pattern(length));
    expect(server.write(address, pattern(count, 8))).toBe(true);
    expect(client.read(AT, 4 * PAGE_SIZE)).toEqual(pattern(4 * PAGE_SIZE, 3));
    end();
  });

  test("vm_write with the deallocate bit takes the sender's memory", async () => {
    const { server, client, port, end, allocate } = await two();
    allocate(2 * PAGE_SIZE);
    server.call(server.self, "vm_allocate", { address: AT, size: 2 * PAGE_SIZE, anywhere: 0 });
    server.write(AT, pattern(2 * PAGE_SIZE));
    // mach.defs does not let the client choose; the bit in the message does.
    const reply = server.call(
      port,
      "vm_write",
      { address: AT, data: far(AT, 2 * PAGE_SIZE) },
      { deallocate: true },
    );
    expect(reply.code).toBe(KERN_SUCCESS);
    expect(server.word(AT)).toBeUndefined();
    expect(client.read(AT, 2 * PAGE_SIZE)).toEqual(pattern(2 * PAGE_SIZE));
    end();
  });

  test("vm_copy inside the other task, overlapping nothing of ours", async () => {
    const { server, client, port, end, allocate } = await two();
    allocate(6 * PAGE_SIZE);
    client.write(AT, pattern(2 * PAGE_SIZE));
    const copy = (source: number, size: number, dest: number): number =>
      server.call(port, "vm_copy", { source_address: source, size, dest_address: dest }).code;
    expect(copy(AT, 2 * PAGE_SIZE, AT + 3 * PAGE_SIZE)).toBe(KERN_SUCCESS);
    client.write(AT, pattern(2 * PAGE_SIZE, 4));
    expect(client.read(AT + 3 * PAGE_SIZE, 2 * PAGE_SIZE)).toEqual(pattern(2 * PAGE_SIZE));
    expect(copy(AT, 2 * PAGE_SIZE, AT + PAGE_SIZE)).toBe(KERN_SUCCESS); // overlapping
    expect(client.read(AT + PAGE_SIZE, 2 * PAGE_SIZE)).toEqual(pattern(2 * PAGE_SIZE, 4));
    expect(copy(AT + 1, PAGE_SIZE, AT + PAGE_SIZE)).toBe(KERN_INVALID_ARGUMENT);
    expect(copy(AT, PAGE_SIZE, AT + 6 * PAGE_SIZE)).toBe(KERN_INVALID_ADDRESS);
    expect(copy(AT + 6 * PAGE_SIZE, PAGE_SIZE, AT)).toBe(KERN_INVALID_ADDRESS);
    end();
  });

  test("refusals leave the data with nobody", async () => {
    const { server, client, port, end, allocate } = await two();
    allocate(PAGE_SIZE);
    server.call(server.self, "vm_allocate", { address: AT, size: 2 * PAGE_SIZE, anywhere: 0 });
    const write = (address: number, size: number): number =>
      server.call(port, "vm_write", { address, data: far(AT, size) }).code;
    expect(write(AT, 2 * PAGE_SIZE)).toBe(KERN_INVALID_ADDRESS);
    expect(write(0xfffff000, 2 * PAGE_SIZE)).toBe(KERN_INVALID_ADDRESS);
    const range = { address: AT, size: PAGE_SIZE, set_maximum: 0 };
    server.call(port, "vm_protect", { ...range, new_protection: VM_PROT_READ });
    expect(write(AT, PAGE_SIZE)).toBe(KERN_PROTECTION_FAILURE);
    server.call(port, "vm_protect", { ...range, new_protection: VM_PROT_NONE });
    expect(server.call(port, "vm_read", { address: AT, size: 4 }).code).toBe(
      KERN_PROTECTION_FAILURE,
    );
    expect(server.call(port, "vm_read", { address: AT + PAGE_SIZE, size: 4 }).code).toBe(
      KERN_INVALID_ADDRESS,
    );
    expect(write(AT, 0)).toBe(KERN_SUCCESS);
    // Memory that the sender does not have is no message at all: MACH_SEND_INVALID_MEMORY.
    const bad = server.call(port, "vm_write", { address: AT, data: far(AT + 0x100000, 4) });
    expect(bad.code).toBe(0x1000000c);
    expect(server.word(AT)).toBe(0);
    task_terminate(server.k, client.task);
    expect(server.call(port, "vm_read", { address: AT, size: 4 }).code).toBe(0x10000003);
    end();
  });

  test("vm_map of no object is memory with its attributes; vm_statistics counts", async () => {
    const { server, client, port, end } = await two();
    const wanted = {
      ...{ address: 0x50001000, size: 2 * PAGE_SIZE, mask: 0xffff, anywhere: 1 },
      ...{ memory_object: 0, offset: 0, copy: 0 },
      ...{ cur_protection: VM_PROT_READ, max_protection: VM_PROT_READ },
      inheritance: VM_INHERIT.VM_INHERIT_SHARE,
    };
    const mapped = server.call(port, "vm_map", wanted);
    expect(mapped).toEqual({ code: KERN_SUCCESS, values: { address: 0x50010000 } });
    expect([client.word(0x50010000), client.put(0x50010000, 1)]).toEqual([0, false]);
    expect(server.call(port, "vm_region", { address: 0x50000000 }).values).toMatchObject({
      address: 0x50010000,
      max_protection: VM_PROT_READ,
      inheritance: VM_INHERIT.VM_INHERIT_SHARE,
    });
    const wider = server.call(port, "vm_map", { ...wanted, cur_protection: VM_PROT_DEFAULT });
    expect(wider.code).toBe(KERN_INVALID_ARGUMENT);
    const { vm_stats } = server.call(port, "vm_statistics").values as { vm_stats: number[] };
    expect(vm_stats).toHaveLength(13);
    expect(vm_stats[0]).toBe(PAGE_SIZE);
    end();
  });
});

describe("by trap, on another task", () => {
  const { TRAP_VM_ALLOCATE, TRAP_VM_DEALLOCATE, TRAP_VM_MAP } = MACH_TRAP;
  test("vm_allocate, vm_map and vm_deallocate", async () => {
    const { server, client, port, end } = await two();
    server.call(server.self, "vm_allocate", { address: AT, size: PAGE_SIZE, anywhere: 0 });
    server.put(AT, 0x60000000);
    expect(server.trap(TRAP_VM_ALLOCATE, port, AT, 2 * PAGE_SIZE, 0)).toBe(KERN_SUCCESS);
    expect(client.put(0x60000000 + PAGE_SIZE, 5)).toBe(true);
    expect(server.trap(TRAP_VM_ALLOCATE, port, AT, 2 * PAGE_SIZE, 0)).toBe(KERN_NO_SPACE);
    expect(server.trap(TRAP_VM_ALLOCATE, port, AT, PAGE_SIZE, 1)).toBe(KERN_SUCCESS);
    const anywhere = server.word(AT)!;
    expect(client.put(anywhere, 1)).toBe(true);
    expect(server.trap(TRAP_VM_DEALLOCATE, port, 0x60000000, PAGE_SIZE)).toBe(KERN_SUCCESS);
    expect([client.word(0x60000000), client.word(0x60000000 + PAGE_SIZE)]).toEqual([undefined, 5]);
    server.put(AT, 0);
    const map = [PAGE_SIZE, 0xfff, 1, 0, 0, 0, VM_PROT_READ, VM_PROT_ALL, 1];
    expect(server.trap(TRAP_VM_MAP, port, AT, ...map)).toBe(KERN_SUCCESS);
    expect([client.word(server.word(AT)!), client.put(server.word(AT)!, 1)]).toEqual([0, false]);
    // A pointer to nowhere, and a name that is no task's.
    expect(server.trap(TRAP_VM_ALLOCATE, port, 0x40, PAGE_SIZE, 1)).toBe(KERN_INVALID_ADDRESS);
    expect(server.trap(TRAP_VM_ALLOCATE, 0x1234, AT, PAGE_SIZE, 1)).toBe(0x10000007);
    end();
  });
});
