/**
 * Messages in TypeScript: they are what the assembly stubs make and take, values come through
 * unchanged, and what is no good message is refused. The emitted text is the same binding.
 */
import { spawnSync } from "node:child_process";
import fc from "fast-check";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { describe, expect, test } from "vitest";
import { type Binding, type Shapes, bindInterface } from "../../host/kmig/binding.ts";
import { type Item, describeInterface } from "../../host/kmig/description.ts";
import type { Values } from "../../host/kmig/items.ts";
import { analyseInterface, kmig } from "../../host/kmig/kmig.ts";
import { CODE } from "../../host/kmig/message-names.ts";
import { emitTypeScript } from "../../host/kmig/typescript.ts";
import { Workbench, crossTools } from "./support/cross.ts";
import { definition, include, rpcDefs } from "./support/definitions.ts";
import { interfaceC } from "./support/round-trip-c.ts";
import { ArrayBytes } from "../../host/abi/struct.ts";
import { carry, received, valuesFor } from "./support/values.ts";

const SEED = 94305;
const FILES = [
  rpcDefs.file,
  "test/kmig/good/fixed.defs",
  "test/kmig/good/varying.defs",
  "test/kmig/good/complex.defs",
  "test/kmig/good/odd.defs",
  "test/kmig/good/gnu.defs",
];
const ROUTINE_CODE = 5;
const REPLY = 0x8000;
/** What messages.c has room for. */
const MOST_BYTES = 0x4000;

function bound(file: string): Binding {
  return bindInterface(
    describeInterface(analyseInterface(definition(file), { include }).interface),
  );
}

/** As the receiver has them: the names of polymorphic rights change on the way. */
function arrived(values: Values, items: readonly { name: string; received: number }[]): Values {
  return Object.fromEntries(
    items.map(({ name, received: known }) => {
      const value = values[name];
      if (typeof value !== "object" || !("name" in value)) return [name, value];
      return [name, known < 0 ? { ...value, name: received(value.name) } : value.value];
    }),
  );
}

/** As a sender has them: what came as a known right has to be named. */
function sentAgain(values: Values, items: readonly Item[]): Values {
  return Object.fromEntries(
    items.map(({ name, sent, received: known }) => {
      const value = values[name];
      const bare = sent < 0 && known >= 0;
      return [name, bare ? { name: known, value: value as number } : value];
    }),
  );
}

/** Sends a message through the kernel's hands: the ports change places. */
function deliver(memory: ArrayBytes, at: number, size: number): void {
  carry(memory, at, size);
  const [remote, local] = [memory.read32(at + 8), memory.read32(at + 12)];
  memory.write32(at + 8, local);
  memory.write32(at + 12, remote);
}

describe("values", () => {
  test.for(FILES)("come through as they are: %s", (file) => {
    const binding = bound(file);
    for (const { description } of Object.values(binding.routines)) {
      const { name, request, reply } = description;
      const back = reply ?? { ...request, items: [] };
      fc.assert(
        fc.property(valuesFor(request), valuesFor(back), fc.boolean(), (given, out, fails) => {
          const memory = new ArrayBytes(new Uint8Array(0x10000));
          let seen: Values | undefined;
          const client = binding.client({
            memory,
            address: 0,
            replyPort: () => 7,
            send(size, room) {
              deliver(memory, 0, size);
              const known = binding.serve(memory, 0, REPLY, {
                [name]: (values, ports) => {
                  expect(ports).toMatchObject({
                    requestPort: 9,
                    replyPort: reply === null ? 0 : 7,
                  });
                  seen = values;
                  return fails ? ROUTINE_CODE : out;
                },
              });
              expect(known).toBe(true);
              const length = memory.read32(REPLY + 4);
              if (room > 0) expect(length).toBeLessThanOrEqual(room);
              memory.bytes.copyWithin(0, REPLY, REPLY + length);
              carry(memory, 0, length);
              return 0;
            },
          });
          const answer = client[name]!(9, given);
          expect(seen).toEqual(arrived(given, request.items));
          if (reply === null) expect(answer).toEqual({ code: 0, values: {} });
          else if (fails) expect(answer).toEqual({ code: ROUTINE_CODE, values: undefined });
          else expect(answer).toEqual({ code: 0, values: arrived(out, back.items) });
        }),
        { seed: SEED, numRuns: 12 },
      );
    }
  });

  test("that do not fit are refused", () => {
    const { rpc_inout128: routine } = bound(rpcDefs.file).routines;
    const memory = new ArrayBytes(new Uint8Array(4096));
    const ports = { requestPort: 1, replyPort: 2 };
    expect(() => routine!.encodeRequest(memory, 0, ports, { data: [1, 2] })).toThrow(
      "wrong number of elements in data: 2",
    );
    const { any_length_in: list } = bound("test/kmig/good/complex.defs").routines;
    const long = Array.from({ length: 513 }, () => 0);
    expect(list!.encodeRequest(memory, 0, ports, { a: long })).toBeUndefined();
  });
});

