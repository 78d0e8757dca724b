/**
 * The stubs as text: what they look like, how many instructions they are beside what gcc made of
 * MIG's C, and that our assembler makes of them what the stock one does.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { assemble } from "../../host/asm/assemble.ts";
import { link } from "../../host/asm/link.ts";
import { type KmigOutput, kmig } from "../../host/kmig/kmig.ts";
import { Workbench, crossTools } from "./support/cross.ts";
import { definition, include, rpcDefs } from "./support/definitions.ts";

const golden = (name: string): string => join(import.meta.dirname, "golden", name);

const inout = kmig(definition("test/kmig/golden/inout.defs"), { include });
const rpc = kmig(rpcDefs, { include });

describe("golden", () => {
  test.for([
    ["user", "inout.user.s"],
    ["server", "inout.server.s"],
    ["trapServer", "inout.trap-server.s"],
  ] as const)("%s", async ([part, file]) => {
    await expect(inout[part]).toMatchFileSnapshot(golden(file));
  });

  test("probes mark places and change nothing else", () => {
    const marked = kmig(rpcDefs, { include, probes: true });
    for (const part of ["user", "userMessage", "server", "trapServer"] as const) {
      expect(marked[part]).toMatch(/^\t\.probe\tkmig\./m);
      expect(marked[part].replace(/^\t\.probe\t.*\n/gm, "")).toBe(rpc[part]);
    }
  });

  test("a plain MIG user file has the same message stubs under the routines' names", () => {
    const stubs = inout.user.split(/^(?=\t\.align)/m).filter((s) => s.includes("_message:"));
    const plain = inout.userMessage.split(/^(?=\t\.align)/m).slice(1);
    expect(stubs.map((stub) => stub.replaceAll("_message", ""))).toEqual(plain);
  });
});

/** The instructions of a procedure, copy loops counted as often as they run. */
function procedure(text: string, name: string): string[] {
  const start = text.indexOf(`\n${name}:\n`) + 1;
  const end = text.indexOf("\n\t.align", start);
  return text
    .slice(start, end < 0 ? undefined : end)
    .split("\n")
    .slice(1);
}

const isInstruction = (line: string): boolean => /^\t\s?[a-z]/.test(line);

/** Instructions executed up to and including the delay slot of the call, `bytes` copied on the way. */
function countTo(lines: readonly string[], call: RegExp): number {
  const end = lines.findIndex((line) => call.test(line));
  return executed(lines.slice(0, end + 2));
}

/** Instructions executed after the call until the procedure returns, if nothing goes wrong. */
function countAfter(lines: readonly string[], call: RegExp): number {
  const start = lines.findIndex((line) => call.test(line)) + 2;
  const end = lines.findIndex((line, i) => i > start && /^\tbv\t/.test(line));
  return executed(lines.slice(start, end + 2));
}

function executed(lines: readonly string[]): number {
  let count = lines.filter(isInstruction).length;
  lines.forEach((line, i) => {
    const bulk = /^\taddib,>=\t-16,%r1/.test(line) ? Number(/\d+/.exec(initial(lines, i))![0]) : 0;
    count += (bulk / 16) * 9;
  });
  return count;
}

/** The load of a copy loop's counter: first pass included in the plain count. */
function initial(lines: readonly string[], at: number): string {
  return lines.slice(0, at).findLast((line) => /^\tldi\t\d+,%r1\b/.test(line))!;
}

