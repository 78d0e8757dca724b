/**
 * The validation report: that the checklist points at what exists (B5), that figures and claims are of
 * a real run, that claims agree with the paper's own figures and can fail, and that the page is one
 * that anything can read. One run of the command serves all.
 */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { CLAIMS } from "../../host/bench/claims/index.ts";
import { checkTables, type TidyRow } from "../../host/bench/experiment.ts";
import { EXPERIMENTS } from "../../host/bench/index.ts";
import { PAPER } from "../../host/bench/paper.ts";
import { validationHtml } from "../../host/bench/validation/html.ts";
import { type Evidence, SECTIONS } from "../../host/bench/validation/rows.ts";
import { summarize } from "../../host/bench/validation/summary.ts";
import { summaryLines, validationText } from "../../host/bench/validation/text.ts";
import {
  checkRows,
  type ValidatedFigure,
  type Validation,
} from "../../host/bench/validation/validate.ts";
import { CALIBRATIONS } from "../../host/machine/calibration.ts";
import { HP9000_730 } from "../../host/machine/config.ts";
import { inkwell, type Outcome } from "../support/inkwell.ts";

const folder = mkdtempSync(join(tmpdir(), "inkwell-validate-"));
const pageFile = join(folder, "report.html");
let outcome: Outcome;
let result: Validation;
beforeAll(async () => {
  outcome = await inkwell(["validate", "--strict", "--json", "--html", pageFile]);
  result = JSON.parse(outcome.stdout) as Validation;
});
afterAll(() => rmSync(folder, { recursive: true }));

/** What the report leaves out unless asked for all: it takes minutes. */
const LONG = ["6", "7", "8", "placement"];
const CHECKED = CLAIMS.filter(({ tables }) => !tables.some((id) => LONG.includes(id)));

const ROWS = SECTIONS.flatMap(({ rows }) => rows);
const evidence = (pick: (by: Evidence) => string | false) =>
  ROWS.flatMap(({ by }) => by.map(pick)).filter((each) => each !== false);

describe("the checklist", () => {
  test("has each row once", () => {
    const ids = ROWS.map(({ id }) => id);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    expect(ids.filter((id) => !/^[A-Z]\d+$/.test(id))).toEqual([]);
  });

  test("names claims and tables that exist, and every claim", () => {
    const claims = evidence((by) => "claim" in by && by.claim);
    const known = CLAIMS.map(({ id }) => id);
    expect(claims.filter((id) => !known.includes(id))).toEqual([]);
    expect(known.filter((id) => !claims.includes(id))).toEqual([]);
    const tables = evidence((by) => "table" in by && by.table);
    expect(tables.filter((id) => EXPERIMENTS.every((e) => e.id !== id))).toEqual([]);
  });

  test("names tests that exist and name the row", () => {
    const offences = ROWS.flatMap(({ id, by }) =>
      by.flatMap((one) => {
        if (!("test" in one)) return [];
        if (!existsSync(one.test)) return [`${id}: no ${one.test}`];
        const named = new RegExp(`\\b${id}\\b`).test(readFileSync(one.test, "utf8"));
        return named ? [] : [`${id}: not in ${one.test}`];
      }),
    );
    expect(offences).toEqual([]);
  });

  test("a row fails with any of its claims, waits for those not run, and is open without any", () => {
    const status = (id: string, holds: Readonly<Record<string, boolean>>) =>
      checkRows(Object.entries(holds).map(([claim, yes]) => ({ id: claim, holds: yes }))).find(
        (row) => row.id === id,
      )!.status;
    const three = ["stage-12-is-a-copy", "stage-12-without-the-copy", "trap-stage-9-no-artefact"];
    const all = (yes: boolean) => Object.fromEntries(three.map((id) => [id, yes]));
    expect(status("R8", all(true))).toBe("covered");
    expect(status("R8", { ...all(true), [three[1]!]: false })).toBe("fails");
    expect(status("R8", { [three[0]!]: true })).toBe("not run");
    expect(status("R9", {})).toBe("covered");
    expect(status("R19", all(true))).toBe("not yet");
  });
});

