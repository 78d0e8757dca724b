/** The checks themselves: every kind of damage to a sound kernel must be seen. */
import { expect, test } from "vitest";
import { ipcEntry } from "../../../host/abi/kernel.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { ipc_entry_lookup } from "../../../host/mach/ipc/entry.ts";
import { thread_block } from "../../../host/mach/kern/sched.ts";
import {
  entryAt,
  headerAt,
  portAt,
  spaceAt,
  taskAt,
  threadAt,
} from "../../../host/mach/kern/views.ts";
import { RCV, SEND } from "./scenario.ts";
import { fill, pair, request, type Pair } from "./world.ts";

/**
 * A kernel with a full queue, a sender and a receiver that wait, a dead name and a spare thread.
 */
function sound(): Pair & { readonly port: number; readonly replyPort: number } {
  const p = pair();
  const { world, k, client, server, reply, service } = p;
  fill(p, 5);
  const second = world.actor(client);
  expect(world.msg(second, { option: SEND, message: request(p) })).toBe("blocked");
  expect(world.msg(client, { option: RCV, rcv_name: reply })).toBe("blocked");
  world.become(server);
  expect(checkKernel(k)).toEqual([]);
  return { ...p, port: world.portOf(server, service), replyPort: world.portOf(client, reply) };
}
type Sound = ReturnType<typeof sound>;

const entry = (p: Sound, space: number, name: number) =>
  entryAt(p.k, ipc_entry_lookup(p.k, space, name));

