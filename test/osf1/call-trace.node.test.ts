/** Traces of a program's calls: they agree with the server's own counts, and cost the program nothing. */
import { describe, expect, test } from "vitest";
import { ownPrograms } from "../../host/osf1/programs/programs.ts";
import { inputOf, runUnix, type UnixRunOptions } from "../../host/osf1/run.ts";
import { CallTrace, PLACES } from "../../host/osf1/trace/call-trace.ts";

const INPUT = "echo hi\nnowhere\n";

async function run(options: Pick<UnixRunOptions, "inKernel" | "calls" | "trace">) {
  return runUnix({
    ...options,
    files: await ownPrograms(),
    program: "/bin/sh",
    arguments: ["sh"],
    environment: [],
    seed: 1,
    streams: { ...inputOf(new TextEncoder().encode(INPUT)), write() {} },
  });
}

describe.each([
  { way: "trap", inKernel: true, calls: "trap", crossings: 4 },
  { way: "message", inKernel: false, calls: "message", crossings: 6 },
] as const)("by $way", ({ way, inKernel, calls, crossings }) => {
  test("every call is listed, with its way and its crossings", async () => {
    const trace = await CallTrace.make(calls);
    const traced = await run({ inKernel, calls, trace });
    const plain = await run({ inKernel, calls });
    expect([traced.cycles, traced.programCycles]).toEqual([plain.cycles, plain.programCycles]);
    expect(traced.calls).toEqual(plain.calls);

    const { calls: list, spans, totals, truncated } = traced.trace!;
    expect(truncated).toBe(false);
    const by = (stub: string) => totals.find(({ mechanism }) => mechanism === `${stub} ${way}`);
    const counts = traced.calls;
    const name = way === "trap" ? "Traps" : "Messages";
    expect(by("routine")!.calls).toBe(counts[`routine${name}`]);
    expect(by("generic")!.calls).toBe(counts[`generic${name}`]);
    // The shell's and its two children's, in order.
    const names = list.filter(({ pid }) => pid === list[0]!.pid).map((call) => call.name);
    expect(names.filter((each) => each === "fork")).toHaveLength(2);
    // By its path, then in /bin.
    const lost = list.filter((call) => call.name === "execve" && call.errno === "ENOENT");
    const paths = lost.map(({ arguments: words, strings: [path] }) => {
      expect(words).toContain(path!.address);
      return path!.text;
    });
    expect(paths).toEqual(["echo", "nowhere", "/bin/nowhere"]);
    // To the emulator and back are two; to the server and back the others, and of a server outside the
    // kernel those of its own calls besides.
    const back = list.filter((call) => call.name !== "exit").map((call) => call.crossings);
    expect(Math.min(...back)).toBe(crossings);
    if (inKernel) expect(Math.max(...back)).toBe(crossings);
    for (const [i, span] of spans.entries()) if (i > 0) expect(span.start).toBe(spans[i - 1]!.end);
    for (const [i, call] of list.entries()) {
      const own = spans.filter((span) => span.call === i);
      const spent = own.reduce((sum, { start, end }) => sum + end - start, 0);
      expect(PLACES.reduce((sum, place) => sum + call.cycles[place], 0)).toBe(spent);
      if (call.name.startsWith("write")) expect(call.end - call.start).toBe(spent);
    }
  });
});
