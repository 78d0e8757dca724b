/**
 * The Unix server's end, and its wild stores (paper §2.2, §5; row F1). Out of the kernel it takes the
 * Unix services with it and nothing else; in the kernel it may take all down, and it is said how.
 */
import { describe, expect, test } from "vitest";
import { DiagnosticError } from "../../../host/diagnostic.ts";
import { runWithFault } from "../../../host/bench/faults.ts";
import { aftermathText, faultText } from "../../../host/bench/fault-text.ts";
import { census, checkKernel } from "../../../host/mach/ipc/census.ts";
import type { UnixMachine } from "../../../host/osf1/boot.ts";
import { parseFault } from "../../../host/osf1/fault/fault.ts";
import { runUnix, type UnixResult } from "../../../host/osf1/run.ts";
import { type Configuration, CONFIGURATIONS } from "../server/run.ts";
import { bystander, lastCalls } from "./programs.ts";
import { session, SESSION_CALLS } from "./session.ts";

const [OUT, BY_MESSAGES, BY_TRAPS] = CONFIGURATIONS;
const IN_KERNEL = [BY_MESSAGES, BY_TRAPS];

interface Spoiled {
  readonly result: UnixResult;
  readonly output: string;
  readonly machine: UnixMachine;
}

async function spoiled(
  fault: string,
  configuration: Configuration,
  observe: (machine: UnixMachine) => void = () => {},
): Promise<Spoiled> {
  let output = "";
  let machine: UnixMachine | undefined;
  const result = await runUnix({
    ...(await session(configuration, (text) => (output += text))),
    fault: parseFault(fault),
    observe: (booted) => {
      machine = booted;
      observe(booted);
    },
  });
  return { result, output, machine: machine! };
}

const wordOf = ({ kernel }: UnixMachine, task: number, address: number): number =>
  new DataView(kernel.copyin(task, address, 4)!.buffer).getUint32(0);