describe("figures", () => {
  test("are every one that the paper prints in a table that has an experiment", () => {
    const printed = Object.entries(PAPER).flatMap(([table, { columns, values }]) =>
      Object.entries(values).flatMap(([row, cells]) =>
        cells.flatMap((paper, i) =>
          paper === null ? [] : [`${table} ${row} ${columns[i]} ${paper}`],
        ),
      ),
    );
    const ours = result.rows
      .filter(({ paper }) => paper !== null)
      .map(({ table, row, column, paper }) => `${table} ${row} ${column} ${paper}`);
    const open = [...result.missing, ...result.skipped].map(({ table }) => table);
    expect(new Set(ours)).toEqual(new Set(printed.filter((f) => !open.includes(f.split(" ")[0]!))));
    const missing = printed.filter((figure) => open.includes(figure.split(" ")[0]!));
    expect(ours.length + missing.length).toBe(printed.length);
    for (const { table, figures } of result.missing)
      expect(printed.filter((figure) => figure.startsWith(`${table} `))).toHaveLength(figures);
  });

  test("carry error, earned share, role and the command that prints them (B6)", () => {
    const cell = (table: string, row: string, column: string) =>
      result.rows.find((r) => r.table === table && r.row === row && r.column === column)!;
    const stage = cell("2", "2", "INKS_TRAP");
    expect(stage).toMatchObject({ paper: 213, role: "calibrated", earnedShare: 1 });
    expect(stage.error).toBeCloseTo(stage.value / 213 - 1, 12);
    expect(stage.command).toBe("inkwell table 2 --config INKS_TRAP");
    const nullRpc = cell("3", "null", "UNOPTIMIZED");
    expect(nullRpc).toMatchObject({ paperRatio: 3.5, role: "predicted" });
    expect(nullRpc.ratio).toBe(nullRpc.value / cell("3", "null", "INKS_TRAP").value);
    // What was fitted is said, and is exactly what is marked.
    expect(result.ledger.calibrations).toEqual(CALIBRATIONS);
    const tables = new Set(result.rows.map(({ table }) => table));
    const fitted = CALIBRATIONS.flatMap(({ figures }) =>
      figures.filter(([table]) => tables.has(table)).map((figure) => figure.join(" ")),
    );
    // Table 4's own calibration is in the ledger of costs: one column, where the server works.
    const unix = result.rows.filter(({ table, role }) => table === "4" && role === "calibrated");
    expect(new Set(unix.map(({ column }) => column))).toEqual(new Set(["INKS_TRAP"]));
    const marked = result.rows.filter(({ table, role }) => table !== "4" && role === "calibrated");
    expect(new Set(marked.map((r) => `${r.table} ${r.row} ${r.column}`))).toEqual(new Set(fitted));
    const printed = marked.filter(({ table }) => /^\d+$/.test(table));
    expect(result.summary.all.calibrated.figures).toBe(printed.length + unix.length);
  });

  test("are executed, not declared, but for what the Unix server does", () => {
    const declared = result.rows.filter((row) => row.table !== "4" && row.declared !== 0);
    expect(declared).toEqual([]);
  });
});

