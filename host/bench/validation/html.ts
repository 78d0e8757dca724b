/**
 * The validation report as one page that needs nothing else: no script, no request. Well-formed
 * as XML too, so that anything can read it. Light and dark follow the reader's system; what is good
 * or bad is said in words, not by colour alone.
 */
import {
  boundText,
  type Reported,
  earnedText,
  numberText,
  percentText,
  tableName,
} from "../report.ts";
import {
  calibrationSentence,
  FEW,
  missingText,
  printed,
  sections,
  skippedText,
  summaryLines,
} from "./text.ts";
import type { CheckedBound } from "../experiment.ts";
import type { Evidence } from "./rows.ts";
import type { CheckedRow, ValidatedClaim, ValidatedFigure, Validation } from "./validate.ts";

const STYLE = `
:root { color-scheme: light dark; --ink: #1b1b1f; --paper: #fdfcf9; --rule: #d6d2c8; --soft: #5c5a55;
  --good: #1a6b3a; --bad: #a3261f; --shade: #f2efe7; }
@media (prefers-color-scheme: dark) { :root { --ink: #e8e6e1; --paper: #17171a; --rule: #3b3a3f;
  --soft: #a9a6a0; --good: #7ccf9b; --bad: #ff9a8f; --shade: #212126; } }
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 2rem 1rem 4rem; max-width: 76rem; background: var(--paper);
  color: var(--ink); font: 16px/1.5 system-ui, sans-serif; }
h1 { font-size: 1.7rem; margin: 0 0 .25rem; } h2 { font-size: 1.25rem; margin: 2.5rem 0 .5rem; }
p { max-width: 46rem; } .soft { color: var(--soft); } code { font-size: .875em; }
.summary { border: 1px solid var(--rule); background: var(--shade); padding: .75rem 1rem;
  border-radius: .4rem; } .summary p { margin: .25rem 0; max-width: none; }
.wide { overflow-x: auto; } .wide:focus-visible { outline: 2px solid currentColor; }
table { border-collapse: collapse; width: 100%; font-size: .9rem; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .25rem 0; color: var(--soft); }
th, td { text-align: left; vertical-align: top; padding: .25rem .75rem .25rem 0;
  border-bottom: 1px solid var(--rule); } thead th { border-bottom-width: 2px; }
th[scope=row] { font-weight: 500; } .n { text-align: right; white-space: nowrap; }
.good { color: var(--good); } .bad { color: var(--bad); font-weight: 600; }
ul { margin: 0; padding-left: 1.1rem; } td code { white-space: nowrap; } summary { cursor: pointer; }
nav ul { list-style: none; padding: 0; margin: 1rem 0; display: flex; flex-wrap: wrap; gap: .25rem 1rem; }
a { color: inherit; }
`;

/** The page, whole. */
export function validationHtml(validation: Validation): string {
  const { claims, checklist, missing, skipped, ledger, summary } = validation;
  const { config, command, version } = validation;
  const tables = printed(validation);
  return `<!DOCTYPE html>
<html lang="en" xmlns="http://www.w3.org/1999/xhtml">
<head>
<meta charset="utf-8" />
<meta name="viewport" content="width=device-width, initial-scale=1" />
<title>Inkwell beside the paper</title>
<style>${STYLE}</style>
</head>
<body>
<header>
<h1>Inkwell beside the paper</h1>
<p class="soft">Every figure and claim of <cite>In-Kernel Servers on Mach 3.0</cite> (1993) that Inkwell
covers so far. Written by <code>${escape(command)}</code>, version ${escape(version)}, on the machine
${escape(config.preset)}. Two runs give the same page.</p>
</header>
<main>
<section class="summary" aria-label="Summary">
${summaryLines(summary)
  .map((line) => `<p>${escape(capital(line))}.</p>`)
  .join("\n")}
</section>
<nav aria-label="Contents">
<ul>
${tables.map(({ table }) => `<li><a href="#${anchor(table.id)}">${escape(tableName(table))}</a></li>`).join("\n")}
<li><a href="#claims">Claims</a></li>
<li><a href="#checklist">Checklist</a></li>
<li><a href="#ledger">What was fitted</a></li>
</ul>
</nav>
${tables.map(({ table, rows }) => tableSection(table, rows)).join("\n")}
${claimSection(claims)}
${checklistSection(checklist)}
<section aria-labelledby="ledger">
<h2 id="ledger">What was fitted</h2>
<p>Parameters that no source states, read off the paper’s own figures. Those figures are marked
calibrated; all others are predicted.</p>
<ul>
${ledger.calibrations.map((each) => `<li>${escape(calibrationSentence(each))}</li>`).join("\n")}
</ul>
<p>${ledger.costs.length} declared costs: every cycle beyond them was executed.</p>
<p>Tables of the paper without an experiment: ${escape(missing.map(missingText).join(", "))}.</p>
${skipped.length ? `<p>${escape(skippedText(skipped))}</p>` : ""}
</section>
</main>
</body>
</html>
`;
}

interface Cell {
  readonly html: string;
  /** A class of the style sheet: `n` for numbers, `good`, `bad`. */
  readonly style?: string;
}
const text = (content: string): Cell => ({ html: escape(content) });
const figure = (content: string): Cell => ({ html: escape(content), style: "n" });

