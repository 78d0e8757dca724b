/**
 * The laboratory away from home: the one script on a page of another origin, under a content security
 * policy, several elements at once; and the package as a fresh program, a Vite project and a plain page
 * take it. Nothing is fetched but the script itself.
 */
import { execFileSync, spawnSync } from "node:child_process";
import { createServer, type Server } from "node:http";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { extname, join, resolve } from "node:path";
import { type Browser, chromium, type Page } from "playwright";
import { publint } from "publint";
import { build } from "vite";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CHROMIUM, chromiumFlags, haveChromium } from "../../host/build/chromium.ts";
import type { TableResult } from "../../host/bench/request.ts";
import { runTable } from "../../host/bench/request.ts";
import { watch } from "./support/site.ts";

const built = existsSync("dist/embed/inkwell.js");
if (!built) console.warn("skipped: nothing is built; npm run build");
const runnable = built && haveChromium();
const REQUEST = { table: "3", rows: ["null"], iterations: 8 };
const POLICY =
  "default-src 'none'; script-src https: http: 'wasm-unsafe-eval'; worker-src blob:; style-src 'none'; img-src data:";

let browser: Browser;
let folder: string;
const servers: Server[] = [];

beforeAll(async () => {
  if (runnable) browser = await chromium.launch({ executablePath: CHROMIUM, args: chromiumFlags });
  if (built) folder = unpackedPackage();
});
afterAll(async () => {
  await browser?.close();
  for (const server of servers) server.close();
  if (folder) rmSync(folder, { recursive: true, force: true });
});

const TYPES: Readonly<Record<string, string>> = {
  ".html": "text/html; charset=utf-8",
  ".js": "text/javascript",
  ".wasm": "application/wasm",
};