describe("claims", () => {
  test("of every kind are checked", () => {
    expect(result.claims.map(({ id }) => id)).toEqual(CHECKED.map(({ id }) => id));
    expect(result.skipped).toEqual(
      LONG.map((table) => ({ table, command: `inkwell table ${table}` })),
    );
    for (const { holds, bounds } of result.claims) {
      expect(bounds.length).toBeGreaterThan(0);
      expect(holds).toBe(bounds.every((bound) => bound.holds));
      for (const { value, low, high, holds: within } of bounds)
        expect(within).toBe((low === null || value >= low) && (high === null || value <= high));
    }
  });

  test("hold of the paper's own figures, where it prints them", () => {
    const bounds = result.claims.flatMap((claim) => claim.bounds);
    const printed = bounds.filter(({ paper }) => paper !== null);
    expect(printed.length).toBeGreaterThan(50);
    const outside = printed.filter(
      ({ paper, low, high }) => paper! < (low ?? -Infinity) || paper! > (high ?? Infinity),
    );
    expect(outside).toEqual([]);
  });

  test("are made of the run's figures, and of the paper's", () => {
    const cycles = (table: string, stages: readonly number[], column: string) =>
      stages
        .map((n) =>
          result.rows.find((r) => r.table === table && r.row === `${n}` && r.column === column)!,
        )
        .reduce((sum, { value }) => sum + value, 0);
    const copying = result.claims.find(({ id }) => id === "copying")!;
    const [message, trap] = copying.bounds;
    expect(message!.value).toBe(cycles("1", [2, 5, 5, 12, 15, 15, 20], "UNOPTIMIZED"));
    expect(trap!.value).toBe(cycles("2", [7, 9], "INKS_TRAP"));
    expect([message!.paper, trap!.paper]).toEqual([1375, 461]);
  });

  test("are known to the runner and to nothing that makes a number", () => {
    const readers = readdirSync("host", { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts") && !name.startsWith("bench/claims/"))
      .filter((name) => /from "[^"]*claims\//.test(readFileSync(`host/${name}`, "utf8")));
    expect(readers).toEqual(["bench/experiment.ts"]);
  });

  // Figures that are nothing like the paper's: none, and sizes that jump from row to row.
  const distort = (change: (row: TidyRow, index: number) => number) =>
    checkTables(
      EXPERIMENTS.map((experiment) => ({
        experiment,
        rows: result.rows
          .filter(({ table }) => table === experiment.id)
          .map((row, i) => {
            const detail = Object.fromEntries(
              Object.entries(row.detail).map(([name, value], j) => [name, value + 100 * i * j]),
            );
            return { ...row, value: change(row, i), detail };
          }),
      })),
    );
  test("can each fail", () => {
    const holding = [
      distort(() => 0),
      distort((_, i) => 1000 * ((7 * i) % 5)),
      distort(({ column, value }) => (column === "INKS_TRAP" ? 9 * value : value)),
    ].map((claims) => claims.filter(({ holds }) => holds).map(({ id }) => id));
    expect(holding[0]!.filter((id) => holding.every((ids) => ids.includes(id)))).toEqual([]);
  });
});

describe("the result", () => {
  test("is the documented object", () => {
    expect(Object.keys(result)).toEqual([
      ...["version", "command", "seed", "config", "tables", "rows", "claims", "checklist"],
      ...["missing", "skipped", "ledger", "summary"],
    ]);
    expect(result).toMatchObject({ command: "inkwell validate", seed: null });
    const keys: (keyof ValidatedFigure)[] = [
      "error",
      "earnedShare",
      "ratio",
      "paperRatio",
      "command",
    ];
    expect(result.rows.filter((row) => keys.some((key) => row[key] === undefined))).toEqual([]);
  });

  test("is summed up", () => {
    const cell = (value: number, role: "calibrated" | "predicted" = "predicted", table = "9") => ({
      ...{ table, value, paper: 100, role },
    });
    const rows = [
      ...[cell(100, "calibrated"), cell(112), cell(80), cell(200), cell(50, "predicted", "words")],
      { ...cell(7), paper: null },
      { ...cell(5), paper: 15 },
    ];
    const { all, tables } = summarize(rows, [{ holds: true }], []);
    expect(all).toMatchObject({ figures: 5, within10: 1, within15: 2, within25: 3, near: 2 });
    expect(all.meanAbsoluteError).toBeCloseTo((0 + 0.12 + 0.2 + 1 + 2 / 3) / 5, 12);
    expect(all.calibrated).toMatchObject({ figures: 1, meanAbsoluteError: 0 });
    expect(tables.map(({ table, figures }) => [table, figures])).toEqual([
      ["9", 5],
      ["words", 1],
    ]);
    const { claims, checklist } = result.summary;
    expect(claims.held + claims.failed).toBe(CHECKED.length);
    const { covered, fails, notRun, notYet } = checklist;
    expect(covered + fails + notRun + notYet).toBe(ROWS.length);
  });

  test("is text that ends with the summary", () => {
    const text = validationText(result);
    expect(text.endsWith(summaryLines(result.summary).join("\n"))).toBe(true);
    for (const { id } of ROWS) expect(text).toMatch(new RegExp(`\\b${id}\\b`));
  });
});

test("with --strict a claim that fails is a failure, after all is written", () => {
  const { failed, total } = result.summary.claims;
  expect(outcome.status).toBe(failed > 0 ? 1 : 0);
  expect(outcome.stderr).toBe(failed > 0 ? `inkwell: ${failed} of ${total} claims fail\n` : "");
  expect(readFileSync(pageFile, "utf8")).toBe(validationHtml(result));
  expect(readdirSync(folder)).toEqual(["report.html"]);
});

describe("the page", () => {
  test("is well-formed, needs nothing else, and has all of it", () => {
    const page = validationHtml(result);
    expect(unbalanced(page)).toEqual([]);
    expect(page).not.toMatch(/<script|<link|<img|\bsrc=|url\(|@import/);
    const ids = Array.from(page.matchAll(/ id="([^"]+)"/g), (m) => m[1]!);
    expect(ids.filter((id, i) => ids.indexOf(id) !== i)).toEqual([]);
    const targets = page.matchAll(/ (?:href="#|aria-labelledby=")([^"]+)"/g);
    expect(Array.from(targets, (m) => m[1]!).filter((id) => !ids.includes(id))).toEqual([]);
    const plain = page.replaceAll("&amp;", "&").replaceAll("&quot;", '"');
    for (const { sentence } of result.claims) expect(plain).toContain(sentence);
    for (const { id } of ROWS) expect(page).toContain(`<th scope="row">${id}</th>`);
    const tables = page.split("<table>").slice(1);
    expect(tables.length).toBeGreaterThan(10);
    for (const table of tables) expect(table).toMatch(/^\n<caption>[^<]+<\/caption>\n<thead>/);
  });

  test("says what it is given as text, not as markup", () => {
    const page = validationHtml({ ...result, command: 'inkwell validate --set "<b>&x"' });
    expect(unbalanced(page)).toEqual([]);
    expect(page).toContain("--set &quot;&lt;b&gt;&amp;x&quot;");
  });
});

/** Tags that nest badly, attributes without quotes, and stray characters of markup. */
function unbalanced(page: string): string[] {
  const open: string[] = [];
  const offences: string[] = [];
  const style = /<style>[\s\S]*?<\/style>/;
  const body = page.replace(/^<!DOCTYPE html>\n/, "").replace(style, "");
  for (const [tag, end, name, attributes] of body.matchAll(/<(\/?)([a-z0-9]+)([^>]*)>/g)) {
    const rest = attributes!.replace(/ [a-z:-]+="[^"<&]*(?:&\w+;[^"<&]*)*"/g, "").trim();
    if (rest !== "" && rest !== "/") offences.push(tag);
    if (rest === "/") continue;
    if (!end) open.push(name!);
    else if (open.pop() !== name) offences.push(`${tag} does not close what is open`);
  }
  const text = body.replace(/<[^>]*>/g, "");
  if (/[<>]|&(?!\w+;)/.test(text)) offences.push("stray markup");
  return [...offences, ...open];
}

test("the preset is the machine that the paper measured (R1)", () => {
  // §4.2: 32 MB, 67 MHz, 128K Icache, 256K Dcache, 96-entry TLBs, a miss costs about 14 cycles.
  expect(HP9000_730).toMatchObject({
    memoryBytes: 32 << 20,
    clockMHz: 67,
    instructionCacheBytes: 128 << 10,
    dataCacheBytes: 256 << 10,
    instructionTlbEntries: 96,
    dataTlbEntries: 96,
    instructionMiss: 14,
    dataMiss: 14,
  });
});