/** A table whose first column heads its rows. */
function dataTable(caption: string, heads: readonly Cell[], rows: readonly (readonly Cell[])[]) {
  const attributes = ({ style }: Cell) => (style ? ` class="${style}"` : "");
  const line = ([first, ...rest]: readonly Cell[]) =>
    `<tr><th scope="row">${first!.html}</th>${rest
      .map((cell) => `<td${attributes(cell)}>${cell.html}</td>`)
      .join("")}</tr>`;
  return `<div class="wide" role="region" tabindex="0" aria-label="${escape(caption)}">
<table>
<caption>${escape(caption)}</caption>
<thead><tr>${heads.map((head) => `<th scope="col"${attributes(head)}>${head.html}</th>`).join("")}</tr></thead>
<tbody>
${rows.map(line).join("\n")}
</tbody>
</table>
</div>`;
}

function tableSection(table: Reported, rows: readonly ValidatedFigure[]): string {
  const ratios = table.baseline !== null;
  const titles = (lines: Reported["rows"]) => new Map(lines.map(({ id, title }) => [id, title]));
  const [rowTitles, columnTitles] = [titles(table.rows), titles(table.columns)];
  const number = (value: number | null) => figure(numberText(value));
  const heads = [
    text("row"),
    text("configuration"),
    figure("measured"),
    ...(ratios ? [figure("ratio")] : []),
    figure("paper"),
    ...(ratios ? [figure("ratio")] : []),
    figure("error"),
    figure("earned"),
    text("role"),
    text("printed by"),
  ];
  const lines = rows.map((row) => [
    text(rowTitles.get(row.row)!),
    text(columnTitles.get(row.column)!),
    number(row.value),
    ...(ratios ? [number(row.ratio)] : []),
    number(row.paper),
    ...(ratios ? [number(row.paperRatio)] : []),
    figure(percentText(row.error, 1, "+")),
    figure(earnedText(row.earnedShare)),
    text(row.role),
    { html: `<code>${escape(row.command)}</code>` },
  ]);
  return `<section aria-labelledby="${anchor(table.id)}">
<h2 id="${anchor(table.id)}">${escape(tableName(table))}</h2>
${dataTable(`${tableName(table)}: ${table.unit}, beside the paper’s`, heads, lines)}
</section>`;
}

function claimSection(claims: readonly ValidatedClaim[]): string {
  const rows = claims.map(({ sentence, quoted, note, where, holds, bounds, commands }): Cell[] => [
    text(quoted ? `“${sentence}”` : sentence),
    text(where),
    holds ? { html: "holds", style: "good" } : { html: "FAILS", style: "bad" },
    { html: numbers(bounds) + (note === null ? "" : `<p>${escape(note)}</p>`) },
    { html: commands.map((command) => `<code>${escape(command)}</code>`).join("<br />") },
  ]);
  const heads = ["claim", "where", "result", "numbers", "printed by"].map(text);
  return `<section aria-labelledby="claims">
<h2 id="claims">Claims</h2>
${dataTable("Sentences of the paper, and what its figures show, held against this run", heads, rows)}
</section>`;
}

/** The numbers of a claim; many of them fold away, but for those that it fails by. */
function numbers(bounds: readonly CheckedBound[]): string {
  const list = (some: readonly CheckedBound[]) =>
    `<ul>${some.map((bound) => `<li${bound.holds ? "" : ' class="bad"'}>${escape(boundText(bound))}</li>`).join("")}</ul>`;
  const failed = bounds.filter(({ holds }) => !holds);
  if (bounds.length <= FEW) return list(bounds);
  const all = `<details><summary>all ${bounds.length} numbers</summary>${list(bounds)}</details>`;
  return (failed.length ? list(failed) : "") + all;
}

function checklistSection(checklist: readonly CheckedRow[]): string {
  const status = (row: CheckedRow): Cell =>
    row.status === "covered"
      ? { html: "covered", style: "good" }
      : row.status === "fails"
        ? { html: "FAILS", style: "bad" }
        : { html: row.status, style: "soft" };
  const heads = ["row", "what the paper says", "status", "shown by"].map(text);
  const parts = sections(checklist).map(([title, rows]) =>
    dataTable(
      title,
      heads,
      rows.map((row) => [
        text(row.id),
        text(row.says),
        status(row),
        text(row.by.map(evidence).join(", ")),
      ]),
    ),
  );
  return `<section aria-labelledby="checklist">
<h2 id="checklist">Checklist</h2>
<p>What the paper claims or offers, and what shows that Inkwell has it. A row fails when a claim that
should show it does.</p>
${parts.join("\n")}
</section>`;
}

function evidence(by: Evidence): string {
  if ("claim" in by) return `claim ${by.claim}`;
  if ("note" in by) return by.note;
  return "table" in by ? `table ${by.table}` : by.test;
}

const anchor = (table: string): string => `table-${table}`;

const capital = (line: string): string => line.charAt(0).toUpperCase() + line.slice(1);

function escape(content: string): string {
  const named: Readonly<Record<string, string>> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
  };
  return content.replace(/[&<>"]/g, (letter) => named[letter]!);
}
