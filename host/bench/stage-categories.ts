/**
 * What kind of work each stage of Tables 1 and 2 is, and the sums that the paper speaks of (§4.3).
 * Stages 9 and 19 copy a message out and leave the kernel; the copy is taken to be as long as the same
 * message's copy in. So the paper's stages give its "about 1350" and "about 1100" within 2 %.
 */
export type StageKind = "call" | "copy" | "entry" | "mixed" | "tape" | "switch" | "work";

const KINDS: Readonly<Record<"1" | "2", Readonly<Record<number, StageKind>>>> = {
  "1": {
    1: "call", 2: "copy", 3: "entry", 4: "tape", 5: "copy", 6: "tape", 7: "switch", 8: "tape",
    9: "mixed", 10: "call", 11: "work", 12: "copy", 13: "entry", 14: "tape", 15: "copy",
    16: "tape", 17: "switch", 18: "tape", 19: "mixed", 20: "copy", 21: "call",
  },
  "2": {
    1: "call", 2: "entry", 3: "tape", 4: "tape", 5: "switch", 6: "call", 7: "copy", 8: "work",
    9: "copy", 10: "call", 11: "entry", 12: "call",
  },
}; // prettier-ignore

export function stageKind(table: "1" | "2", stage: number): StageKind {
  return KINDS[table][stage] ?? "call";
}

/** Cycles of stages together. */
export type Cycles = (...stages: readonly number[]) => number;

export interface PathParts {
  readonly copying: number;
  readonly entryAndExit: number;
  readonly redTape: number;
  /** By trap: stages 5, stack and identity. */
  readonly contextSwitch: number;
}

export function messageParts(cycles: Cycles): PathParts {
  const copiesOut = cycles(5, 15);
  return {
    copying: cycles(2, 5, 12, 15, 20) + copiesOut,
    entryAndExit: cycles(3, 9, 13, 19) - copiesOut,
    redTape: cycles(6, 8, 16, 18),
    contextSwitch: cycles(7, 17),
  };
}

export function trapParts(cycles: Cycles): PathParts {
  return {
    copying: cycles(7, 9),
    entryAndExit: cycles(2, 11),
    redTape: cycles(3),
    contextSwitch: cycles(4, 5),
  };
}