describe("bad messages", () => {
  const binding = bound("test/kmig/good/complex.defs");
  const ports = { requestPort: 1, replyPort: 2 };

  test("are refused, whatever bit is wrong in a header or descriptor", () => {
    const { any_type_any_length: routine } = binding.routines;
    const memory = new ArrayBytes(new Uint8Array(0x8000));
    const values = { a: { name: 2, value: [1, 2, 3] } };
    const size = routine!.encodeRequest(memory, 0, ports, values)!;
    expect(routine!.decodeRequest(memory, 0)).toEqual(values);
    const refused: number[] = [];
    for (const word of [4, 24, 28, 32])
      for (let bit = 0; bit < 32; bit++) {
        const old = memory.read32(word);
        memory.write32(word, (old ^ (1 << bit)) >>> 0);
        if (routine!.decodeRequest(memory, 0) === undefined) refused.push(word);
        memory.write32(word, old);
      }
    const count = (word: number): number => refused.filter((one) => one === word).length;
    // Size: every bit. Descriptor: in line and long form, where one of the two is a choice; the type
    // name is free unless it makes a right of a simple message; element size; number.
    expect([4, 24, 28, 32].map(count)).toEqual([32, 2, 17, 32]);
    expect(size).toBe(36 + 12);
  });

  test("an unknown id is answered with MIG_BAD_ID", () => {
    const memory = new ArrayBytes(new Uint8Array(4096));
    memory.write32(20, 699_999);
    expect(binding.serve(memory, 0, 2048, {})).toBe(false);
    expect(memory.read32(2048 + 28) | 0).toBe(CODE.MIG_BAD_ID);
    expect(memory.read32(2048 + 20)).toBe(700_099);
  });

  test("replies of others, dead servers, wrong forms", () => {
    const { any_length_out: routine } = binding.routines;
    const memory = new ArrayBytes(new Uint8Array(4096));
    const code = (): number => routine!.decodeReply(memory, 0).code;
    const { replyId } = routine!.description;
    memory.write32(4, 32);
    expect(code()).toBe(CODE.MIG_REPLY_MISMATCH);
    memory.write32(20, 71);
    expect(code()).toBe(CODE.MIG_SERVER_DIED);
    memory.write32(20, replyId);
    expect(code()).toBe(CODE.MIG_TYPE_ERROR);
    memory.write32(24, 0x02200018);
    memory.write32(28, 9);
    expect(code()).toBe(9);
    memory.write32(28, 0);
    expect(code()).toBe(CODE.MIG_TYPE_ERROR);
  });
});

describe("the emitted text", () => {
  test("is the same binding, and its types are right", { timeout: 60_000 }, async () => {
    const { interface: made } = analyseInterface(definition("test/kmig/good/complex.defs"), {
      include,
    });
    const description = describeInterface(made);
    const runtime = join(import.meta.dirname, "../../host/kmig/binding.ts");
    const bench = new Workbench();
    try {
      bench.write("complex.ts", emitTypeScript(description, runtime));
      const file = join(bench.folder, "complex.ts");
      const module = (await import(pathToFileURL(file).href)) as {
        readonly complex: Binding<Shapes>;
      };
      expect(module.complex.description).toEqual(description);
      bench.write(
        "use.ts",
        `import { type ComplexServer, complex } from "./complex.ts";
export const server: ComplexServer = {
  any_type: ({ a }) => ({ b: { name: a.name, value: a.value + 1 } }),
  port_in: ({ a, b }) => a - b,
  // @ts-expect-error an Out value is missing
  port_out: () => ({ a: 1 }),
};
// @ts-expect-error there is no such routine
complex.routines.nothing;
`,
      );
      const flags =
        "--ignoreConfig --noEmit --strict --target es2022 --module esnext --moduleResolution bundler";
      const root = join(import.meta.dirname, "../..");
      const types = ["--allowImportingTsExtensions", "--skipLibCheck", "--types", ""];
      const compiler = join(root, "node_modules/.bin/tsc");
      const args = [...flags.split(" "), ...types, join(bench.folder, "use.ts")];
      const { stdout } = spawnSync(compiler, args, { cwd: root, encoding: "utf8" });
      expect(stdout).toBe("");
    } finally {
      bench.remove();
    }
  });
});