test.each<[string, RegExp, (p: Sound) => void]>([
  ["a lost reference", /references 7, counted 8/, (p) => (portAt(p.k, p.port).ip_references -= 1)],
  [
    "a send right too many",
    /send rights 8, counted 7/,
    (p) => (portAt(p.k, p.port).ip_srights += 1),
  ],
  [
    "a send-once right too few",
    /send-once rights 5, counted 6/,
    (p) => (portAt(p.k, p.replyPort).ip_sorights -= 1),
  ],
  ["a message miscounted", /messages 4, counted 5/, (p) => (portAt(p.k, p.port).ip_msgcount -= 1)],
  ["a message without its queue", /leaked/, (p) => (portAt(p.k, p.port).ip_messages = 0)],
  [
    "a broken list",
    /list at .* broken/,
    (p) => p.k.memory.write32(portAt(p.k, p.port).ip_messages, 0),
  ],
  [
    "a message for another port",
    /is not for it/,
    (p) => (headerAt(p.k, portAt(p.k, p.port).ip_messages).msgh_remote_port = p.replyPort),
  ],
  [
    "a message that carries no right",
    /carries right 19/,
    (p) => (headerAt(p.k, portAt(p.k, p.port).ip_messages).msgh_bits = 0x1213),
  ],
  [
    "a receiver that is somewhere else",
    /receiver .* is lost/,
    (p) => (threadAt(p.k, p.client.thread).ith_object = p.port),
  ],
  [
    "a receiver that does not know that it waits",
    /does not wait/,
    (p) => (threadAt(p.k, p.client.thread).ith_state = 0x10004009),
  ],
  [
    "a receiver with a strange continuation",
    /continuation 3/,
    (p) => (threadAt(p.k, p.client.thread).swap_func = 3),
  ],
  [
    "receivers beside messages",
    /beside messages/,
    (p) => (portAt(p.k, p.port).ip_threads = portAt(p.k, p.replyPort).ip_threads),
  ],
  [
    "a sender that does not know that it waits",
    /sender .* does not wait/,
    (p) => (threadAt(p.k, portAt(p.k, p.port).ip_blocked).ith_state = 0),
  ],
  ["a port dead with a queue", /dead, with a queue/, (p) => (portAt(p.k, p.port).ip_bits = 0)],
  [
    "a receive right that the port does not know",
    /the port does not know/,
    (p) => (portAt(p.k, p.port).ip_receiver_name += 1),
  ],
  [
    "an entry that is used and free",
    /used and free/,
    (p) => (entryAt(p.k, spaceAt(p.k, p.client.space).is_table).ie_next = 1),
  ],
  [
    "an entry lost",
    /entry \d is lost/,
    (p) => (entryAt(p.k, spaceAt(p.k, p.client.space).is_table).ie_next = 0),
  ],
  [
    "a free list in a circle",
    /twice or out of/,
    (p) => {
      const table = spaceAt(p.k, p.server.space).is_table;
      entryAt(p.k, table + 3 * ipcEntry.size).ie_next = 2;
    },
  ],
  [
    "a free entry that holds something",
    /free entry 3 holds/,
    (p) => (entryAt(p.k, spaceAt(p.k, p.server.space).is_table + 3 * ipcEntry.size).ie_object = 4),
  ],
  [
    "a used entry with a request",
    /dead-name requests , entries have 5/,
    (p) => (entry(p, p.client.space, p.dest).ie_next = 5),
  ],
  [
    "user references of a receive right",
    /with 1 user references/,
    (p) => (entry(p, p.server.space, p.service).ie_bits += 1),
  ],
  [
    "a send right without user references",
    /with 0 user references/,
    (p) => (entry(p, p.client.space, p.dest).ie_bits -= 1),
  ],
  [
    "a send right that the hash lost",
    /not in the reverse hash/,
    (p) => {
      const { is_table, is_table_size } = spaceAt(p.k, p.client.space);
      for (let i = 0; i < is_table_size; i++)
        entryAt(p.k, is_table + i * ipcEntry.size).ie_hash = 0;
    },
  ],
  [
    "a hash slot too many",
    /2 hash slots for 1 send rights/,
    (p) => {
      const { is_table, is_table_size } = spaceAt(p.k, p.client.space);
      for (let i = 0; i < is_table_size; i++) {
        const slot = entryAt(p.k, is_table + i * ipcEntry.size);
        if (slot.ie_hash !== 0) continue;
        slot.ie_hash = 1;
        return;
      }
    },
  ],
  ["a name for freed memory", /used, but free/, (p) => p.k.zfree("ipc_port", p.port)],
  ["memory that nobody has", /kalloc 64: .* leaked/, (p) => void p.k.kalloc(64)],
  [
    "a space held too often",
    /space .* references 3, counted 2/,
    (p) => (spaceAt(p.k, p.client.space).is_references += 1),
  ],
  [
    "a task held too often",
    /task .* references/,
    (p) => (taskAt(p.k, p.client.task).ref_count += 1),
  ],
  [
    "a runnable thread off the queue",
    /is not where it is/,
    (p) => {
      thread_block(p.k, 3);
      p.k.cpu.run_queue = 0;
    },
  ],
  [
    "a waiting thread with the stack",
    /stack/,
    (p) => (threadAt(p.k, p.client.thread).kernel_stack = 0x2000),
  ],
  ["the wrong PCB", /PCB is not the active one/, (p) => (p.k.cpu.active_pcb += 4)],
  ["a PCB too many", /PCBs/, (p) => void p.k.zalloc("pcb")],
  [
    "a thread on another task's list",
    /is on a wrong list/,
    (p) => {
      taskAt(p.k, p.server.task).thread_next = taskAt(p.k, p.client.task).thread_next;
    },
  ],
])("%s is seen", (_what, problem, damage) => {
  const p = sound();
  damage(p);
  expect(checkKernel(p.k).join("\n")).toMatch(problem);
});

test("what others hold can be told", () => {
  const p = sound();
  const memory = p.k.kalloc(100);
  portAt(p.k, p.port).ip_references += 1;
  portAt(p.k, p.port).ip_srights += 1;
  taskAt(p.k, p.client.task).ref_count += 1;
  const holdings = { sends: [p.port], kalloc: [memory], tasks: [p.client.task] };
  expect(checkKernel(p.k, holdings)).toEqual([]);
});
