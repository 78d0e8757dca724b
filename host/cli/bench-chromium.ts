/**
 * The speed programs in headless Chromium: the same compiled files and the same core as here, on a bare page,
 * driven by Playwright. Times are processor time of the page's main thread, where the machine runs. Needs
 * what development needs (Playwright, a built dist/); where that is missing, says what.
 */
import { existsSync, readFileSync } from "node:fs";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { extname } from "node:path";
import { fileURLToPath } from "node:url";
import type { Browser, CDPSession, Page } from "playwright";
import { panic } from "../diagnostic.ts";
import type { MachineConfig } from "../machine/config.ts";
import { CHROMIUM, chromiumFlags } from "./chromium.ts";

export interface ChromiumRun {
  readonly output: string;
  readonly instructions: number;
  /** Processor time of the page's thread, in seconds. */
  readonly seconds: number;
}

const root = fileURLToPath(new URL("../../", import.meta.url));
const TYPES: Readonly<Record<string, string>> = {
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};
/** Import maps name what the package's `imports` name. */
const PAGE = `<!doctype html><title>bench</title>
<script type="importmap">{"imports": {"#platform": "/dist/platform/web.js"}}</script>
<script type="module">
  import { runBare } from "/dist/bare/run.js";
  import { NO_FILES } from "/dist/bare/surroundings.js";
  globalThis.runProgram = async (file, rounds, machine) => {
    const bytes = new Uint8Array(await (await fetch("/program?" + encodeURIComponent(file))).arrayBuffer());
    let output = "";
    const { instructions } = await runBare({
      program: { file, bytes },
      arguments: [file, String(rounds)],
      world: {
        readInput: () => new Uint8Array(0),
        write: (_, written) => void (output += String.fromCharCode(...written)),
        files: NO_FILES,
      },
      machine,
    });
    return { output: output.trim(), instructions };
  };
</script>`;

/** What of the page the driver sees. */
interface PageGlobals {
  runProgram?: (
    file: string,
    rounds: number,
    machine: MachineConfig,
  ) => Promise<Pick<ChromiumRun, "output" | "instructions">>;
}

export class ChromiumPeer {
  readonly #server: Server;
  readonly #browser: Browser;
  readonly #page: Page;
  readonly #session: CDPSession;

  private constructor(server: Server, browser: Browser, page: Page, session: CDPSession) {
    this.#server = server;
    this.#browser = browser;
    this.#page = page;
    this.#session = session;
  }

  /** A browser with the page open; or what is not there, as a text. */
  static async open(): Promise<ChromiumPeer | string> {
    if (!existsSync(CHROMIUM)) return CHROMIUM;
    if (!existsSync(`${root}dist/bare/run.js`)) return "dist (npm run build)";
    const playwright = await import("playwright").catch(() => undefined);
    if (!playwright) return "playwright";
    const server = await serve();
    const browser = await playwright.chromium.launch({
      executablePath: CHROMIUM,
      args: chromiumFlags,
    });
    const page = await browser.newPage();
    await page.goto(`http://127.0.0.1:${(server.address() as AddressInfo).port}/`);
    await page.waitForFunction(() => (globalThis as PageGlobals).runProgram !== undefined);
    const session = await page.context().newCDPSession(page);
    await session.send("Performance.enable");
    return new ChromiumPeer(server, browser, page, session);
  }

  /** Runs a program on a machine of its own. */
  async run(file: string, rounds: number, machine: MachineConfig): Promise<ChromiumRun> {
    const before = await this.#threadTime();
    const result = await this.#page.evaluate(
      ([name, count, config]) => (globalThis as PageGlobals).runProgram!(name, count, config),
      [file, rounds, machine] as const,
    );
    return { ...result, seconds: (await this.#threadTime()) - before };
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }

  async #threadTime(): Promise<number> {
    const { metrics } = await this.#session.send("Performance.getMetrics");
    const time = metrics.find(({ name }) => name === "ThreadTime");
    return time?.value ?? panic("bench: Chromium tells no ThreadTime");
  }
}

/** Serves the page, the package, and programs by their paths. */
async function serve(): Promise<Server> {
  const server = createServer((request, response) => {
    const { pathname, search } = new URL(request.url!, "http://x");
    if (pathname === "/") return void response.writeHead(200, { "content-type": "text/html" }).end(PAGE); // prettier-ignore
    const file = pathname === "/program" ? decodeURIComponent(search.slice(1)) : root + pathname.slice(1); // prettier-ignore
    if (!existsSync(file)) return void response.writeHead(404).end();
    response.writeHead(200, { "content-type": TYPES[extname(file)] ?? "text/plain" });
    response.end(readFileSync(file));
  });
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return server;
}
