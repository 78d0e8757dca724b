/** Booting: the prompt of paper §3.1 and its scripted form, servers from ELF, panics, the command. */
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { MEMORY_MAP } from "../../../host/abi/memory-map.ts";
import { elfImage } from "../../../host/asm/elf/image.ts";
import { readElf } from "../../../host/asm/elf/read.ts";
import type { Image } from "../../../host/asm/image.ts";
import { defaultServer, linkServer } from "../../../host/mach/boot/programs.ts";
import { bootSystem, type System, type SystemOptions } from "../../../host/mach/boot/system.ts";
import { spaceEntries } from "../../../host/mach/ipc/space-entries.ts";
import { KernelPanic } from "../../../host/mach/panic.ts";
import { checkKernel } from "../../../host/mach/ipc/census.ts";
import { taskAt, threadAt } from "../../../host/mach/kern/views.ts";
import { inkwell } from "../../support/inkwell.ts";

/** A booted system and what has come out of its console since it was last asked. */
async function session(image: Image, options: Partial<SystemOptions> = {}) {
  const servers = new Map([["hello", image]]);
  const system = await bootSystem({ servers, defaultServer: "hello", ...options });
  let output = "";
  system.console.onOutput = (bytes) => (output += new TextDecoder().decode(bytes));
  const says = (typed = ""): string => {
    output = "";
    if (typed !== "") system.console.type(new TextEncoder().encode(typed));
    system.kernel.run({ cycles: 2_000_000 });
    return output;
  };
  return { ...system, says };
}

const place = (system: System) => taskAt(system.kernel, system.server()!).kernel_loaded;

describe("the prompt (L2, paper §3.1)", () => {
  test.each([
    ["n", "user task", 0],
    ["", "user task", 0],
    ["y", "in the kernel, at privilege 0", 1],
  ])("asks for the server and its place: %j", async (answer, where, loaded) => {
    const system = await session(await defaultServer());
    expect(system.says()).toBe("Server to boot [hello]: ");
    expect(system.says("nobody\n")).toBe(
      "nobody: no such server; there are hello\nServer to boot [hello]: ",
    );
    expect(system.says("\n")).toBe("Load it into the kernel? [n]: ");
    expect(system.says(`${answer}\n`)).toBe(
      `Mach 3.0: this server runs ${answer === "y" ? "" : "as a "}${where}.\n> `,
    );
    expect(place(system)).toBe(loaded);
    expect(system.says("what is typed\n")).toBe("what is typed\n> ");
    expect(checkKernel(system.kernel)).toEqual([]);
    expect(system.says("q\n")).toBe("Halting.\n");
    expect(system.kernel.halted).toBe(true);
  });

  test("is not asked when the answers are given", async () => {
    const answers = { server: "hello", inKernel: true };
    const system = await session(await defaultServer(), { answers });
    expect(system.says()).toMatch(/^Mach 3\.0: this server runs in the kernel/);
  });

  test("refuses a server over the kernel's memory, in the kernel only (L1)", async () => {
    const text = "\t.text\n\t.globl\t_start\n_start:\n\tb\t.\n\tnop\n";
    const image = await linkServer("spin.s", text, []);
    const low: Image = {
      ...image,
      segments: image.segments.map((each) => ({ ...each, address: 0x20000 })),
      symbols: new Map([["_start", 0x20000]]),
    };
    const system = await session(low);
    system.says();
    system.says("\n");
    expect(system.says("y\n")).toMatch(/load address is in use/);
  });
});

describe("what is done to boot (L3, L4, paper §3.1)", () => {
  const stepsOf = async (inKernel: boolean) => {
    const system = await session(await defaultServer(), { answers: { server: "hello", inKernel } });
    system.says();
    return system;
  };
  const lines = ({ steps }: System): string[] => steps.map(({ who, what }) => `${who} ${what}`);
  const BEFORE = [
    "kernel creates the bootstrap task",
    "kernel gives it send rights for the master host and device ports",
  ];
  const BEHIND = [
    "bootstrap thread loads the server's image into the task",
    "bootstrap thread gives it the host, device and bootstrap ports, and starts it",
    "bootstrap thread becomes the default pager's",
  ];

  test("normally the bootstrap thread creates the server's task", async () => {
    const system = await stepsOf(false);
    expect(lines(system)).toEqual([
      ...BEFORE,
      "kernel creates the bootstrap thread",
      "bootstrap thread creates a user task and a thread",
      ...BEHIND,
    ]);
    expect(place(system)).toBe(0);
  });

  test("in the kernel it skips that: the kernel has created one, and gives it the rights", async () => {
    const system = await stepsOf(true);
    expect(lines(system)).toEqual([
      ...BEFORE,
      "kernel creates a second kernel task and a thread",
      "kernel gives the bootstrap task send rights for that task and thread",
      "kernel creates the bootstrap thread",
      ...BEHIND,
    ]);
    expect(place(system)).toBe(1);
    // The rights are there, under names of the bootstrap task's own.
    const { kernel } = system;
    const server = system.server()!;
    const bootstrap = kernel
      .liveElements("task")
      .find((task) => ![server, kernel.kernelTask].includes(task))!;
    expect(taskAt(kernel, bootstrap)).toMatchObject({ kernel_loaded: 1, map: kernel.kernelMap });
    const [thread] = kernel
      .liveElements("thread")
      .filter((each) => threadAt(kernel, each).task === server);
    const named = spaceEntries(kernel, taskAt(kernel, bootstrap).itk_space).map(
      ({ object }) => object,
    );
    for (const port of [taskAt(kernel, server).itk_self, threadAt(kernel, thread!).ith_self])
      expect(named).toContain(port);
  });
});

