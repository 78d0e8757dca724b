/** Circular lists in guest memory against JavaScript arrays. */
import fc from "fast-check";
import { expect, test } from "vitest";
import { walkQueue } from "../../../host/mach/ipc/checks.ts";
import {
  dequeue,
  enqueue,
  enqueueFirst,
  queueElements,
  queueFirst,
  remqueue,
} from "../../../host/mach/kern/queue.ts";
import { TestKernel } from "../ipc/test-kernel.ts";

const HEAD = 0x3000;
const LINKS = { next: 8, prev: 4 };
const element = (i: number): number => 0x3100 + 16 * i;

test("any history leaves the list that an array would be", () => {
  const step = fc.record({
    what: fc.constantFrom("last", "first", "remove", "dequeue"),
    i: fc.nat(9),
  });
  fc.assert(
    fc.property(fc.array(step), (steps) => {
      const k = new TestKernel();
      const { memory } = k;
      const model: number[] = [];
      for (const { what, i } of steps) {
        const at = element(i);
        const isIn = model.includes(at);
        if (what === "last" && !isIn) {
          enqueue(memory, HEAD, LINKS, at);
          model.push(at);
        } else if (what === "first" && !isIn) {
          enqueueFirst(memory, HEAD, LINKS, at);
          model.unshift(at);
        } else if (what === "remove" && isIn) {
          remqueue(memory, HEAD, LINKS, at);
          model.splice(model.indexOf(at), 1);
          expect([memory.read32(at + 8), memory.read32(at + 4)]).toEqual([at, at]);
        } else if (what === "dequeue")
          expect(dequeue(memory, HEAD, LINKS)).toBe(model.shift() ?? 0);
        expect(queueElements(memory, HEAD, LINKS)).toEqual(model);
        expect(queueFirst(memory, HEAD)).toBe(model[0] ?? 0);
        expect(walkQueue(k, HEAD, LINKS)).toEqual({ elements: model, problems: [] });
      }
    }),
  );
});

test("broken links are found and do not hang the walk", () => {
  const k = new TestKernel();
  for (const i of [0, 1, 2]) enqueue(k.memory, HEAD, LINKS, element(i));
  k.memory.write32(element(1) + LINKS.next, element(1));
  expect(walkQueue(k, HEAD, LINKS).problems).toHaveLength(1);
  k.memory.write32(element(1) + LINKS.next, 0);
  expect(walkQueue(k, HEAD, LINKS).problems).toHaveLength(1);
});
