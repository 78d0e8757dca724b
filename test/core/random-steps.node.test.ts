/**
 * Any program at all (random-machine.ts), run in every way there is: step by step, in slices of any length,
 * traced, with accounts kept, back to a checkpoint, saved and restored in another machine, by the engine that decodes every time. Each way passes
 * through the same states at the same cycles. `INKWELL_FUZZ=20000` runs that many programs.
 */
import { expect, test } from "vitest";
import { Inspector } from "../../host/machine/inspector.ts";
import { Machine } from "../../host/machine/machine.ts";
import { type Random, seeded } from "../asm/random.ts";
import { fill, MEMORY } from "./random-machine.ts";

const CASES = Number(process.env["INKWELL_FUZZ"] ?? 80);
const STEPS = 60;

/** Everything that a guest could find out, or that time depends on, as text. */
function state(machine: Machine): string {
  const list = (count: number, value: (index: number) => unknown): string =>
    Array.from({ length: count }, (_, index) => String(value(index))).join();
  let memory = 0;
  for (const page of [0, 1, 2, MEMORY / 4096 - 1])
    for (const byte of machine.memory.bytes(page * 4096, 4096)) memory = (Math.imul(memory, 31) + byte) | 0; // prettier-ignore
  return [
    machine.cycles,
    JSON.stringify(machine.counters()),
    list(32, (r) => machine.gr(r)),
    list(8, (r) => machine.sr(r)),
    list(32, (r) => machine.cr(r)),
    list(32, (r) => machine.fr(r)),
    list(7, (r) => machine.shadow(r)),
    machine.psw,
    JSON.stringify([machine.pcoq, machine.interruptionQueue, machine.tlb()]),
    JSON.stringify([machine.cache("data"), machine.cache("instruction")]),
    memory,
  ].join(" ");
}

/** States by steps, up to a stop. */
function forward(machine: Machine): string[] {
  const states = [state(machine)];
  while (states.length <= STEPS) {
    const { reason } = machine.step();
    if (reason !== "limit") break;
    states.push(state(machine));
  }
  return states;
}

const cycleOf = (text: string): number => Number(text.slice(0, text.indexOf(" ")));

function inSlices(machine: Machine, states: readonly string[], random: Random): void {
  const last = cycleOf(states.at(-1)!);
  while (machine.cycles < last) {
    const limit = Math.min(last, machine.cycles + 1 + random.below(40));
    if (machine.run({ cycles: limit - machine.cycles }).reason !== "limit") break;
    const expected = states.find((each) => cycleOf(each) >= limit);
    expect(state(machine)).toBe(expected);
  }
}

test("any program is the same however it is run", { timeout: 3_600_000 }, async () => {
  const random = seeded("random steps");
  const config = { memoryBytes: MEMORY, recordPages: 16, haltWithoutQ: false };
  const [machine, other] = [await Machine.create(config), await Machine.create(config)];
  const classic = await Machine.create(config, "classic");
  let steps = 0;
  for (let done = 0; done < CASES; done++) {
    fill(machine, random);
    const start = machine.checkpoint();
    const saved = machine.save();
    const states = forward(machine);
    steps += states.length;

    machine.return(start);
    inSlices(machine, states, random);

    machine.return(start);
    machine.trace(() => {});
    machine.keepAccounts();
    const before = machine.userCycles();
    inSlices(machine, states, random);
    const outside = machine.accounts().filter(({ level }) => level > 0);
    const sum = outside.reduce((all, { cycles }) => all + cycles, 0);
    expect(machine.userCycles() - before).toBe(sum);
    machine.keepAccounts(false);
    machine.trace();

    machine.return(start);
    const middle = random.below(states.length);
    machine.run({ cycles: cycleOf(states[middle]!) - machine.cycles });
    expect(state(machine)).toBe(states[middle]);
    other.restore(machine.save());
    expect(state(other)).toBe(states[middle]);
    inSlices(other, states, random);

    classic.restore(saved);
    inSlices(classic, states, random);

    machine.return(start);
    const inspector = new Inspector(machine, { every: 50, most: 4 });
    inspector.goTo(cycleOf(states.at(-1)!));
    for (let at = states.length - 2; at >= Math.max(0, states.length - 6); at--) {
      expect(inspector.stepBack()).toBe(true);
      expect(state(machine)).toBe(states[at]);
    }
  }
  console.info(`random steps: ${CASES} programs, ${steps} steps`);
  expect(steps / CASES).toBeGreaterThan(20);
});
