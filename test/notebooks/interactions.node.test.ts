/**
 * What a reader does with the notebooks: turn controls, edit, run, cancel, copy a command, download,
 * reload from the address. The numbers are those of the command that stands below them, to the cycle.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Page } from "playwright";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { readElf } from "../../host/asm/elf/read.ts";
import { haveChromium } from "../../host/build/chromium.ts";
import type { CallReport } from "../../host/bench/rpc/call-report.ts";
import { type CallSnapshot, resumeCall } from "../../host/bench/rpc/call-snapshot.ts";
import type { TableResult } from "../../host/bench/request.ts";
import type { TracedProgram } from "../../host/bench/unix-calls/traced-program.ts";
import { inkwell } from "../support/inkwell.ts";
import { commands, download, figure, measured, run } from "./support/reader.ts";
import { openSite, type Site, type Visit } from "./support/site.ts";

const runnable = haveChromium();
/** A symbol that each of the downloaded programs has. */
const ENTRIES: Readonly<Record<string, string>> = {
  "Kernel ELF": "syscall_entry",
  "Server ELF": "_start",
  "Client ELF": "_start",
};
let site: Site;
let folder: string;
beforeAll(async () => {
  if (!runnable) return;
  site = await openSite();
  folder = mkdtempSync(join(tmpdir(), "inkwell-lab-"));
});
afterAll(async () => {
  await site?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

async function json<T>(args: readonly string[]): Promise<T> {
  const { stdout, stderr, status } = await inkwell([...args, "--json"], folder);
  expect({ stderr, status }).toMatchObject({ status: 0 });
  return JSON.parse(stdout) as T;
}

describe.runIf(runnable)("a reader", () => {
  let visit: Visit;
  const open = async (path: string, before?: (page: Page) => Promise<void>): Promise<Page> => {
    visit = await site.visit(path, { acceptDownloads: true }, before);
    return visit.page;
  };
  beforeEach(() => async () => {
    expect(visit.trouble).toEqual([]);
    await visit.page.context().close();
  });

  test("index: one call, the command's numbers, four files", async () => {
    const page = await open("index.html");
    const call = figure(page, "One call in cycles, by configuration");
    await measured(call);
    const shown = JSON.parse(await download(page, call, "JSON")) as TableResult;
    const [command] = await commands(call);
    expect(shown).toEqual(await json(command!));
    expect((await download(page, call, "CSV")).split("\r\n")).toHaveLength(shown.rows.length + 2);
    const picture = await download(page, call, "SVG");
    expect(picture).toMatch(/^<svg[\s\S]*<\/svg>$/);
    for (const { value } of shown.rows) expect(picture).toContain(value.toLocaleString("en"));
    expect((await download(page, call, "PNG")).slice(1, 4)).toBe("PNG");
    // A bar for each measured figure, and one for the paper's.
    expect(await call.locator("svg .bar").count()).toBe(shown.rows.length);
    expect(await call.locator("svg .paper").count()).toBe(shown.rows.length);
  });

  test("rpc: stages in and out of the kernel, from the address too", async () => {
    const page = await open("rpc.html");
    const stages = figure(page, "Stages of a call by message and by trap");
    await measured(stages);
    expect(await stages.locator("svg .part").count()).toBe(21 + 12);
    await stages.getByLabel("in the kernel", { exact: true }).check();
    await page.waitForURL(/message=INKS_MESSAGE/);
    await measured(stages);
    const [message] = await commands(stages);
    const cli = await json<TableResult>(message!);
    const shown = JSON.parse(await download(page, stages, "JSON")) as { message: TableResult };
    expect(shown.message).toEqual(cli);
    expect(cli.rows.every(({ column }) => column === "INKS_MESSAGE")).toBe(true);
    await page.reload();
    expect(await stages.getByLabel("in the kernel", { exact: true }).isChecked()).toBe(true);
    for (const label of ["INKS Message", "INKS Trap"]) {
      const taken = JSON.parse(await download(page, stages, `Snapshot: ${label}`)) as CallSnapshot;
      expect(taken.title).toBe(`128 InOut, ${label}`);
    }
    // The arrow keys tell of a stage what the pointer does.
    await measured(stages);
    await stages.locator(".explore").focus();
    await page.keyboard.press("ArrowRight");
    await page.keyboard.press("ArrowRight");
    const tip = await stages.locator(".tip").innerText();
    expect(tip).toMatch(/^2 Stub operations[\s\S]*cycles[\s\S]*in the paper[\s\S]*loads/);
  });

  test("rpc: sizes to 64 KB, as the command counts them", async () => {
    const page = await open("rpc.html?way=out");
    const sizes = figure(page, "Cycles of a call by the size of its array");
    await measured(sizes);
    writeFileSync(join(folder, "sizes.defs"), await download(page, sizes, "sizes.defs"));
    const [command] = await commands(sizes);
    const calls = JSON.parse(await download(page, sizes, "JSON")) as TableResult;
    expect(calls).toEqual(await json(command!));
    expect(calls.rows.filter(({ row }) => row === "size_65536")).toHaveLength(3);
  });

  test("boundary: the race's report is the command's", async () => {
    const page = await open("boundary.html?row=in64&lanes=thread");
    const race = figure(page, "Three configurations, one clock");
    await measured(race);
    const shown = JSON.parse(await download(page, race, "JSON")) as CallReport[];
    const last = (await commands(race)).at(-1)!;
    const { stdout } = await inkwell(last);
    expect(shown.at(-1)).toEqual(JSON.parse(stdout));
    expect(shown.map(({ cycles }) => cycles)).toEqual(
      shown.map(({ causes }) => causes.reduce((sum, { cycles }) => sum + cycles, 0)),
    );
    const trace = JSON.parse(await download(page, figure(page, "One call by routine"), "Perfetto")) as { traceEvents: object[] }; // prettier-ignore
    expect(trace.traceEvents.length).toBeGreaterThan(10);
    // Moved into the kernel, the server has no address space of its own.
    await race.getByLabel("address space").check();
    await measured(race);
    const server = (at: { readonly place: string }) => at.place === "server";
    expect(shown.map(({ spans }) => spans.find(server)!.space === 0)).toEqual([false, true, true]);
    // The machine behind the call, as a file from which the command comes to the same.
    const taken = await download(page, race, "Snapshot: INKS Trap");
    writeFileSync(join(folder, "call.json"), taken);
    expect((await inkwell(["snapshot", "call.json", "--json"], folder)).stdout).toBe(taken);
    const { state } = JSON.parse(taken) as CallSnapshot;
    expect(state.causes).toEqual(shown.at(-1)!.causes);
    // And what ran, as files that the disassembler takes.
    for (const label of Object.keys(ENTRIES)) {
      const button = page.getByRole("button", { name: `Download ${label}:` });
      const [file] = await Promise.all([page.waitForEvent("download"), button.click()]);
      const { status, stdout } = await inkwell(["disasm", await file.path()]);
      expect([label, status]).toEqual([label, 0]);
      expect(stdout.split("\n").length).toBeGreaterThan(200);
      const { symbols } = readElf(label, readFileSync(await file.path()));
      expect(symbols.some(({ name }) => name === ENTRIES[label])).toBe(true);
    }
  });

  test("boundary: a profile opens in the speedscope that the site carries", async () => {
    const page = await open("boundary.html?flame=INKS_TRAP");
    const flame = figure(page, "One call by routine");
    await measured(flame);
    const [viewer] = await Promise.all([
      page.waitForEvent("popup"),
      flame.getByRole("button", { name: "Open in speedscope" }).click(),
    ]);
    await viewer.getByText("Left Heavy").waitFor();
    expect(new URL(viewer.url()).origin).toBe(site.origin);
    await viewer.close();
  });

  test("machine: a slider moves the table, as the command says; an old link is explained", async () => {
    const page = await open("machine.html?row=gone&storeBusy=99");
    const machine = figure(page, "Cycles of a call on this machine");
    await measured(machine);
    expect(await machine.locator(".notice").allTextContents()).toEqual([
      "The link asks for “gone”, which is not here.",
      "The link asks for 99; this goes from 0 to 8.",
    ]);
    const before = JSON.parse(await download(page, machine, "JSON")) as TableResult;
    await machine.getByLabel("Memory busy after a store").fill("6");
    await page.waitForURL(/storeBusy=6/);
    await measured(machine);
    const after = JSON.parse(await download(page, machine, "JSON")) as TableResult;
    const [command] = await commands(machine);
    expect(command).toContain("storeBusy=6");
    expect(after).toEqual(await json(command!));
    expect(after.rows[0]!.value).toBeGreaterThan(before.rows[0]!.value);
    const taken = JSON.parse(await download(page, machine, "Snapshot: INKS Message")) as CallSnapshot; // prettier-ignore
    expect(taken).toMatchObject({
      row: "null",
      configuration: "INKS_MESSAGE",
      set: ["storeBusy=6"],
    });
    expect((await resumeCall("s", JSON.stringify(taken))).snapshot).toEqual(taken);
  });

  test("machine: a sweep's lines are the command's", async () => {
    const page = await open("machine.html?sweep=loadUse");
    const sweep = figure(page, "A sweep over one parameter of the machine");
    await measured(sweep);
    const { points } = JSON.parse(await download(page, sweep, "JSON")) as { points: { value: number; result: TableResult }[] }; // prettier-ignore
    const { stdout, status } = await inkwell((await commands(sweep))[0]!);
    expect(status).toBe(0);
    const lines = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as TableResult);
    expect(lines).toEqual(points.map(({ value, result }) => ({ parameters: { loadUse: String(value) }, ...result }))); // prettier-ignore
  });

  test("machine: placements are cancelled, and run again", async () => {
    const page = await open("machine.html?placements=200");
    const placement = figure(page, "Cycles of a call at random places in memory");
    await run(placement).click();
    expect(await placement.getAttribute("aria-busy")).toBe("true");
    await page.waitForFunction(() =>
      [...document.querySelectorAll("progress")].some((bar) => bar.value > 0 && bar.value < 1),
    );
    await run(placement).click();
    await placement.getByText("Cancelled.").waitFor();
    await placement.getByLabel("Placements").fill("2");
    await measured(placement);
    expect(await placement.locator("svg .part").count()).toBe(12);
  });

  test("kmig: edited, wrong, right again; calls as the command counts them", async () => {
    const page = await open("kmig.html");
    const messages = figure(page, "Messages to scale");
    const calls = figure(page, "Cycles of each routine’s call");
    await measured(calls);
    const text = page.getByLabel("Interface definition");
    const first = await text.inputValue();
    await text.fill(first.replace("out	balance		: int", "out	balance		: money_t"));
    await page.getByText("Line 20: unknown type: money_t").waitFor();
    expect(await messages.locator("[role=alert]").textContent()).toContain("a mistake");
    const small = "subsystem tiny 7700;\n#include <mach/std_types.defs>\nroutine tiny_one(requestport p : mach_port_t; in a : int);\n"; // prettier-ignore
    await text.fill(small);
    await page.waitForURL(/#defs=/);
    await messages.getByText("tiny_one, request").first().waitFor();
    await calls.locator("svg .name", { hasText: "tiny_one" }).waitFor();
    await measured(calls);
    writeFileSync(join(folder, "bank.defs"), small);
    const [command] = await commands(calls);
    expect(JSON.parse(await download(page, calls, "JSON"))).toEqual(await json(command!));
    // The stubs in print are the files that the command writes.
    const stubs = page.locator(".live.code");
    for (const [title, file] of [
      ["client, trap", "bank-user.s"],
      ["TypeScript", "bank.ts"],
    ] as const) {
      await stubs.getByLabel(title).check();
      const printed = await stubs.getByRole("region", { name: "Generated text" }).textContent();
      expect(await download(page, stubs, file)).toBe(printed);
      expect((await inkwell((await commands(stubs))[0]!, folder)).status).toBe(0);
      expect(readFileSync(join(folder, file), "utf8")).toBe(printed);
    }
    await page.reload();
    await messages.getByText("tiny_one, request").first().waitFor();
    expect(await text.inputValue()).toBe(small);
  });

  test("assembly: forwards and back, wrong text, the command's cycles", async () => {
    const page = await open("assembly.html");
    const program = figure(page, "The program, step by step");
    await measured(program);
    const where = program.locator(".transport output");
    await where.filter({ hasText: "0 of" }).waitFor();
    const registers = program.locator(".registers");
    const start = await registers.innerText();
    for (const _ of [1, 2, 3]) await program.getByRole("button", { name: "Step →" }).click();
    await where.filter({ hasText: "3 of" }).waitFor();
    expect(await registers.innerText()).not.toBe(start);
    await page.waitForURL(/at=3/);
    for (const _ of [1, 2, 3]) await program.getByRole("button", { name: "← Back" }).click();
    await where.filter({ hasText: "0 of" }).waitFor();
    expect(await registers.innerText()).toBe(start);

    const text = page.getByLabel("Assembly text");
    await text.fill("\t.text\n\tadd\t%r1,%r2\n");
    await page.locator(".problems li").first().waitFor();
    expect(await page.locator(".problems").innerText()).toMatch(/^Line 2: /);
    const source =
      "\t.globl\t_start\n_start:\tldi\t7,%r26\n\tble\t0x100(%sr2,%r0)\n\tldi\t1,%r20\n";
    await text.fill(source);
    await program.getByText("exit status 7").first().waitFor();
    await measured(program);
    const shown = JSON.parse(await download(page, program, "JSON")) as { cycles: number };
    writeFileSync(join(folder, "prog.s"), source);
    const [link, exec] = await commands(program);
    expect((await inkwell(link!, folder)).status).toBe(0);
    expect((await inkwell(exec!, folder)).status).toBe(7);
    const stats = JSON.parse(readFileSync(join(folder, "prog.json"), "utf8")) as { cycles: number };
    expect(shown.cycles).toBe(stats.cycles);
  });

  test("unix: calls of Table 4 with their roles, as the command says", async () => {
    const page = await open("unix.html?calls=emulator");
    const table = figure(page, "Table 4: microseconds of a Unix call by configuration");
    // Bars come as they are measured.
    await page.waitForFunction(() => {
      const at = document.querySelector("figure.live[aria-busy][aria-label^='Table 4']");
      const bars = at?.querySelectorAll("svg .bar").length ?? 0;
      return bars > 0 && bars < 6;
    });
    await measured(table);
    expect(await table.locator("svg .bar").count()).toBe(6);
    const shown = JSON.parse(await download(page, table, "JSON")) as TableResult;
    const [command] = await commands(table);
    expect(shown).toEqual(await json(command!));
    // Without the server, so executed alone.
    for (const role of await table.locator(".role").allTextContents()) expect(role).toBe("earned");
  });

  test("unix: a program's calls are the command's; a bad file is explained; a good one runs", async () => {
    const page = await open("unix.html?calls=emulator&program=cat&config=UNOPTIMIZED&input=abc");
    const calls = figure(page, "A program’s system calls");
    await measured(calls);
    const shown = JSON.parse(await download(page, calls, "JSON")) as TracedProgram;
    expect(shown.output).toBe("abc");
    expect(shown.totals.every(({ mechanism }) => mechanism.endsWith("message"))).toBe(true);
    const [command] = await commands(calls);
    expect((await inkwell(command!, folder)).status).toBe(0);
    const traced = (): TracedProgram =>
      JSON.parse(readFileSync(join(folder, "calls.json"), "utf8")) as TracedProgram;
    const { calls: listed, spans, programCycles } = traced();
    expect([shown.calls, shown.spans, shown.programCycles]).toEqual([listed, spans, programCycles]);

    const file = calls.getByLabel("A static PA-RISC Linux program");
    const alert = calls.locator("[role=alert]");
    await file.setInputFiles({ name: "no.elf", mimeType: "", buffer: Buffer.from("\x7fELF") });
    await alert.filter({ hasText: "no.elf: offset" }).waitFor();
    // By stubs that are assembled here: exit(7).
    writeFileSync(join(folder, "seven.s"), "\t.globl\t_start\n_start:\tldi\t7,%r26\n\tble\t0x100(%sr2,%r0)\n\tldi\t1,%r20\n"); // prettier-ignore
    expect((await inkwell(["asm", "-o", "seven.o", "seven.s"], folder)).status).toBe(0);
    expect((await inkwell(["link", "-o", "seven", "seven.o"], folder)).status).toBe(0);
    await file.setInputFiles(join(folder, "seven"));
    await calls.getByText("Exit status 7").waitFor();
    await measured(calls);
    expect(await alert.textContent()).toBe("");
    const [own] = await commands(calls);
    expect((await inkwell(own!, folder)).status).toBe(7);
    expect(JSON.parse(await download(page, calls, "JSON"))).toMatchObject({
      calls: traced().calls,
    });
    // The file is not in the address: a reload says so.
    await page.reload();
    await alert.filter({ hasText: "no file yet" }).waitFor();
  });

  test("since 1993: sorted and sifted", async () => {
    const page = await open("since-1993.html?order=cycles&sure=read");
    const since = figure(page, "A call across a boundary, 1989 to 2021");
    await measured(since);
    const sifted = await since.locator("svg .part").count();
    await since.getByLabel("all", { exact: true }).check();
    await measured(since);
    expect(await since.locator("svg .part").count()).toBeGreaterThan(sifted);
  });

  test("validation: a run of seconds is cancelled, and the page lives on", async () => {
    const page = await open("validation.html");
    const report = figure(page, "Every figure, ours against the paper’s");
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0);
    await run(report).click();
    await report.getByText("Cancelled.").waitFor();
    await run(report).click();
    expect(await report.getAttribute("aria-busy")).toBe("true");
    await run(report).click();
    await report.getByText("Cancelled.").waitFor();
  });
});
