/** The validation report for a terminal: tables, claims, checklist, and the summary last. */
import { claimLine, percentText, textReport, wrap } from "../report.ts";
import type { Calibration } from "../../machine/calibration.ts";
import type { CheckedClaim } from "../experiment.ts";
import { type Agreement, isNumbered, type Summary } from "./summary.ts";
import type { CheckedRow, Validation } from "./validate.ts";

/** The whole report. */
export function validationText(
  validation: Validation,
  { color = false }: { readonly color?: boolean } = {},
): string {
  const { claims, checklist, missing, skipped, ledger, summary } = validation;
  return [
    ...printed(validation).map(({ table, rows }) => textReport(table, rows, [], { color })),
    ["Claims:", ...claims.map(claimText)].join("\n"),
    ["Checklist:", ...sections(checklist).map(sectionText)].join("\n"),
    ["Read off the paper:", ...ledger.calibrations.map(calibrationText)].join("\n"),
    wrap(`No experiment yet: ${missing.map(missingText).join(", ")}.`, "", "  "),
    ...(skipped.length ? [wrap(skippedText(skipped), "", "  ")] : []),
    summaryLines(summary).join("\n"),
  ].join("\n\n");
}

/** Each table with the figures that the paper prints; those of other experiments are in the claims. */
export function printed({ tables, rows }: Pick<Validation, "tables" | "rows">) {
  const figures = rows.filter(({ paper }) => paper !== null);
  return tables.flatMap((table) => {
    const own = figures.filter((row) => row.table === table.id);
    return own.length ? [{ table, rows: own }] : [];
  });
}

/** All numbers of a claim are shown if they are few; else those that it fails by. */
const claimText = (claim: CheckedClaim) => claimLine(claim, { all: claim.bounds.length <= FEW });
/** The most numbers of a claim that are shown without being asked for. */
export const FEW = 3;

/** "Table 4 (36 figures)". */
export const missingText = ({ table, figures }: Validation["missing"][number]) =>
  `${isNumbered(table) ? `Table ${table}` : table} (${figures} figures)`;

/** What a run left out, and how to have it. */
export const skippedText = (skipped: Validation["skipped"]) =>
  `Not run, because it takes long: ${skipped.map(({ command }) => command).join(", ")}. ` +
  "With --all the report has it.";

/** Where a parameter is from, in a sentence. */
export function calibrationSentence({ parameters, value, figures, reason }: Calibration): string {
  const from = figures.map(([table, row, column]) => `Table ${table} row ${row} ${column}`);
  return `${parameters.join(", ")} = ${value}, from ${from.join(", ")}: ${reason}`;
}

const calibrationText = (calibration: Calibration) =>
  wrap(calibrationSentence(calibration), "  ", "    ");

/** The rows of a checklist by the section of the paper. */
export function sections(checklist: readonly CheckedRow[]): [string, CheckedRow[]][] {
  const titles = [...new Set(checklist.map(({ section }) => section))];
  return titles.map((title) => [title, checklist.filter(({ section }) => section === title)]);
}

function sectionText([title, rows]: readonly [string, readonly CheckedRow[]]): string {
  const having = (status: string) => rows.filter((row) => row.status === status);
  const lines = (["covered", "fails", "not run", "not yet"] as const).flatMap((status) => {
    const ids = having(status).map(({ id }) => id);
    const label = (status === "fails" ? "FAILS" : status).padEnd(8);
    return ids.length ? [wrap(`${label} ${ids.join(" ")}`, "    ", "             ")] : [];
  });
  return [`  ${title}`, ...lines].join("\n");
}

/** The report in four lines. */
export function summaryLines({ all, tables, claims, checklist }: Summary): string[] {
  const numbered = tables.filter(({ table }) => isNumbered(table));
  const names = numbered.map(({ table }) => table).join(", ");
  const means = numbered.map((table) => `Table ${table.table} ${mean(table)}`).join(", ");
  const role = (name: string, agreement: Agreement) =>
    `${name} ${mean(agreement)} over ${agreement.figures}`;
  return [
    `Tables ${names}: ${all.figures} figures, ${all.within10} within 10 %, ` +
      `${all.within15} within 15 %, ${all.within25} within 25 %; ` +
      `${all.near} within 10 % or 10 cycles`,
    `mean absolute error ${mean(all)}: ${means}; ` +
      `${role("calibrated", all.calibrated)}, ${role("predicted", all.predicted)}`,
    `claims: ${claims.held} of ${claims.total} hold`,
    `rows: ${checklist.covered} of ${checklist.total} covered, ${checklist.fails} with a claim ` +
      `that fails, ${checklist.notRun} not run, ${checklist.notYet} not yet`,
  ];
}

const mean = ({ meanAbsoluteError }: Agreement) => percentText(meanAbsoluteError, 1);