/** Serves a folder, or one page given as text, on an origin of its own. */
async function serve(from: { folder: string } | { page: string }, headers = {}): Promise<string> {
  const server = createServer((request, response) => {
    const path = new URL(request.url!, "http://x").pathname;
    if (path === "/favicon.ico") return void response.writeHead(204).end();
    const file = "folder" in from ? join(from.folder, path) : undefined;
    if (file !== undefined && !existsSync(file)) return void response.writeHead(404).end();
    const type = file === undefined ? TYPES[".html"] : TYPES[extname(file)];
    response.writeHead(200, {
      "content-type": type ?? "text/plain",
      "access-control-allow-origin": "*",
      ...headers,
    });
    response.end("folder" in from ? readFileSync(file!) : from.page);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

/** What `npm install` of the packed package leaves, its dependencies lent from here. */
function unpackedPackage(): string {
  const at = mkdtempSync(join(tmpdir(), "inkwell-consumer-"));
  const modules = join(at, "node_modules");
  mkdirSync(modules);
  const packed = execFileSync("npm", ["pack", "--ignore-scripts", "--json", "--pack-destination", at], { encoding: "utf8" }); // prettier-ignore
  const [{ filename }] = JSON.parse(packed) as [{ filename: string }];
  execFileSync("tar", ["-xzf", join(at, filename), "-C", at]);
  execFileSync("mv", [join(at, "package"), join(modules, "inkwell")]);
  const { dependencies } = JSON.parse(readFileSync("package.json", "utf8")) as {
    dependencies: object;
  };
  for (const name of Object.keys(dependencies))
    symlinkSync(resolve("node_modules", name), join(modules, name));
  return at;
}

async function open(address: string, ...origins: string[]) {
  const page = await browser.newPage();
  const trouble = watch(page, new URL(address).origin, ...origins);
  await page.goto(address);
  return { page, trouble };
}

/** The cycles that an element shows, by configuration. */
function shown(page: Page, element: string): Promise<string[]> {
  const bars = page.locator(`${element} svg .part text`);
  return bars
    .first()
    .waitFor()
    .then(() => bars.allTextContents());
}

const expected = async (): Promise<string[]> =>
  (await runTable(REQUEST)).rows.map(({ value }) => value.toLocaleString("en"));

describe.runIf(runnable)("the script", () => {
  test("works from another origin, under a policy, several on one page", async () => {
    const home = await serve({ folder: resolve("dist/embed") });
    const page = `<!doctype html><html lang="en"><title>x</title>
      <script type="module" src="${home}/inkwell.js"></script>
      <inkwell-rpc id="all"></inkwell-rpc><inkwell-rpc id="trap" config="INKS_TRAP"></inkwell-rpc>
      <inkwell-lab notebook="boundary"></inkwell-lab><inkwell-lab id="none" notebook="nowhere"></inkwell-lab>`;
    const origin = await serve({ page }, { "content-security-policy": POLICY });
    const { page: at, trouble } = await open(origin, home);
    const figures = await expected();
    expect(await shown(at, "#all")).toEqual(figures);
    expect(await shown(at, "#trap")).toEqual(figures.slice(-1));
    await at.locator("inkwell-lab svg .span").first().waitFor();
    await at.locator("#none").getByText("There is no notebook “nowhere”").waitFor();
    // Attributes are live, and an element that leaves takes its worker along.
    await at.locator("#trap").evaluate((node) => node.setAttribute("config", "INKS_MESSAGE"));
    await at.waitForFunction(
      (text) => document.querySelector("#trap")?.shadowRoot?.textContent?.includes(text),
      figures[1]!,
    );
    await at.locator("#trap").evaluate((node) => node.remove());
    expect(trouble).toEqual([]);
    await at.close();
  });

  test("a policy without workers is explained", async () => {
    const home = await serve({ folder: resolve("dist/embed") });
    const page = `<!doctype html><html lang="en"><title>x</title>
      <script type="module" src="${home}/inkwell.js"></script><inkwell-rpc></inkwell-rpc>`;
    const strict = POLICY.replace("worker-src blob:", "worker-src 'none'");
    const { page: at } = await open(await serve({ page }, { "content-security-policy": strict }));
    await at.getByText("needs worker-src blob:").waitFor();
    await at.close();
  });

  test("the example page works", async () => {
    const { page, trouble } = await open(`${await serve({ folder: resolve("dist/embed") })}/example.html`); // prettier-ignore
    expect(await shown(page, "inkwell-rpc:first-of-type")).toEqual(await expected());
    expect(readFileSync("dist/embed/example.html", "utf8").trim().split("\n")).toHaveLength(8);
    expect(trouble).toEqual([]);
    await page.close();
  });
});

describe.runIf(built)("the package", () => {
  test("publint finds nothing", async () => {
    const { messages } = await publint({ pkgDir: join(folder, "node_modules/inkwell") });
    expect(messages).toEqual([]);
  });

  test("a fresh program imports machine, boot and table", async () => {
    const program = `
      import { boot, Machine, table } from "inkwell";
      const machine = await Machine.create({ memoryBytes: 1 << 20 });
      machine.memory.write32(0, 0x341c0054);
      machine.jump(0, 0);
      machine.step();
      const bed = await boot({ configuration: "INKS_TRAP" });
      bed.kernel.start(bed.client, [bed.names.send, 1, 3]);
      while (bed.kernel.run({ cycles: 100_000 }) !== "idle");
      const result = await table("3", ${JSON.stringify({ rows: REQUEST.rows, iterations: 8 })});
      console.log(JSON.stringify({ r28: machine.gr(28), cycles: bed.kernel.machine.cycles, result }));`;
    writeFileSync(join(folder, "program.mjs"), program);
    const { stdout, stderr } = spawnSync(process.execPath, ["program.mjs"], {
      cwd: folder,
      encoding: "utf8",
      env: { ...process.env, NODE_OPTIONS: "" },
    });
    expect(stderr).toBe("");
    const { r28, cycles, result } = JSON.parse(stdout) as { r28: number; cycles: number; result: TableResult }; // prettier-ignore
    expect(r28).toBe(42);
    expect(cycles).toBeGreaterThan(1000);
    expect(result).toEqual(await runTable(REQUEST));
  });

  test.runIf(runnable)("a Vite project builds it, worker and core included", async () => {
    mkdirSync(join(folder, "vite"));
    writeFileSync(
      join(folder, "vite/index.html"),
      '<!doctype html><title>x</title><output></output><script type="module" src="./main.js"></script>',
    );
    writeFileSync(
      join(folder, "vite/main.js"),
      `import { Simulator, table } from "inkwell";
       const request = ${JSON.stringify(REQUEST)};
       const [far, near] = await Promise.all([new Simulator().runTable(request), table("3", request)]);
       document.querySelector("output").textContent = JSON.stringify([far.rows, near.rows]);`,
    );
    await build({
      configFile: false,
      root: join(folder, "vite"),
      logLevel: "error",
      worker: { format: "es" },
      build: { target: "es2022", assetsInlineLimit: 0 },
    });
    const { page, trouble } = await open(`${await serve({ folder: join(folder, "vite/dist") })}/index.html`); // prettier-ignore
    await page.locator("output", { hasText: "]" }).waitFor();
    const { rows } = await runTable(REQUEST);
    expect(JSON.parse((await page.locator("output").textContent())!)).toEqual([rows, rows]);
    expect(trouble).toEqual([]);
    await page.close();
  });
});
