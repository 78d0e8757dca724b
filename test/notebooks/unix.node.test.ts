/**
 * What only the Unix page has: a console that is typed at while the machine runs, its sessions as files, and
 * programs of the reader's that are none.
 */
import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { Locator, Page } from "playwright";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { haveChromium } from "../../host/build/chromium.ts";
import type { TracedProgram } from "../../host/bench/unix-calls/traced-program.ts";
import { inkwell } from "../support/inkwell.ts";
import { download, figure, measured, run } from "./support/reader.ts";
import { openSite, type Site, type Visit } from "./support/site.ts";

const runnable = haveChromium();
let site: Site;
let folder: string;
beforeAll(async () => {
  if (!runnable) return;
  site = await openSite();
  folder = mkdtempSync(join(tmpdir(), "inkwell-unix-"));
});
afterAll(async () => {
  await site?.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

/** The page without what takes it seconds. */
const PAGE = "unix.html?calls=emulator&program=hello&args=x";

describe.runIf(runnable)("the console", () => {
  let visit: Visit;
  let page: Page;
  let console_: Locator;
  beforeEach(async () => {
    visit = await site.visit(PAGE, { acceptDownloads: true });
    page = visit.page;
    console_ = figure(page, "The console of the Unix");
    return async () => {
      expect(visit.trouble).toEqual([]);
      await page.context().close();
    };
  });
  const screen = (ending: string | RegExp) =>
    console_.getByRole("log").filter({ hasText: ending }).waitFor();
  const type = async (text: string): Promise<void> => {
    await console_.getByLabel("Type").fill(text);
    await page.keyboard.press("Enter");
  };

  test("typed at by keyboard, interrupted, saved, resumed here and by the command, off", async () => {
    await console_.getByRole("button", { name: "Boot" }).click();
    await screen(/\$ $/);
    await type("hello");
    await screen(/hello, world\n\$ $/);
    await type("cat");
    await screen(/\$ cat\n$/);
    await type("what is typed");
    await screen(/what is typed\nwhat is typed\n$/);
    await page.keyboard.press("Control+c");
    await screen(/\^C\$ $/);
    await console_.locator("output").filter({ hasText: "It waits." }).waitFor();
    const shown = await console_.getByRole("log").textContent();
    const counted = await console_.locator(".counted").textContent();
    const session = await download(page, console_, "Session");
    expect(await download(page, console_, "Text")).toBe(shown);

    writeFileSync(join(folder, "s.json"), session);
    const { cycle, counters } = JSON.parse(session) as { cycle: number; counters: { instructions: number } }; // prettier-ignore
    expect(counted).toContain(`${counters.instructions.toLocaleString("en")} instructions`);
    const more = ["--json", "--max-cycles", String(cycle)];
    const { stdout } = await inkwell(["boot", "--resume", "s.json", ...more], folder);
    expect(JSON.parse(stdout)).toMatchObject({ cycles: cycle, counters });

    await console_.getByLabel("Go on with a saved session").setInputFiles(join(folder, "s.json"));
    await page.waitForFunction((text) => document.querySelector("[role=log]")?.textContent === text, shown); // prettier-ignore
    await console_.locator(".counted").filter({ hasText: counted! }).waitFor();
    await type("echo on");
    await screen(/\^C\$ echo on\non\n\$ $/);
    await console_.getByRole("button", { name: "Ctrl-D" }).click();
    await console_.getByText("The shell has ended.").waitFor();
    await console_.getByRole("button", { name: "Boot again" }).click();
    await console_.getByRole("button", { name: "Power off" }).click();
    await console_.getByText("Off.").waitFor();
  });

  test("key by key on the screen, in the field once a program is raw, and pasted", async () => {
    const keys = fileURLToPath(new URL("support/keys.s", import.meta.url));
    expect((await inkwell(["link", "-o", "keys", keys], folder)).status).toBe(0);
    await console_.getByLabel("A static PA-RISC program").setInputFiles(join(folder, "keys"));
    await screen(/\$ $/);
    const log = console_.getByRole("log");
    const hint = console_.locator(".hint");
    // Where lines are taken the terminal edits them, and Ctrl-C is an interrupt.
    await log.focus();
    await page.keyboard.type("caz");
    await page.keyboard.press("Backspace");
    await page.keyboard.type("t");
    await page.keyboard.press("Enter");
    await screen(/\$ cat\n$/);
    await page.keyboard.press("Control+c");
    await screen(/\^C\$ $/);
    expect(await hint.textContent()).toMatch(/single keys/);
    await page.keyboard.type("keys\n");
    // The program asked where the cursor is, and the terminal answered.
    await screen(/keys\n\^\[\[3;1R$/);
    await hint.filter({ hasText: "every key as it comes" }).waitFor();
    await page.keyboard.press("ArrowUp");
    await screen(/\^\[\[A$/);
    await page.keyboard.press("Control+a");
    await screen(/A\^A$/);
    await page.keyboard.press("Tab");
    expect(await log.evaluate((each) => each === document.activeElement)).toBe(false);
    const field = console_.getByLabel("Type");
    await field.focus();
    await page.keyboard.type("xy");
    await page.keyboard.press("Escape");
    await page.keyboard.press("Enter");
    await screen(/\^Axy\^\[\^J$/);
    expect(await field.inputValue()).toBe("");
    await console_.getByRole("button", { name: "Tab", exact: true }).click();
    await paste(field, "1\r\n2");
    await screen(/\^I1\^J2$/);
    await page.keyboard.type("q");
    await screen(/2q\$ $/);
    await hint.filter({ hasText: "single keys" }).waitFor();
    // Of what is pasted into a field of lines the last, which has no end, can still be edited.
    await paste(field, "echo one\necho two\nec");
    await screen(/echo one\necho two\none\n\$ two\n\$ $/);
    expect(await field.inputValue()).toBe("ec");
    await console_.locator(".notice", { hasText: "does not hold your program" }).waitFor();
    expect(new URL(page.url()).hash).toBe("");
  });

  test("what was typed is in the address: reloaded, too long, cut off", async () => {
    await console_.getByRole("button", { name: "Boot" }).click();
    await screen(/\$ $/);
    await type("echo kept");
    await screen(/\nkept\n\$ $/);
    await page.waitForURL(/#session=/);
    await console_.locator("output").filter({ hasText: "It waits." }).waitFor();
    await page.waitForTimeout(600);
    const counted = await console_.locator(".counted").textContent();
    const link = page.url();
    await page.reload();
    await screen(/\nkept\n\$ $/);
    await console_.locator(".counted").filter({ hasText: counted! }).waitFor();
    await type("echo on");
    await screen(/\non\n\$ $/);
    // Nothing that packs well.
    let random = 1;
    const word = () => (random = (random * 48271) % 0x7fffffff).toString(36);
    const noise = Array.from({ length: 40 }, () => `echo ${Array.from({ length: 36 }, word).join("")}\n`).join(""); // prettier-ignore
    await paste(console_.getByLabel("Type"), noise);
    await console_.locator(".notice", { hasText: "More was typed than a link" }).waitFor();
    // The address settles a moment after the notice.
    await page.waitForURL(({ hash }) => hash === "");
    await console_.getByRole("button", { name: "Power off" }).click();
    await page.goto(link.slice(0, -40));
    await page.reload();
    await console_.locator(".notice", { hasText: "lost a part of its session" }).waitFor();
    await console_.getByRole("button", { name: "Boot" }).click();
    await screen(/\$ $/);
  });

  test("a damaged session and a program that is none are explained, and the next works", async () => {
    const alert = console_.locator("[role=alert]");
    const resume = console_.getByLabel("Go on with a saved session");
    await resume.setInputFiles({ name: "a.json", mimeType: "", buffer: Buffer.from("{}") });
    await alert.filter({ hasText: "a.json: not a session" }).waitFor();
    const file = console_.getByLabel("A static PA-RISC program");
    await file.setInputFiles({ name: "no", mimeType: "", buffer: Buffer.from("no") });
    await alert.filter({ hasText: "no: offset 0x0: not an ELF file" }).waitFor();
    const seven = "\t.globl\t_start\n_start:\tldi\t7,%r26\n\tble\t0x100(%sr2,%r0)\n\tldi\t1,%r20\n";
    writeFileSync(join(folder, "seven.s"), seven);
    expect((await inkwell(["link", "-o", "seven", "seven.s"], folder)).status).toBe(0);
    await file.setInputFiles(join(folder, "seven"));
    await screen(/\$ $/);
    expect(await alert.textContent()).toBe("");
    await type("seven");
    await screen(/\$ seven\n\$ $/);
  });
});

/** As by Ctrl-V, without a clipboard. */
function paste(field: Locator, text: string): Promise<void> {
  return field.evaluate((each, content) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData("text/plain", content);
    (each as HTMLElement).focus();
    each.dispatchEvent(
      new ClipboardEvent("paste", { clipboardData, bubbles: true, cancelable: true }),
    );
  }, text);
}

describe.runIf(runnable)("a reader's program", () => {
  const cross = spawnSync("hppa-linux-gnu-gcc", ["--version"]).status === 0;
  /** What a stock compiler makes without -static. */
  const dynamic = (): Buffer => {
    const made = join(folder, "dynamic");
    const source = "int main(void) { return 0; }";
    const { status } = spawnSync("hppa-linux-gnu-gcc", ["-xc", "-", "-o", made], { input: source });
    expect(status).toBe(0);
    return readFileSync(made);
  };
  test.each([
    ["of 64 bits", true, () => readFileSync("/bin/true"), "not a 32-bit ELF file"],
    ["dynamically linked", cross, dynamic, "not a static program: it wants a dynamic linker"],
  ])("%s is explained beside the control, and hello still runs", async (_what, can, made, said) => {
    if (!can) return;
    const { page, trouble } = await site.visit(PAGE, { acceptDownloads: true });
    const calls = figure(page, "A program’s system calls");
    await measured(calls);
    const file = calls.getByLabel("A static PA-RISC Linux program");
    await file.setInputFiles({ name: "prog", mimeType: "", buffer: made() });
    await calls.locator("[role=alert]").filter({ hasText: said }).waitFor();
    await calls.locator("select").selectOption("hello");
    await measured(calls);
    expect(await calls.locator("[role=alert]").textContent()).toBe("");
    expect(await calls.getByRole("region", { name: "What the program wrote" }).textContent()).toContain("hello, world"); // prettier-ignore
    expect(trouble).toEqual([]);
    await page.context().close();
  });

  test("one without an end is cancelled, and paths stand in the list of calls", async () => {
    const { page, trouble } = await site.visit(PAGE, { acceptDownloads: true });
    const calls = figure(page, "A program’s system calls");
    await measured(calls);
    const file = calls.getByLabel("A static PA-RISC Linux program");
    writeFileSync(join(folder, "loop.s"), "\t.globl\t_start\n_start:\tb\t.\n\tnop\n");
    expect((await inkwell(["link", "-o", "loop", "loop.s"], folder)).status).toBe(0);
    await file.setInputFiles(join(folder, "loop"));
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0.3);
    await run(calls).click();
    await calls.getByText("Cancelled.").waitFor();
    await calls.locator("select").selectOption("cat");
    await calls.getByRole("textbox", { name: "Arguments" }).fill("/etc/none");
    await page.keyboard.press("Enter");
    await calls.getByText(/^open\(.*“\/etc\/none”/).waitFor();
    await measured(calls);
    const { calls: listed } = JSON.parse(await download(page, calls, "JSON")) as TracedProgram;
    const [opened] = listed.filter(({ name }) => name === "open");
    expect(opened).toMatchObject({ errno: "ENOENT", strings: [{ text: "/etc/none" }] });
    expect(trouble).toEqual([]);
    await page.context().close();
  });
});
