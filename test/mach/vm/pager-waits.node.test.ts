/**
 * Calls whose arguments, messages and data lie in pages that a pager has still to bring: they wait, and
 * then do what they would have done.
 */
import { describe, expect, test } from "vitest";
import { ESCAPE } from "../../../host/abi/kernel.ts";
import {
  MACH_MSG_OPTION,
  MACH_MSG_RETURN,
  MACH_MSG_TYPE,
  MACH_TRAP,
} from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { thread_terminate } from "../../../host/mach/kern/thread.ts";
import { ipc_entry_lookup } from "../../../host/mach/ipc/entry.ts";
import { ipc_port_make_send } from "../../../host/mach/ipc/port.ts";
import { entryAt } from "../../../host/mach/kern/views.ts";
import { type Caller, cameTo, far, leaks, type Pending } from "./caller.ts";
import { AT, DELAY, file, NONE, type VnodePager } from "./vnode-pager.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const { TRAP_MACH_MSG, TRAP_VM_ALLOCATE } = MACH_TRAP;
const { MACH_SEND_MSG, MACH_RCV_MSG } = MACH_MSG_OPTION;
const { MACH_MSG_TYPE_COPY_SEND, MACH_MSG_TYPE_MAKE_SEND_ONCE } = MACH_MSG_TYPE;

/** Lets the pager answer until a call has ended. */
function served<T>(pager: VnodePager, pending: Pending<T>): T | undefined {
  for (let i = 0; i < 20 && pending.result() === undefined; i++) {
    pager.serve();
    pager.task.k.run({ cycles: 10_000_000 });
  }
  return pending.result();
}

/** A client with a mapped file, of which nothing is in memory. */
async function mapped(strategy = DELAY) {
  const f = await file([1, 2, 3, 4]);
  f.pager.map(f.client, 4);
  f.pager.serve();
  f.pager.ready(strategy);
  const end = (): void => {
    expect(checkKernel(f.k, { sends: f.k.pagers.sends() })).toEqual([]);
    f.pager.serve();
    expect(leaks(f.k)).toEqual([]);
  };
  return { ...f, end };
}

/** A send right for a port of one task, in another. */
const given = (from: Caller, name: number, to: Caller): number =>
  to.send(
    ipc_port_make_send(
      from.k,
      entryAt(from.k, ipc_entry_lookup(from.k, from.space, name)).ie_object,
    ),
  );

const SIMPLE = MACH_MSG_TYPE_COPY_SEND | (MACH_MSG_TYPE_MAKE_SEND_ONCE << 8);

