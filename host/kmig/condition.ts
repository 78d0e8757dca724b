/**
 * The arithmetic of `#if`: C's integer constant expressions over an already expanded line.
 *
 * Values are 64-bit signed, as a C preprocessor's are; a name that is no macro counts as 0.
 */

const TOKEN =
  /\s*(?:(0[xX][0-9a-fA-F]+|\d+)[uUlL]*|([A-Za-z_]\w*)|(\|\||&&|==|!=|<=|>=|<<|>>|[-+*/%<>()!~&|^?:]))/y;
const DEPTH = 60;

const LEVELS: readonly (readonly string[])[] = [
  ["||"],
  ["&&"],
  ["|"],
  ["^"],
  ["&"],
  ["==", "!="],
  ["<", ">", "<=", ">="],
  ["<<", ">>"],
  ["+", "-"],
  ["*", "/", "%"],
];

/** What was wrong with an expression; the caller knows the place. */
export class ConditionError extends Error {}

/** @throws ConditionError with the message for the user. */
export function evaluateCondition(text: string): boolean {
  const tokens = tokenize(text);
  let at = 0;
  const peek = (): string => tokens[at] ?? "";

  function ternary(depth: number): bigint {
    if (depth > DEPTH) throw new ConditionError("#if expression too deeply nested");
    const condition = binary(0, depth + 1);
    if (peek() !== "?") return condition;
    at++;
    const yes = ternary(depth + 1);
    if (peek() !== ":") throw new ConditionError("missing ':' in #if expression");
    at++;
    const no = ternary(depth + 1);
    return condition !== 0n ? yes : no;
  }

  function binary(level: number, depth: number): bigint {
    const operators = LEVELS[level];
    if (operators === undefined) return unary(depth);
    let left = binary(level + 1, depth);
    while (operators.includes(peek())) {
      const operator = tokens[at++]!;
      left = BigInt.asIntN(64, apply(operator, left, binary(level + 1, depth)));
    }
    return left;
  }

  function unary(depth: number): bigint {
    if (depth > DEPTH) throw new ConditionError("#if expression too deeply nested");
    const token = tokens[at++];
    if (token === undefined) throw new ConditionError("#if expression ends early");
    if (token === "!") return unary(depth + 1) === 0n ? 1n : 0n;
    if (token === "~") return ~unary(depth + 1);
    if (token === "-") return -unary(depth + 1);
    if (token === "+") return unary(depth + 1);
    if (token === "(") {
      const value = ternary(depth + 1);
      if (tokens[at++] !== ")") throw new ConditionError("missing ')' in #if expression");
      return value;
    }
    if (/^\d/.test(token)) return BigInt.asIntN(64, number(token));
    if (/^[A-Za-z_]/.test(token)) return 0n;
    throw new ConditionError(`misplaced in #if expression: ${token}`);
  }

  const value = ternary(0);
  if (at < tokens.length) throw new ConditionError(`misplaced in #if expression: ${peek()}`);
  return value !== 0n;
}

function tokenize(text: string): string[] {
  const tokens: string[] = [];
  const rest = text.trimEnd();
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < rest.length) {
    const start = TOKEN.lastIndex;
    const match = TOKEN.exec(rest);
    if (match === null)
      throw new ConditionError(`misplaced in #if expression: ${rest.slice(start).trim()[0]}`);
    tokens.push(match[1] ?? match[2] ?? match[3]!);
  }
  return tokens;
}

function number(token: string): bigint {
  if (/^0[0-7]+$/.test(token)) return BigInt(`0o${token.slice(1)}`);
  if (/^0\d/.test(token)) throw new ConditionError(`bad octal number: ${token}`);
  return BigInt(token);
}

function apply(operator: string, left: bigint, right: bigint): bigint {
  switch (operator) {
    case "||":
      return left !== 0n || right !== 0n ? 1n : 0n;
    case "&&":
      return left !== 0n && right !== 0n ? 1n : 0n;
    case "|":
      return left | right;
    case "^":
      return left ^ right;
    case "&":
      return left & right;
    case "==":
      return left === right ? 1n : 0n;
    case "!=":
      return left !== right ? 1n : 0n;
    case "<":
      return left < right ? 1n : 0n;
    case ">":
      return left > right ? 1n : 0n;
    case "<=":
      return left <= right ? 1n : 0n;
    case ">=":
      return left >= right ? 1n : 0n;
    case "<<":
      return left << (right & 63n);
    case ">>":
      return left >> (right & 63n);
    case "+":
      return left + right;
    case "-":
      return left - right;
    case "*":
      return left * right;
    default:
      if (right === 0n) throw new ConditionError("division by zero in #if expression");
      return operator === "/" ? left / right : left % right;
  }
}
