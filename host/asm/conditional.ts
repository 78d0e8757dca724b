/**
 * `.if` and its relatives: which statements count.
 *
 * Keeps the nesting only; the questions themselves (`.if EXPRESSION`) are answered through the unit.
 */
import { SyntaxFailure, type Cursor } from "./cursor.ts";
import { isDefined } from "./model.ts";
import type { Statement } from "./source.ts";
import type { Unit } from "./unit.ts";

type Question = (unit: Unit, cursor: Cursor) => boolean;

function compared(test: (value: number) => boolean): Question {
  return (unit, cursor) => test(unit.constant(cursor));
}

function defined(unit: Unit, cursor: Cursor): boolean {
  const symbol = unit.symbols.get(cursor.expectName("a symbol"));
  return symbol !== undefined && isDefined(symbol);
}

function sameText(_unit: Unit, cursor: Cursor): boolean {
  const [left = "", ...right] = cursor.rest().split(",");
  const unquoted = (text: string): string => text.trim().replace(/^(["'])(.*)\1$/, "$2");
  return unquoted(left) === unquoted(right.join(","));
}

function not(question: Question): Question {
  return (unit, cursor) => !question(unit, cursor);
}

function blank(_unit: Unit, cursor: Cursor): boolean {
  return cursor.rest() === "";
}

const QUESTIONS: Readonly<Record<string, Question>> = {
  ".if": compared((value) => value !== 0),
  ".ifne": compared((value) => value !== 0),
  ".ifeq": compared((value) => value === 0),
  ".ifgt": compared((value) => value > 0),
  ".ifge": compared((value) => value >= 0),
  ".iflt": compared((value) => value < 0),
  ".ifle": compared((value) => value <= 0),
  ".ifdef": defined,
  ".ifndef": not(defined),
  ".ifnotdef": not(defined),
  ".ifb": blank,
  ".ifnb": not(blank),
  ".ifc": sameText,
  ".ifnc": not(sameText),
  ".ifeqs": sameText,
  ".ifnes": not(sameText),
};

interface Level {
  /** Statements of the current branch count. */
  active: boolean;
  /** A branch has counted already, or none can. */
  decided: boolean;
  sawElse: boolean;
  readonly opened: Statement;
}

export class Conditionals {
  private readonly levels: Level[] = [];

  /** Whether statements count now. */
  get active(): boolean {
    return this.levels.at(-1)?.active ?? true;
  }

  get depth(): number {
    return this.levels.length;
  }

  /** Back to an outer depth: `.exitm` leaves the conditionals that its macro opened. */
  leave(depth: number): void {
    this.levels.length = Math.min(this.levels.length, depth);
  }

  /** The innermost conditional that is still open. */
  get open(): Statement | undefined {
    return this.levels.at(-1)?.opened;
  }

  /** Handles a conditional directive; false when the word is none. @throws SyntaxFailure */
  directive(word: string, unit: Unit, cursor: Cursor): boolean {
    const question = Object.hasOwn(QUESTIONS, word) ? QUESTIONS[word] : undefined;
    if (question !== undefined) {
      const level: Level = { active: false, decided: true, sawElse: false, opened: unit.statement };
      const counts = this.active;
      this.levels.push(level);
      // Unknown answers count as no, so that nesting stays right after an error.
      if (counts) level.active = level.decided = question(unit, cursor);
      return true;
    }
    if (word !== ".else" && word !== ".elseif" && word !== ".endif") return false;
    const level = this.levels.at(-1);
    if (level === undefined) throw new SyntaxFailure(`${word} without .if`, 0);
    if (word === ".endif") this.levels.pop();
    else this.alternative(word, level, unit, cursor);
    return true;
  }

  private alternative(word: string, level: Level, unit: Unit, cursor: Cursor): void {
    if (level.sawElse) throw new SyntaxFailure(`${word} after .else`, 0);
    level.sawElse = word === ".else";
    level.active = false;
    if (level.decided) {
      cursor.rest();
      return;
    }
    level.decided = true;
    level.active = word === ".else" || unit.constant(cursor) !== 0;
    level.decided = level.active;
  }
}
