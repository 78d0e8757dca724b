/**
 * Hostile kernel calls: messages to task, thread, host, device, memory control and other ports with every
 * id near those of the kernel's interfaces and anything in their bodies, the traps of threads, and loads
 * and stores to memory whose pager may answer anything. Each ends with a
 * code or a wait; the kernel's structures stay whole, other tasks unharmed, and nothing is left when
 * the tasks are gone. INKWELL_RUNS histories of up to 120 calls; the seed is printed on failure.
 */
import fc from "fast-check";
import { expect, test } from "vitest";
import { MACH_MSG_OPTION, MACH_MSG_TYPE, MACH_TRAP, VM_PROT } from "../../../host/abi/mach.ts";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { Console } from "../../../host/mach/device/console.ts";
import { TimeDevice } from "../../../host/mach/device/time.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import { ipc_port_release_send } from "../../../host/mach/ipc/destroy.ts";
import { ipc_port_copyout_send } from "../../../host/mach/ipc/object-copy.ts";
import { ipc_port_alloc, ipc_port_make_send } from "../../../host/mach/ipc/port.ts";
import { Kernel } from "../../../host/mach/kernel.ts";
import { runNext } from "../../../host/mach/kern/continuation.ts";
import { task_self_port, thread_self_port } from "../../../host/mach/kern/special-ports.ts";
import { thread_resume } from "../../../host/mach/kern/suspend.ts";
import { task_terminate } from "../../../host/mach/kern/task.ts";
import { taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { mapPages } from "../../../host/mach/load.ts";
import type { ExternalPager } from "../../../host/mach/server/pager.ts";
import { type VmObject, vm_object_deallocate } from "../../../host/mach/vm/vm-object.ts";
import { mapObject } from "../vm/test-pager.ts";
import { kernelInterfaces } from "../../../host/mach/server/interfaces.ts";
import { machTrap } from "../../../host/mach/traps.ts";
import { body, DATA, DEVICE, MAPPED, MAPPED_PAGES, step, wantedBody } from "./hostile-steps.ts";
import { seeded } from "../../support/seed.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 12);
/** What every page of a third task's must still say. */
const UNTOUCHED = 0x5afe5afe;
const { MACH_SEND_MSG, MACH_RCV_MSG, MACH_RCV_TIMEOUT } = MACH_MSG_OPTION;

test(`${RUNS} histories of hostile kernel calls`, { timeout: 0 }, async () => {
  const interfaces = await kernelInterfaces();
  let calls = 0;
  let touched = 0;
  const codes = new Set<number>();
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 120 }), async (steps) => {
      const k = await Kernel.boot({ stopAtExceptions: false });
      k.devices.add(new Console(k, k.interrupts, () => k.machine.cycles));
      k.devices.add(new TimeDevice(k.clock));
      void k.kernelTask;
      for (const which of [
        "host",
        "hostPriv",
        "processor",
        "set",
        "setName",
        "masterDevice",
        "bootstrap",
        "defaultPager",
      ] as const)
        ipc_port_release_send(k, k.host.port(which));
      const before = census(k);
      const bystander = k.createTask("user");
      mapPages(k, bystander, DATA, 0x1000, "userData");
      k.memory.write32(k.physical(k.spaceOf(bystander), DATA)!, UNTOUCHED);
      const tasks = [k.createTask("user"), k.createTask("user")];
      const threads: number[] = [];
      for (const task of tasks) {
        mapPages(k, task, DATA, 0x4000, "userData");
        for (let i = 0; i < 3; i++)
          threads.push(k.createThread(task, { entry: DATA, stack: DATA + 0x3000, args: [] }));
      }
      /** A port of each task: for replies, and for whatever the other sends. */
      const own = tasks.map((task) => {
        const made = ipc_port_alloc(k, taskAt(k, task).itk_space);
        if (typeof made === "number") throw new Error(`no port: ${made}`);
        return made;
      });
      const console = k.openDevices.open(k, k.devices.find("console")!);
      const object = k.pagers.enter(own[0]!.port) as VmObject;
      const { control } = object.pager as ExternalPager;
      for (const task of tasks) {
        object.references += 1;
        mapObject(k, task, object, { address: MAPPED, pages: MAPPED_PAGES });
      }
      vm_object_deallocate(k.vm, object);
      /** What each task can name: its own and the other's ports, host and device ports, a pager's. */
      const names = tasks.map((task, n) => {
        const space = taskAt(k, task).itk_space;
        const put = (port: number): number => ipc_port_copyout_send(k, space, port);
        return [
          ...tasks.map((each) => put(task_self_port(k, each))),
          ...threads.map((each) => put(thread_self_port(k, each))),
          ...(["host", "hostPriv", "setName", "masterDevice", "bootstrap"] as const).map((which) =>
            put(k.host.port(which)),
          ),
          put(ipc_port_make_send(k, own[1 - n]!.port)),
          put(ipc_port_make_send(k, console)),
          put(ipc_port_make_send(k, control)),
          put(k.host.port("defaultPager")),
          own[n]!.name,
        ];
      });
      for (const thread of threads) thread_resume(k, thread);

      /** Makes a thread current, if it lives and can run. */
      const become = (thread: number): boolean => {
        for (let tries = 0; tries < 20; tries++) {
          if (k.cpu.active_thread === thread) return true;
          if (k.cpu.active_thread !== 0)
            machTrap(k, k.cpu.active_thread, MACH_TRAP.TRAP_SWTCH | 0, [0, 0, 0, 0, 0, 0, 0]);
          if (k.cpu.active_thread === 0 && runNext(k) === "idle") return false;
        }
        return k.cpu.active_thread === thread;
      };
      const act = (each: (typeof steps)[number]): void => {
        if (each.what === "run") {
          k.machine.idle(each.ms * 66_670);
          k.interrupts.raise();
          k.interrupts.handle();
          return;
        }
        const thread = threads[each.by]!;
        if (!k.liveElements("thread").includes(thread) || !become(thread)) return;
        calls += 1;
        if (each.what === "touch") {
          const address = MAPPED + each.page * MEMORY_MAP.PAGE_SIZE;
          const access = each.write ? VM_PROT.VM_PROT_DEFAULT : VM_PROT.VM_PROT_READ;
          const kr = k.runNow(k.vm_fault(threadAt(k, thread).task, address, access));
          if (kr === 0) touched += 1;
          return;
        }
        if (each.what === "trap") {
          const args = each.args.map((arg, i) =>
            i === 2 && each.number === -61 ? arg % 500 : arg,
          );
          if (each.number === -39 || each.number === -40) {
            // A right name now and then, or nothing would come of it.
            const mine = names[tasks.indexOf(threadAt(k, thread).task)]!;
            args[0] = mine[args[0]! % 3 === 0 ? args[0]! % mine.length : DEVICE]!;
            if (args[1]! % 2 === 0) args[1] = 0;
          }
          machTrap(k, thread, each.number, args);
          return;
        }
        const { task } = threadAt(k, thread);
        const mine = names[tasks.indexOf(task)]!;
        const request = interfaces.routine(each.id)?.description.request;
        const { words, complex } =
          each.wanted && request ? wantedBody(request, each.wanted, mine) : body(each.items, mine);
        const reply = mine.at(-1)!;
        const bits =
          MACH_MSG_TYPE.MACH_MSG_TYPE_COPY_SEND |
          (MACH_MSG_TYPE.MACH_MSG_TYPE_MAKE_SEND_ONCE << 8) |
          (complex ? 0x80000000 : 0);
        const message = [bits, 0, mine[each.to % mine.length]!, reply, 0, each.id, ...words];
        const bytes = new Uint8Array(4 * message.length);
        message.forEach((value, i) => new DataView(bytes.buffer).setUint32(4 * i, value >>> 0));
        k.copyout(task, DATA, bytes);
        const option = MACH_SEND_MSG | MACH_RCV_MSG | MACH_RCV_TIMEOUT;
        const result = machTrap(k, thread, -25, [DATA, option, bytes.length, 0x2000, reply, 0, 0]);
        if (typeof result !== "number") return;
        const answer = k.copyin(task, DATA, 32);
        if (result !== 0 || !answer) return;
        const view = new DataView(answer.buffer);
        if (view.getUint32(20) === each.id + 100) codes.add(view.getInt32(28));
      };
      for (const each of steps) {
        act(each);
        expect(checkKernel(k, { sends: k.pagers.sends() })).toEqual([]);
      }
      expect(taskAt(k, bystander).active).toBe(1);
      expect(k.memory.read32(k.physical(k.spaceOf(bystander), DATA)!)).toBe(UNTOUCHED);
      for (const task of [bystander, ...tasks])
        if (k.liveElements("task").includes(task) && taskAt(k, task).active)
          task_terminate(k, task);
      // Tasks and threads that calls have made, and devices that are still open, are the machine's end.
      for (const task of k.liveElements("task")) if (task !== k.kernelTask) task_terminate(k, task);
      for (let i = 1; i < 200; i++) while (k.openDevices.find(i)) k.openDevices.close(k, i);
      while (k.cpu.active_thread === 0 && runNext(k) !== "idle");
      expect(checkKernel(k, { sends: k.pagers.sends() })).toEqual([]);
      expect([...k.vm.copies.keys()]).toEqual([]);
      const after = census(k);
      const cache = k.cpu.ipc_kmsg_cache === 0 ? 0 : 1;
      after["256"]! -= cache;
      const grown = Object.entries(after).filter(([zone, count]) => count > before[zone]!);
      expect(grown).toEqual([]);
    }),
    { numRuns: RUNS, ...seeded() },
  );
  expect(calls).toBeGreaterThan(RUNS * 10);
  // Not only refusals; of few histories perhaps none has a call that succeeds, or a pager that answers.
  if (RUNS >= 100) {
    expect(touched).toBeGreaterThan(0);
    expect(codes.has(0)).toBe(true);
  }
  if (process.env["INKWELL_RUNS"])
    console.log(
      `${calls} calls, ${touched} faults answered, codes ${[...codes].toSorted((a, b) => a - b).join(" ")}`,
    );
});