describe("a fault as it is written", () => {
  test.each([
    ["kill-server", "expected WHAT@WHEN: kill-server"],
    ["kill@5", "expected kill-server or store:ADDRESS=VALUE before @: kill"],
    ["kill-server@soon", "expected a cycle, or call:N from 1 on, after @: soon"],
    ["kill-server@call:0", "expected a cycle, or call:N from 1 on, after @: call:0"],
    ["store:=1@5", "expected kill-server or store:ADDRESS=VALUE before @: store:=1"],
    ["store:0x4=0x100000000@5", "expected a 32-bit number: 0x100000000"],
    ["store:4294967296=1@5", "expected a 32-bit number: 4294967296"],
    ["store:a b=1@5", "expected an address, SYMBOL.FIELD, SYMBOL+BYTES or ZONE[N].FIELD: a b"],
    ["store:cpu_data+x=1@5", "expected a 32-bit number: x"],
  ])("%s: %s", (text, message) => {
    expect(() => parseFault(text)).toThrow(new DiagnosticError([{ file: "--fault", line: 0, column: 0, message }])); // prettier-ignore
  });

  test.each([
    ["store:nix=1@call:1", /^--fault: neither the kernel nor the server has a symbol: nix$/],
    ["store:cpu_data.queue=1@call:1", /no field of cpu_data; there are .*: queue$/],
    ["store:copy.it=1@call:1", /only fields of cpu_data, .* have names: copy.it$|a symbol: copy$/],
    ["store:thrad[0].state=1@call:1", /no zone of the kernel's; there are .*: thrad$/],
    ["store:thread[0].stat=1@call:1", /no field of thread; there are .*: stat$/],
    ["store:pmap[0]+16=1@call:1", /behind the end of pmap, which has 16 bytes: 16$/],
  ])("%s names what there is not", async (text, message) => {
    await expect(spoiled(text, OUT)).rejects.toThrow(message);
  });

  test("that never comes changes no cycle, and says so", async () => {
    const cycles = (await runUnix(await session(BY_TRAPS))).cycles;
    const { result } = await spoiled("store:cpu_data=0@call:100000", BY_TRAPS);
    expect(result.cycles).toBe(cycles);
    expect(result.fault).toMatchObject({ cycle: undefined, missed: "its time did not come" });
    const none = await spoiled("store:task[90].map=0@call:3", BY_TRAPS);
    expect(none.result.fault?.missed).toMatch(/^only \d of task were in use$/);
    expect(none.result.ending.kind).toBe("ended");
  });
});

describe("a server that dies out of the kernel", () => {
  const FAULTS = ["kill-server@call:20", "store:thread[0].state=0@call:20"];

  test.each(FAULTS)("leaves another task's calls as they were: %s", async (fault) => {
    const image = await bystander();
    let task = 0;
    const { result, machine } = await spoiled(fault, OUT, ({ kernel }) => {
      const program = kernel.load(image, "bystander", "user");
      kernel.start(program, []);
      task = program.task;
    });
    expect(result.ending).toMatchObject({ kind: "server-died", tasks: 1 });
    const at = image.symbols.get("rounds")!;
    const rounds = wordOf(machine, task, at);
    const milliseconds = (result.cycles - result.fault!.cycle!) / 67_000;
    // Every 5 ms, on a clock of 10: it went on behind the server's end.
    expect(rounds).toBeGreaterThan(milliseconds / 11);
    expect(milliseconds).toBeGreaterThan(1000);
    expect(wordOf(machine, task, at + 4)).toBe(0);
  });

  test.each(["native", "linux"] as const)("ends %s calls with EIO", async (kind) => {
    const { bytes, notes } = lastCalls(kind);
    const options = await session(OUT);
    let machine: UnixMachine | undefined;
    const { ending } = await runUnix({
      ...options,
      files: [{ path: "last", content: { kind: "file", bytes }, permissions: 0o755 }],
      program: "/last",
      fault: parseFault("kill-server@call:9"),
      observe: (booted) => {
        machine = booted;
      },
    });
    expect(ending).toMatchObject({ kind: "server-died", tasks: 1 });
    const [task] = machine!.kernel
      .liveElements("task")
      .filter((each) => machine!.kernel.spaceOf(each) !== 0);
    expect(wordOf(machine!, task!, notes) | 0).toBe(kind === "native" ? 5 : -5);
  });

  test("leaves no port, no page, whenever it dies", async () => {
    const left = new Set<string>();
    for (const fault of [
      "kill-server@20000000",
      "kill-server@call:1",
      "kill-server@call:25",
      ...FAULTS,
    ]) {
      const { machine, result } = await spoiled(fault, OUT);
      const { kernel } = machine;
      expect(result.ending).toMatchObject({ kind: "server-died", tasks: 0 });
      expect(checkKernel(kernel)).toEqual([]);
      const { pages, objects } = kernel.vm;
      expect(pages.freeCount).toBe(pages.count);
      expect(objects.size).toBe(0);
      expect(kernel.works.active).toBe(0);
      // Before it has opened its devices, the kernel has not made their ports.
      if (!fault.includes("@2")) left.add(JSON.stringify(census(kernel)));
    }
    expect([...left]).toHaveLength(1);
  });

  test("is told with the exception that it died of", async () => {
    const { result, output } = await spoiled("store:thread[0].state=0@call:20", OUT); // prettier-ignore
    const { fault, ending } = result;
    expect(fault).toMatchObject({
      calls: 20,
      store: { after: undefined, place: { kind: "nothing" } },
      serverDeath: { uncaught: { exception: 1, code: 1 } },
    });
    expect(faultText(fault!).join("\n")).toMatch(
      /the kernel has there, in its own space: thread at 0x\w+: of .*, thread.state\n.*not carried out: the store trapped\n.*EXC_BAD_ACCESS \(KERN_INVALID_ADDRESS, 0x\w+\) at bcopy/,
    );
    expect(ending.kind).toBe("server-died");
    expect(output).toMatch(/^\$ one/);
  });
});

test("the same store out of the kernel cannot reach it: spaces are apart", async () => {
  const { result, output } = await spoiled("store:cpu_data.active_thread=1@call:20", OUT);
  // It has memory of its own there, or none.
  expect(result.fault!.store!.place.kind).toMatch(/^(mapped page|nothing)$/);
  if (result.ending.kind === "ended") expect(output).toMatch(/two three\r?\n\$ $/);
  else expect(result.ending.kind).toBe("server-died");
});

describe("a server in the kernel", () => {
  test.each(IN_KERNEL)("that is terminated takes Unix or all with it: $name", async (way) => {
    const ends = new Set<string>();
    for (let call = 1; call <= SESSION_CALLS; call += 3) {
      const { result, machine } = await spoiled(`kill-server@call:${call}`, way);
      ends.add(result.ending.kind);
      const { kernelVmMap, inks_orphans } = machine.kernel;
      const left = kernelVmMap.entries.filter(({ owner }) => owner !== 0);
      // What it had stays as long as a client's thread is in it, and no longer.
      if (result.ending.kind === "server-died") expect(left.length > 0).toBe(inks_orphans.size > 0);
      if (result.ending.kind === "panic")
        expect(result.ending.report).toMatch(/^kernel panic: osf1: .* returned \d+$/m);
    }
    for (const end of ends) expect(["server-died", "panic", "ended"]).toContain(end);
    expect(ends).toContain("server-died");
  });

  test.each(IN_KERNEL)("damages what it stores to, and it is said what: $name", async (way) => {
    const damage = async (target: string, value: number) => {
      const options = await session(way);
      const run = await runWithFault({ ...options, fault: `store:${target}=${value}@call:20` });
      return [...faultText(run.fault), ...aftermathText(run.aftermath)].join("\n");
    };
    const text = await damage("mach_msg_trap+8", 0);
    expect(text).toMatch(/kernel text, the kernel's text, mach_msg_trap\+0x8\n.*before 6bc63ef9 \(stw r6,-84\(sp\)\), after 00000000 \(break 0,0\)/); // prettier-ignore
    expect(text).toMatch(/the system is down\n\s+kernel panic: break instruction \(9\)\n\s+pc .* mach_msg_trap\+0x8/); // prettier-ignore
    const variable = await damage("cpu_data.active_thread", 1);
    expect(variable).toMatch(
      /kernel data, a kernel variable, cpu_data.active_thread\n.*after 00000001/,
    );
    expect(variable).toMatch(/the system is down\n\s+kernel panic: /);
    const unused = await damage("0x3ff000", 1);
    expect(unused).toMatch(/unused kernel memory, pages that no zone has taken yet\n.*before 00000000, after 00000001\n.*nothing seen/); // prettier-ignore
    const space = await damage("ipc_space[1].is_table", 4);
    expect(space).toMatch(/kernel object, ipc_space at 0x\w+: of .*, ipc_space.is_table\n/);
    const files = await damage("buffers", 1);
    expect(files).toMatch(/server data, the server's own data, buffers\n.*\n.*wrong answers\n/);
  });
});