const C_SERVER = `
typedef unsigned int u32;
extern int device_open(u32, u32, const char *, u32 *);
extern int device_write_inband(u32, u32, u32, const char *, u32, u32 *);
extern int host_reboot(u32, u32);
asm(".globl start\\nstart:\\n\\tldil L%$global$,%dp\\n\\tb serve\\n\\tldo R%$global$(%dp),%dp");
static char name[128] = "console";
static const char text[] = "a server in C\\n";
void serve(u32 host, u32 master) {
  u32 device, written;
  if (device_open(master, 3, name, &device) == 0)
    device_write_inband(device, 0, 0, text, sizeof text - 1, &written);
  host_reboot(host, 0);
  for (;;);
}
`;

test("a server from an ELF file that the cross compiler made", async () => {
  // The stubs come from our own linker's image, by address.
  const stubs = await linkServer("none.s", "\t.text\n\t.globl\t_start\n_start:\n\tnop\n", [
    "mach/device.defs",
    "mach/mach_host.defs",
  ]);
  const folder = mkdtempSync(join(tmpdir(), "inkwell-boot-"));
  const at = (file: string): string => join(folder, file);
  writeFileSync(at("server.c"), C_SERVER);
  const names = ["device_open", "device_write_inband", "host_reboot"];
  const defined = names.map((each) => `-Wl,--defsym=${each}=${stubs.symbols.get(each)!}`);
  execFileSync("hppa-linux-gnu-gcc", [
    ...["-O1", "-nostdlib", "-static", "-ffreestanding", "-mdisable-indexing", "-e", "start"],
    ...["-Wl,-Ttext=0x1fe40000", "-Wl,--build-id=none", ...defined],
    ...[at("server.c"), "-o", at("server")],
  ]);
  const elf = elfImage(readElf("server", new Uint8Array(readFileSync(at("server")))));
  const both: Image = {
    ...elf,
    segments: [...stubs.segments, ...elf.segments],
    locate: (address) => elf.locate(address) ?? stubs.locate(address),
  };
  for (const inKernel of [false, true]) {
    const system = await session(both, { answers: { server: "hello", inKernel } });
    expect(system.says()).toBe("a server in C\n");
    expect(system.kernel.halted).toBe(true);
  }
});

test("a server that breaks the kernel is a panic with a backtrace, and the host lives", async () => {
  const text = `
	.text
	.globl	_start
_start:
	bl	break_kernel,%rp
	nop
	.globl	break_kernel
break_kernel:
	ldil	L%${MEMORY_MAP.KERNEL_DATA},%r19	; cpu_data: the active PCB is nowhere now
	ldil	L%0x30000000,%r20
	stw	%r20,4(%r19)
	bl	mach_task_self,%rp
	nop
	b,n	.
`;
  const image = await linkServer("breaker.s", text, []);
  const system = await session(image, { answers: { server: "hello", inKernel: true } });
  expect(() => system.says()).toThrow(KernelPanic);
  expect(() => system.says()).toThrow(
    /^kernel panic: high-priority machine check \(1\)\npc 00000000\.0000.*called from \w+/s,
  );
});

test("the command boots, types a script, prints the console, and says how it ended", async () => {
  const folder = mkdtempSync(join(tmpdir(), "inkwell-boot-"));
  const script = join(folder, "lines");
  writeFileSync(script, "one\nquit\n");
  const args = ["boot", "--in-kernel", "--script", script, "--json"];
  const { status, stdout } = await inkwell(args);
  const result = JSON.parse(stdout);
  expect(result.steps[0]).toEqual({ who: "kernel", what: "creates the bootstrap task" });
  expect({ status, ...result }).toMatchObject({
    status: 0,
    ending: "halted",
    console: "Mach 3.0: this server runs in the kernel, at privilege 0.\n> one\n> Halting.\n",
  });
});

test("the command ends with its machine, whoever holds its input; and with its input, the machine", async () => {
  const script = (text: string): string => {
    const file = join(mkdtempSync(join(tmpdir(), "inkwell-boot-")), "lines");
    writeFileSync(file, text);
    return file;
  };
  // The standard input of this child stays open.
  const halted = await inkwell(["boot", "--in-kernel", "--script", script("quit\n")]);
  expect(halted.status).toBe(0);
  const ended = await inkwell(["boot", "--ask", "--script", script("hello\n"), "--json"]);
  expect(JSON.parse(ended.stdout)).toMatchObject({
    ending: "halted",
    console:
      "Server to boot [hello]: Load it into the kernel? [n]: Mach 3.0: this server runs as a user task.\n> Halting.\n",
  });
});
