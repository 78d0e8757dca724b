/**
 * Sessions on the console of the simulated Unix: typed to while they run, interrupted, recorded in the
 * middle, and resumed as the same machine: the same counts now, and after the same typing.
 */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { expect, test } from "vitest";
import { readRecord, recordText, type SessionRecord } from "../../host/bench/session/record.ts";
import { UnixSession } from "../../host/bench/session/session.ts";
import { inkwell } from "../support/inkwell.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 3);
const SEED = Number(process.env["INKWELL_SEED"] ?? Date.now() % 1e6);

/** Runs until nobody does anything any more. */
function settle(session: UnixSession, slice = 2_000_000): string {
  for (;;) {
    const { kind } = session.advance(slice);
    if (kind !== "running") return kind;
  }
}

function heard(session: UnixSession): () => string {
  const decoder = new TextDecoder();
  let all = "";
  session.onOutput = (bytes) => (all += decoder.decode(bytes, { stream: true }));
  return () => all.replaceAll("\r\n", "\n");
}

test.each(["INKS_TRAP", "UNOPTIMIZED"])("a shell, interrupted and ended: %s", async (name) => {
  const session = await UnixSession.boot({ configuration: name });
  const said = heard(session);
  expect(settle(session)).toBe("waiting");
  session.type("hello\n");
  expect(settle(session)).toBe("waiting");
  expect(said()).toBe("$ hello\nhello, world\n$ ");
  // An interrupt ends the program and not the shell; at the prompt, the line under way.
  for (const typed of ["cat\n", "abc\n", "\x03", "nons", "\x03", "echo on\n"]) {
    session.type(typed);
    expect(settle(session)).toBe("waiting");
  }
  expect(said().slice("$ hello\nhello, world\n$ ".length)).toBe(
    "cat\nabc\nabc\n^C$ nons^C\n$ echo on\non\n$ ",
  );
  session.type("\x04");
  expect(settle(session)).toBe("ended");
});

test(`recorded anywhere, it goes on as it would have (seed ${SEED})`, async () => {
  const lines = fc.constantFrom("hello\n", "cat\n", "x", "y\n", "\x03", "\x04", "cat nothing\n", "cd /bin\n"); // prettier-ignore
  const step = fc.record({ text: lines, cycles: fc.integer({ min: 1, max: 3_000_000 }) });
  const steps = fc.array(step, { minLength: 1, maxLength: 8 });
  const history = async (before: Step[], after: Step[], inKernel: boolean): Promise<void> => {
    const configuration = inKernel ? "INKS_TRAP" : "UNOPTIMIZED";
    const first = await UnixSession.boot({ configuration });
    const said = heard(first);
    // Behind the disk's pauses of the beginning.
    settle(first);
    follow(first, before);
    const text = recordText(await first.record());
    const output = said();
    const record = readRecord("s.json", text);
    const collected: Uint8Array[] = [];
    const second = await UnixSession.resumed(record, { onOutput: (b) => collected.push(b.slice()) }); // prettier-ignore
    expect(Buffer.concat(collected).toString().replaceAll("\r\n", "\n")).toBe(output);
    const saysSecond = heard(second);
    follow(first, after);
    follow(second, after);
    expect(second.counters).toEqual(first.counters);
    expect(await second.record()).toEqual(await first.record());
    expect(output + saysSecond()).toBe(said());
  };
  await fc.assert(fc.asyncProperty(steps, steps, fc.boolean(), history), { numRuns: RUNS, seed: SEED }); // prettier-ignore
});

interface Step {
  readonly text: string;
  readonly cycles: number;
}

function follow(session: UnixSession, steps: readonly Step[]): void {
  for (const { text, cycles } of steps) {
    if (session.isDown) return;
    session.type(text);
    session.advance(cycles);
  }
}

test("what was recorded elsewhere, or damaged, is refused with the reason", async () => {
  const session = await UnixSession.boot({ configuration: "INKS_TRAP" });
  session.advance(1000);
  const record = await session.record();
  const read = (change: object): SessionRecord =>
    readRecord("s.json", JSON.stringify({ ...JSON.parse(recordText(record)), ...change }));
  const refused = async (change: object): Promise<string> => {
    try {
      await UnixSession.resumed(read(change));
    } catch (error) {
      expect((error as Error).name).toBe("DiagnosticError");
      return (error as Error).message;
    }
    return "resumed";
  };
  expect(() => readRecord("s.json", "{")).toThrow("s.json: not a session that Inkwell recorded");
  expect(await refused({ format: "other" })).toContain("expected the format “inkwell session 1”");
  expect(await refused({ cycle: -1 })).toBe("s.json: a damaged session: cycle");
  expect(await refused({ typed: [{ cycle: 9, text: 1 }] })).toBe("s.json: a damaged session: typed"); // prettier-ignore
  expect(await refused({ typed: [{ cycle: 9e9, text: "x" }] })).toContain("typed, out of order");
  expect(await refused({ programs: [{ name: "../x", base64: "" }] })).toContain("programs");
  expect(await refused({ layout: "0" })).toContain("session: it was recorded on other programs");
  expect(await refused({ configuration: "FAST" })).toContain("--config: expected UNOPTIMIZED");
  const counters = { ...record.counters, instructions: 1 };
  expect(await refused({ counters })).toMatch(/instructions: 1 were counted then, \d+ now/);
  expect(await refused({})).toBe("resumed");
});

test("the command goes on with a recorded session, at the same cycle", async () => {
  const session = await UnixSession.boot({ configuration: "INKS_MESSAGE" });
  const said = heard(session);
  settle(session);
  session.type("echo from the notebook\n");
  settle(session);
  const folder = mkdtempSync(join(tmpdir(), "inkwell-session-"));
  try {
    writeFileSync(join(folder, "s.json"), recordText(await session.record()));
    writeFileSync(join(folder, "more"), "hello\n");
    const at = ["boot", "--resume", "s.json", "--json", "--script"];
    const there = await inkwell([...at, "more", "--max-cycles", String(session.cycles)], folder);
    expect(there.status).toBe(124);
    const { cycles, counters } = session;
    expect(JSON.parse(there.stdout)).toMatchObject({ cycles, counters, ending: "limit" });
    const further = await inkwell([...at, "more"], folder);
    expect(further.status).toBe(0);
    const { console: text } = JSON.parse(further.stdout) as { console: string };
    expect(text.replaceAll("\r\n", "\n")).toBe(`${said()}hello\nhello, world\n$ `);
    const other = await inkwell([...at, "more", "--server", "osf1"], folder);
    expect(other.status).toBe(2);
    expect(other.stderr).toContain("--resume: the file says it all, so without server");
  } finally {
    rmSync(folder, { recursive: true });
  }
});
