/**
 * External pagers. The test is the pager: it reads the messages at its port between two runs, and
 * answers at the control port, well or badly, while a program waits for a page of its object.
 */
import { describe, expect, test } from "vitest";
import { ipcKmsg } from "../../../host/abi/kernel.ts";
import { MACH_MSG_TYPE, VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { ipc_kmsg_destroy, ipc_port_destroy } from "../../../host/mach/ipc/destroy.ts";
import { ikm_alloc } from "../../../host/mach/ipc/kmsg.ts";
import { ipc_kobject_server } from "../../../host/mach/ipc/kobject.ts";
import { mqueueOf } from "../../../host/mach/ipc/mqueue.ts";
import {
  ipc_port_alloc_special,
  ipc_port_clear_receiver,
  ipc_port_make_send,
} from "../../../host/mach/ipc/port.ts";
import type { Kernel } from "../../../host/mach/kernel.ts";
import { dequeue, KMSG_LINKS } from "../../../host/mach/kern/queue.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { headerAt, portAt } from "../../../host/mach/kern/views.ts";
import type { Values } from "../../../host/kmig/binding.ts";
import { vm_map_copy_of_bytes } from "../../../host/mach/vm/vm-map-copy.ts";
import { vm_map } from "../../../host/mach/vm/vm-user.ts";
import { guest } from "../kern/guest.ts";

const { PAGE_SIZE } = MEMORY_MAP;
const OBJECT = 0x50000000;
const IDS = {
  memory_object_data_provided: 2038,
  memory_object_data_unavailable: 2039,
  memory_object_lock_request: 2044,
  memory_object_data_error: 2090,
  memory_object_destroy: 2092,
  memory_object_ready: 2094,
} as const;
const [INIT, TERMINATE, REQUEST, UNLOCK, RETURN] = [2200, 2201, 2203, 2204, 2208];

/** Adds the first words of two pages; then writes the sum into the first, and to `sum`. */
const PROGRAM = `
	.text
	.globl	_start
_start:
	ldil	L%${OBJECT},%r6
	ldw	0(%r6),%r7
	ldo	4096(%r6),%r5
	ldw	0(%r5),%r8
	add	%r7,%r8,%r9
	ldil	L%sum,%r10
	stw	%r9,R%sum(%r10)
	stw	%r9,0(%r6)
	ldi	1,%r11
	stw	%r11,R%sum+4(%r10)
	stop
	.data
	.globl	sum
sum:	.word	0, 0
`;

interface Told {
  readonly id: number;
  readonly words: readonly number[];
}

/** The messages at a port, which are taken and destroyed. */
function messages(k: Kernel, port: number): Told[] {
  const told: Told[] = [];
  for (;;) {
    const kmsg = dequeue(k.memory, mqueueOf(port), KMSG_LINKS);
    if (kmsg === 0) return told;
    portAt(k, port).ip_msgcount -= 1;
    const { msgh_id, msgh_size } = headerAt(k, kmsg);
    const at = kmsg + ipcKmsg.offset.ikm_header;
    const words = Array.from({ length: (msgh_size - 24) / 4 }, (_, i) =>
      k.memory.read32(at + 24 + 4 * i),
    );
    told.push({ id: msgh_id, words });
    ipc_kmsg_destroy(k, kmsg);
  }
}

async function mapped() {
  const run = await guest(PROGRAM, { stopAtExceptions: false });
  const { kernel, task } = run;
  const port = ipc_port_alloc_special(kernel, kernel.cpu.ipc_space_kernel);
  portAt(kernel, port).ip_receiver = 1; // not the kernel's: the test's
  const object = kernel.pagers.enter(port);
  if (typeof object !== "object") throw new Error(`no object: ${object}`);
  const placed = kernel.runNow(
    vm_map(kernel.vm, kernel.vmMapOf(task), {
      address: OBJECT,
      size: 2 * PAGE_SIZE,
      mask: 0,
      anywhere: false,
      object,
      offset: 0,
      copy: false,
      protection: VM_PROT.VM_PROT_DEFAULT,
      maxProtection: VM_PROT.VM_PROT_ALL,
      inheritance: 1,
    }),
  );
  expect(placed).toEqual({ address: OBJECT });
  const [init] = messages(kernel, port);
  expect(init).toMatchObject({ id: INIT });
  const control = init!.words[1]!;

  /** What the pager says at the control port. */
  function say(routine: keyof typeof IDS, values: Values): void {
    const binding = kernel.interfaces.routine(IDS[routine])!;
    const kmsg = ikm_alloc(kernel, binding.description.request.maxSize);
    const at = kmsg + ipcKmsg.offset.ikm_header;
    const right = ipc_port_make_send(kernel, control);
    const ports = { requestPort: right, replyPort: 0 };
    const size = binding.encodeRequest(kernel.memory, at, ports, values);
    const header = headerAt(kernel, kmsg);
    const isComplex = header.msgh_bits & 0x80000000;
    header.msgh_bits = (MACH_MSG_TYPE.MACH_MSG_TYPE_PORT_SEND | isComplex) >>> 0;
    header.msgh_size = size!;
    header.msgh_remote_port = right;
    header.msgh_local_port = 0;
    expect(ipc_kobject_server(kernel, kmsg)).toBe(0);
  }
  const memory = (bytes: Uint8Array) => {
    const copied = vm_map_copy_of_bytes(kernel.vm, bytes);
    if ("kr" in copied) throw new Error(`no copy: ${copied.kr}`);
    return { address: copied.copy, count: bytes.length };
  };
  const pageOf = (word: number): Uint8Array => {
    const bytes = new Uint8Array(PAGE_SIZE);
    new DataView(bytes.buffer).setUint32(0, word);
    return bytes;
  };
  return {
    ...run,
    port,
    say,
    ready: (strategy = 2) => say("memory_object_ready", { may_cache: 0, copy_strategy: strategy }),
    provide: (offset: number, word: number, lock = 0) =>
      say("memory_object_data_provided", { offset, data: memory(pageOf(word)), lock_value: lock }),
    /** Runs until nobody can; what the pager was told then. */
    told: (): Told[] => {
      kernel.run({ cycles: 20_000_000 });
      return messages(kernel, port);
    },
    die: (): void => {
      ipc_port_clear_receiver(kernel, port);
      ipc_port_destroy(kernel, port);
    },
    /** Ends the task, and looks for what is left. */
    end: (): Told[] => {
      task_terminate(kernel, task);
      const last = portAt(kernel, port).ip_bits >>> 31 ? messages(kernel, port) : [];
      const { vm } = kernel;
      expect([...vm.objects]).toEqual([]);
      expect(vm.copies.size).toBe(0);
      expect(vm.paging.used).toBe(0);
      expect(vm.pages.freeCount).toBe(vm.pages.count);
      return last;
    },
  };
}

const access = ({ words }: Told) => ({ offset: words[3], length: words[5], access: words[7] });

describe("a pager", () => {
  test("is asked for each page, once it is ready, and gets back what was written", async () => {
    const { words, ready, provide, told, end } = await mapped();
    expect(told()).toEqual([]); // not ready: nothing is asked
    ready();
    const [first, ...none] = told();
    expect(none).toEqual([]);
    expect(first!.id).toBe(REQUEST);
    expect(access(first!)).toEqual({ offset: 0, length: PAGE_SIZE, access: VM_PROT.VM_PROT_READ });
    provide(0, 40);
    const [second] = told();
    expect(access(second!)).toMatchObject({ offset: PAGE_SIZE });
    provide(PAGE_SIZE, 2);
    expect(told()).toEqual([]);
    expect(words("sum", 2)).toEqual([42, 1]);
    expect(end().map(({ id }) => id)).toEqual([RETURN, TERMINATE]);
  });

  test("that has no data gives zeroes", async () => {
    const { words, ready, say, told, provide, end } = await mapped();
    ready();
    told();
    say("memory_object_data_unavailable", { offset: 0, size: PAGE_SIZE });
    told();
    provide(PAGE_SIZE, 5);
    told();
    expect(words("sum", 2)).toEqual([5, 1]);
    end();
  });

  test("that answers twice, or unasked, changes nothing", async () => {
    const { words, ready, told, provide, say, end } = await mapped();
    ready();
    told();
    provide(0, 40);
    provide(0, 41);
    told();
    say("memory_object_data_error", { offset: 0, size: PAGE_SIZE, error_value: 1 });
    provide(PAGE_SIZE, 2);
    told();
    provide(PAGE_SIZE, 3);
    provide(8 * PAGE_SIZE, 9);
    told();
    expect(words("sum", 2)).toEqual([42, 1]);
    end();
  });

  test("whose lock forbids writing is asked before the write", async () => {
    const { words, ready, told, provide, say, end } = await mapped();
    ready();
    told();
    provide(0, 40, VM_PROT.VM_PROT_WRITE);
    told();
    provide(PAGE_SIZE, 2);
    const [unlock] = told();
    expect(unlock!.id).toBe(UNLOCK);
    expect(access(unlock!)).toMatchObject({ offset: 0, access: 3 });
    expect(words("sum", 2)).toEqual([42, 0]);
    const lock = { offset: 0, size: PAGE_SIZE, should_return: 0, should_flush: 0, lock_value: 0 };
    say("memory_object_lock_request", { ...lock, reply_to: 0 });
    told();
    expect(words("sum", 2)).toEqual([42, 1]);
    end();
  });

  test.each([
    [
      "fails",
      (pager: Pager) =>
        pager.say("memory_object_data_error", { offset: 0, size: 4096, error_value: 5 }),
    ],
    ["dies", (pager: Pager) => pager.die()],
    ["destroys its object", (pager: Pager) => pager.say("memory_object_destroy", { reason: 5 })],
  ])("that %s ends who waits for its page, and nobody else", async (_what, act) => {
    const pager = await mapped();
    const { kernel, task } = pager;
    pager.ready();
    expect(pager.told().map(({ id }) => id)).toEqual([REQUEST]);
    act(pager);
    kernel.run({ cycles: 20_000_000 });
    expect(kernel.liveElements("task")).not.toContain(task); // EXC_BAD_ACCESS, and nobody handles it
    expect([...kernel.vm.objects]).toEqual([]);
    expect(kernel.vm.pages.freeCount).toBe(kernel.vm.pages.count);
  });

  test("that never answers keeps nobody but its client, who can be ended", async () => {
    const { ready, told, end, kernel } = await mapped();
    ready();
    expect(told().map(({ id }) => id)).toEqual([REQUEST]);
    expect(kernel.run({ cycles: 1_000_000_000 })).toBe("idle");
    end();
  });
});

type Pager = Awaited<ReturnType<typeof mapped>>;
