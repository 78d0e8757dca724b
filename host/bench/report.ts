/**
 * Tidy rows → text for a terminal, or Markdown for a page: measured, ratio to the baseline column,
 * the paper's two figures, the error, and the share of cycles that were earned. Only formats; a
 * figure that is not in the rows or in paper.ts cannot appear.
 */
import Table from "cli-table3";
import {
  type CheckedBound,
  type CheckedClaim,
  type Experiment,
  type Line,
  printedRatio,
  type TidyRow,
} from "./experiment.ts";
import { PAPER } from "./paper.ts";
import { earnedShare, ratio, relativeError } from "./shares.ts";

/** What a report needs to know of an experiment. */
export type Reported = Pick<
  Experiment,
  "id" | "title" | "unit" | "rows" | "baseline" | "details"
> & {
  readonly columns: readonly Line[];
};

const NONE = "–";
export const percentText = (share: number | null, digits: number, sign = "") =>
  share === null ? NONE : `${sign && share > 0 ? sign : ""}${(100 * share).toFixed(digits)} %`;
export const numberText = (value: number | null, digits = 2) =>
  value === null ? NONE : String(+value.toFixed(digits));
const times = (value: number | null, digits: number) =>
  value === null ? NONE : value.toFixed(digits);
/** Never rounded up to all: a single declared cycle shows. */
export const earnedText = (share: number | null) =>
  share === null ? NONE : share === 1 ? "100 %" : `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;

const share = (percent: number | null) => (percent === null ? null : percent / 100);

interface ReportColumn {
  readonly head: string;
  readonly text: (cell: TidyRow) => string;
}

/** What is said of each cell: figures, ratios where the paper has them, details where asked for. */
function reportColumns(experiment: Reported, rows: readonly TidyRow[]): ReportColumn[] {
  const paper = PAPER[experiment.id];
  const digits = paper?.digits ?? 2;
  const ratios = experiment.baseline !== null;
  const measuredRatio = (cell: TidyRow) => times(ratio(experiment, rows, cell), digits);
  // What another workload counts is compared by its parts.
  if (rows.some(({ role }) => role === "emergent"))
    return [
      { head: "measured", text: ({ value }) => numberText(value) },
      { head: "share", text: ({ detail }) => percentText((detail["share"] ?? NaN) / 100, 1) },
      { head: "paper", text: (cell) => numberText(cell.paper) },
      { head: "share", text: (cell) => percentText(share(printedRatio(cell)), 1) },
    ];
  return [
    { head: "measured", text: ({ value }) => numberText(value) },
    ...(ratios ? [{ head: "ratio", text: measuredRatio }] : []),
    { head: "paper", text: (cell) => numberText(cell.paper) },
    ...(ratios
      ? [{ head: "ratio", text: (cell: TidyRow) => times(printedRatio(cell), digits) }]
      : []),
    { head: "error", text: (cell) => percentText(relativeError(cell), 1, "+") },
    { head: "earned", text: (cell) => earnedText(earnedShare(cell)) },
    ...(rows.some(({ role }) => role === "calibrated")
      ? [{ head: "role", text: ({ role }: TidyRow) => role }]
      : []),
    ...(experiment.details ?? []).map((name) => ({
      head: name.replace(/([A-Z])/g, (letter) => ` ${letter.toLowerCase()}`),
      text: ({ detail }: TidyRow) => numberText(detail[name] ?? null),
    })),
  ];
}

function lines(experiment: Reported, rows: readonly TidyRow[]): [string, string, ...string[]][] {
  const columns = reportColumns(experiment, rows);
  return experiment.rows.flatMap((row) =>
    experiment.columns.flatMap((column) =>
      rows
        .filter((cell) => cell.row === row.id && cell.column === column.id)
        .map((cell): [string, string, ...string[]] => [
          row.title,
          column.title,
          ...columns.map(({ text }) => text(cell)),
        ]),
    ),
  );
}

const EDGES = ["top", "bottom", "left", "right", "mid"] as const;
/** No rules and no borders: columns are told apart by space. */
const BARE = Object.fromEntries([
  ...EDGES.flatMap((edge) => ["", "-left", "-mid", "-right"].map((end) => [edge + end, ""])),
  ["middle", " "],
]);

/** "Table 3. RPC test results"; the title alone for what is no table of the paper. */
export function tableName({ id, title }: { readonly id: string; readonly title: string }): string {
  return /^\d+$/.test(id) ? `Table ${id}. ${title}` : title;
}

/** Table, earned share and claims as text. */
export function textReport(
  experiment: Reported,
  rows: readonly TidyRow[],
  claims: readonly CheckedClaim[],
  { color = false }: { readonly color?: boolean } = {},
): string {
  const heads = reportColumns(experiment, rows).map(({ head }) => head);
  const table = new Table({
    head: ["test", "configuration", ...heads],
    colAligns: ["left", "left", ...heads.map(() => "right" as const)],
    style: { head: color ? ["bold"] : [], border: [], compact: true, "padding-left": 0 },
    chars: BARE,
  });
  let last = "";
  for (const [row, ...rest] of lines(experiment, rows)) {
    if (last && row !== last) table.push([]);
    table.push([row === last ? "" : row, ...rest]);
    last = row;
  }
  return [
    `${tableName(experiment)}: ${experiment.unit}`,
    "",
    ...table
      .toString()
      .split("\n")
      .map((line) => line.trimEnd()),
    ...(claims.length ? ["", "The paper says:", ...claims.map((claim) => claimLine(claim))] : []),
  ].join("\n");
}

/** A claim as lines of a terminal, with numbers: those that it fails by, or `all`. */
export function claimLine(
  { holds, sentence, where, quoted, note, bounds }: CheckedClaim,
  { all = false }: { readonly all?: boolean } = {},
): string {
  const words = quoted ? `“${sentence}”` : sentence;
  return [
    wrap(`${holds ? "holds" : "FAILS"}  ${words} (${where})`, "  ", "         "),
    ...bounds
      .filter((bound) => all || !bound.holds)
      .map((bound) => wrap(`- ${boundText(bound)}`, "         ", "           ")),
    ...(note === null ? [] : [wrap(note, "         ", "         ")]),
  ].join("\n");
}

/** "by trap: 372 cycles, expected 405 to 495, in the paper 461". */
export function boundText({ what, value, unit, low, high, paper }: CheckedBound): string {
  const text = (figure: number) => numberText(figure, unit === "times" ? 2 : 1);
  const range =
    low === null
      ? `at most ${text(high!)}`
      : high === null
        ? `at least ${text(low)}`
        : low === high
          ? text(low)
          : `${text(low)} to ${text(high)}`;
  const theirs = paper === null ? "" : `, in the paper ${text(paper)}`;
  return `${what}: ${text(value)} ${unit}, expected ${range}${theirs}`;
}

/** Breaks a text at spaces so that no line is wider than a terminal of 80 columns. */
export function wrap(text: string, first: string, rest: string): string {
  let lines = "";
  let line = first;
  for (const word of text.split(" ")) {
    if (line.trim() && line.length + word.length > 79) {
      lines += `${line.trimEnd()}\n`;
      line = rest;
    }
    line += `${word} `;
  }
  return lines + line.trimEnd();
}

/** The same table in Markdown. */
export function markdownReport(experiment: Reported, rows: readonly TidyRow[]): string {
  const head = ["test", "configuration", ...reportColumns(experiment, rows).map((c) => c.head)];
  return [
    `| ${head.join(" | ")} |`,
    `| ${head.map((_, i) => (i < 2 ? "---" : "---:")).join(" | ")} |`,
    ...lines(experiment, rows).map((line) => `| ${line.join(" | ")} |`),
  ].join("\n");
}