describe("a receive buffer in a pager's page", () => {
  test.each([64, 1000])("takes a message of %i bytes that kernel text hands over", async (size) => {
    const { k, pager, client, other, end } = await mapped();
    const port = client.receive();
    const buffer = AT + PAGE_SIZE - 32; // over the end of a page
    const receiving = client.beginTrap(TRAP_MACH_MSG, buffer, MACH_RCV_MSG, 0, 2048, port);
    expect(receiving.result()).toBeUndefined();
    const reply = other.receive();
    other.call(other.self, "vm_allocate", { address: AT, size: PAGE_SIZE, anywhere: 0 });
    other.put(AT, SIMPLE, 0, given(client, port, other), reply, 0, 77);
    other.put(AT + size - 4, 0x1234);
    const option = MACH_SEND_MSG | MACH_RCV_MSG;
    const sending = other.beginTrap(TRAP_MACH_MSG, AT, option, size, 2048, reply);
    expect(k.escapes.get(ESCAPE.ESCAPE_MACH_MSG_PUT)).toBe(1);
    expect(receiving.result()).toBeUndefined(); // its pager has not answered yet
    expect(served(pager, receiving)).toBe(0);
    expect(client.word(buffer + 20)).toBe(77);
    expect(client.word(buffer + size - 4)).toBe(0x1234);
    expect(sending.result()).toBeUndefined();
    expect(pager.log.filter((each) => each === "data_request")).toHaveLength(2);
    end();
  });

  test("takes a reply of the kernel, with a right and memory in it", async () => {
    const { k, pager, client, end } = await mapped();
    const reply = client.receive();
    client.call(client.self, "vm_allocate", { address: 0x60000000, size: PAGE_SIZE, anywhere: 0 });
    client.put(0x60000000, 55);
    // vm_read of its own memory; message and reply in the file's third page.
    client.put(0x60000100, SIMPLE, 0, client.self, reply, 0, 2026);
    client.put(0x60000118, 0x02200018, 0x60000000, 0x02200018, 4);
    const option = MACH_SEND_MSG | MACH_RCV_MSG;
    // The message has to be where the reply goes: copy it there through the pager first.
    const words = Array.from({ length: 10 }, (_, i) => client.word(0x60000100 + 4 * i)!);
    for (const [i, word] of words.entries())
      expect(served(pager, client.beginTouch(AT + 2 * PAGE_SIZE + 4 * i, word))).toBe(word);
    const flush = { offset: 0, size: 4 * PAGE_SIZE, should_return: 2, should_flush: 1 };
    pager.wholePages = true;
    pager.say("memory_object_lock_request", { ...flush, lock_value: 8, reply_to: 0 });
    pager.serve();
    const asked = client.beginTrap(TRAP_MACH_MSG, AT + 2 * PAGE_SIZE, option, 40, 2048, reply);
    expect(asked.result()).toBeUndefined();
    expect(served(pager, asked)).toBe(0);
    const at = client.word(AT + 2 * PAGE_SIZE + 44)!;
    expect(client.word(at)).toBe(55);
    expect(k.procedures.postponed.size).toBe(0);
    end();
  });

  test("that the pager fails to bring is MACH_RCV_INVALID_DATA", async () => {
    const { k, pager, client, other, end } = await mapped();
    const port = client.receive();
    const receiving = client.beginTrap(TRAP_MACH_MSG, AT, MACH_RCV_MSG, 0, 2048, port);
    other.call(other.self, "vm_allocate", { address: AT, size: PAGE_SIZE, anywhere: 0 });
    other.put(AT, MACH_MSG_TYPE_COPY_SEND, 0, given(client, port, other), 0, 0, 77);
    expect(other.trap(TRAP_MACH_MSG, AT, MACH_SEND_MSG, 24, 0, 0)).toBe(0);
    expect(pager.next()?.routine).toBe("memory_object_data_request");
    pager.say("memory_object_data_error", { offset: 0, size: PAGE_SIZE, error_value: 1 });
    k.run({ cycles: 10_000_000 });
    expect(receiving.result()).toBe(MACH_MSG_RETURN.MACH_RCV_INVALID_DATA);
    end();
  });

  test("of a thread that ends while it waits is forgotten", async () => {
    const { k, client, other, end } = await mapped();
    const port = client.receive();
    const before = k.liveElements("thread");
    client.beginTrap(TRAP_MACH_MSG, AT, MACH_RCV_MSG, 0, 2048, port);
    const [thread] = k.liveElements("thread").filter((each) => !before.includes(each));
    other.call(other.self, "vm_allocate", { address: AT, size: PAGE_SIZE, anywhere: 0 });
    other.put(AT, MACH_MSG_TYPE_COPY_SEND, 0, given(client, port, other), 0, 0, 77);
    expect(other.trap(TRAP_MACH_MSG, AT, MACH_SEND_MSG, 24, 0, 0)).toBe(0);
    thread_terminate(k, thread!);
    k.run({ cycles: 10_000_000 });
    expect(k.procedures.postponed.size).toBe(0);
    end();
  });
});

test.each([
  ["none", NONE],
  ["delay", DELAY],
])("memory out of line is copied from its pager: strategy %s", async (_name, strategy) => {
  const { pager, client, other, end } = await mapped(strategy);
  const port = client.taskPort(other.task);
  other.call(other.self, "vm_allocate", { address: AT, size: 4 * PAGE_SIZE, anywhere: 0 });
  const data = far(AT, 3 * PAGE_SIZE);
  const writing = client.beginCall(port, "vm_write", { address: AT, data }, { deallocate: true });
  expect(served(pager, writing)).toMatchObject({ code: 0 });
  const words = [0, 1, 2].map((page) => served(pager, other.beginTouch(AT + page * PAGE_SIZE)));
  expect(words).toEqual([1, 2, 3]);
  const region = client.call(client.self, "vm_region", { address: AT }).values;
  expect(region["address"]).toBe(AT + 3 * PAGE_SIZE); // the deallocate bit
  end();
});

test("vm_read of another's unread file, and a trap's pointer into one", async () => {
  const { k, pager, client, other, end } = await mapped(NONE);
  const reading = other.beginCall(other.taskPort(client.task), "vm_read", {
    ...{ address: AT, size: 2 * PAGE_SIZE },
  });
  const read = served(pager, reading)!;
  const { address } = cameTo(read, "data");
  expect([other.word(address), other.word(address + PAGE_SIZE)]).toEqual([1, 2]);
  pager.pages.set(3 * PAGE_SIZE, 0x66000000);
  const pointer = AT + 3 * PAGE_SIZE;
  const trap = client.beginTrap(TRAP_VM_ALLOCATE, client.self, pointer, PAGE_SIZE, 0);
  expect(trap.result()).toBeUndefined();
  expect(served(pager, trap)).toBe(0);
  expect(client.put(0x66000000, 1)).toBe(true);
  expect(k.procedures.postponed.size).toBe(0);
  end();
});