describe.skipIf(!crossTools)("beside the assembly stubs", () => {
  test.for(FILES.filter((file) => !file.includes("gnu")))("%s", (file) => {
    const output = kmig(definition(file), { include });
    const binding = bindInterface(describeInterface(output));
    const bench = new Workbench();
    try {
      const support = join(import.meta.dirname, "support");
      for (const name of ["round-trip.c", "messages.c"])
        bench.write(name, readFileSync(join(support, name), "utf8"));
      const trip = { seed: SEED, calls: 1, suppressCopies: false };
      const tests = /^static void (test_|run_tests)[^]*?^}$/gm;
      const none = "static void run_tests(void) {}\n";
      bench.write("interface.c", interfaceC(output, trip).replace(tests, "") + none);
      bench.write("server.s", output.server);
      const around = "\t.data\n\t.globl\tgateway_code\ngateway_code:\n\t.block\t12\n";
      bench.write("around.s", around);
      const flags = [`-DDEMUX=${output.serverDemux}`, "-O1", "-w", "-static", "-o", "messages"];
      bench.run("hppa-linux-gnu-gcc", [...flags, "messages.c", "server.s", "around.s"]);

      const requests: Buffer[] = [];
      const asked: string[] = [];
      const fitting = Object.values(binding.routines).filter(
        ({ description: { request, reply } }) =>
          Math.max(request.maxSize, reply?.maxSize ?? 0) <= MOST_BYTES,
      );
      for (const { description, encodeRequest } of fitting)
        for (const values of fc.sample(valuesFor(description.request), {
          seed: SEED,
          numRuns: 8,
        })) {
          const memory = new ArrayBytes(new Uint8Array(0x4000));
          const ports = { requestPort: 3, replyPort: 4 };
          const size = encodeRequest(memory, 0, ports, values)!;
          const length = Buffer.alloc(4);
          length.writeUInt32BE(size);
          requests.push(Buffer.concat([length, memory.bytes.subarray(0, size)]));
          asked.push(description.name);
        }
      const input = Buffer.concat(requests);
      const run = spawnSync(join("/usr/bin", "qemu-hppa"), [join(bench.folder, "messages")], {
        input,
        maxBuffer: 1 << 28,
      });
      expect(run.status).toBe(0);
      asked.forEach((name, i) => {
        const memory = new ArrayBytes(new Uint8Array(0x8000));
        memory.bytes.set(run.stdout.subarray(i * 0x4000, (i + 1) * 0x4000));
        const { decodeReply, encodeReply, description } = binding.routines[name]!;
        expect(memory.read32(28) | 0).not.toBe(CODE.MIG_BAD_ARGUMENTS);
        if (description.reply === null) return;
        const { code, values } = decodeReply(memory, 0);
        expect(code >= 0 ? "no MIG error" : code).toBe("no MIG error");
        if (values === undefined) return;
        const size = memory.read32(4);
        memory.bytes.set(memory.bytes.subarray(0, 24), 0x4000);
        memory.write32(0x4000, memory.read32(0) & 0xff);
        memory.write32(0x4000 + 24, memory.read32(24));
        const again = sentAgain(values, description.reply.items);
        expect(encodeReply(memory, 0x4000, 0, again)).toBe(size);
        carry(memory, 0x4000, size);
        expect(decodeReply(memory, 0x4000)).toEqual({ code, values });
        expect(memory.read32(0x4000)).toBe(memory.read32(0));
      });
    } finally {
      bench.remove();
    }
  });
});