describe("instruction counts beside what gcc 12 -O2 makes of MIG's C", () => {
  /** gcc's block copy of 128 bytes is 82 instructions; 4 loads and 4 stores a turn make it 75. */
  const OURS_AND_GCC = { ours: 75, gcc: 82 };
  const send = /\tbl\tmach_msg,/;
  const work = /\tbl\tserver_/;
  const { user, server } = rpc;

  test.for<[string, number, number]>([
    ["client stub, null, up to mach_msg", countTo(procedure(user, "rpc_null_message"), send), 22],
    [
      "client stub, null, after mach_msg",
      countAfter(procedure(user, "rpc_null_message"), send),
      20,
    ],
    [
      "client stub, InOut, up to mach_msg",
      countTo(procedure(user, "rpc_inout128_message"), send) - OURS_AND_GCC.ours,
      34,
    ],
    [
      "client stub, InOut, after mach_msg",
      countAfter(procedure(user, "rpc_inout128_message"), send) - OURS_AND_GCC.ours,
      33,
    ],
    ["server stub, null, before", countTo(procedure(server, "_Xrpc_null"), work), 10],
    ["server stub, InOut, before", countTo(procedure(server, "_Xrpc_inout128"), work), 18],
    ["server stub, null, after", countAfter(procedure(server, "_Xrpc_null"), work), 4],
    [
      "server stub, InOut, after",
      countAfter(procedure(server, "_Xrpc_inout128"), work) - OURS_AND_GCC.ours,
      16,
    ],
    ["demultiplexer", countTo(procedure(server, "rpc_server"), /\tbl\t\$\$dyncall/), 30],
  ])("%s: %i beside %i", ([, ours, gcc]) => {
    // Ours keeps fewer values in callee-saved registers, so it has fewer saves and restores.
    expect(ours).toBeLessThanOrEqual(gcc + 2);
    expect(ours).toBeGreaterThanOrEqual(gcc - 8);
  });
});

/** What the stubs call, so that an image can be linked. */
const SURROUNDINGS = `\t.text
${["mach_msg", "mig_get_reply_port", "mig_dealloc_reply_port", "bcopy", "mig_strncpy", "$$dyncall"]
  .map((name) => `\t.globl\t${name}\n${name}:\n\tbv,n\t%r0(%r2)\n`)
  .join("")}\t.data\n\t.globl\tinks_copyin\ninks_copyin:\n\t.word\t0
\t.globl\tinks_copyout\ninks_copyout:\n\t.word\t0\n`;

describe.skipIf(!crossTools)("assemblers", () => {
  test.for([rpcDefs.file, "test/kmig/good/fixed.defs", "test/kmig/good/varying.defs"])(
    "ours and the stock one make the same image of %s",
    (file) => {
      const output = kmig(definition(file), { include });
      const work = output.routines.map(
        ({ serverName }) => `\t.globl\t${serverName}\n${serverName}:\n\tbv,n\t%r0(%r2)\n`,
      );
      const texts = {
        ...parts(output),
        around: `${SURROUNDINGS}\t.text\n${work.join("")}`,
      };
      const [text, data] = [0x10000, 0x80000];
      const objects = Object.entries(texts).map(([name, source]) =>
        assemble({ file: `${name}.s`, text: source }),
      );
      const image = link(objects, { text, data });
      const bench = new Workbench();
      try {
        for (const [name, source] of Object.entries(texts)) {
          bench.write(`${name}.s`, source);
          bench.run("hppa-linux-gnu-as", [`${name}.s`, "-o", `${name}.o`]);
        }
        const sections = [`-Ttext=0x${text.toString(16)}`, `-Tdata=0x${data.toString(16)}`];
        const inputs = Object.keys(texts).map((name) => `${name}.o`);
        bench.run("hppa-linux-gnu-ld", ["-e", "0", ...sections, "-o", "image", ...inputs]);
        for (const section of [".text", ".data"]) {
          const flags = ["-O", "binary", "-j", section, "image", "section.bin"];
          bench.run("hppa-linux-gnu-objcopy", flags);
          const theirs = readFileSync(join(bench.folder, "section.bin"));
          const segment = image.segments.find((one) => one.executable === (section === ".text"))!;
          const ours = Buffer.from(segment.bytes);
          expect(words(ours.subarray(0, theirs.length))).toEqual(words(theirs));
        }
      } finally {
        bench.remove();
      }
    },
  );
});

function words(bytes: Buffer): string[] {
  return bytes.toString("hex").match(/.{1,8}/g) ?? [];
}

function parts({ user, server, trapServer }: KmigOutput): Record<string, string> {
  return { user, server, trapServer };
}
