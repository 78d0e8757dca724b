/**
 * The part of the grammar that describes types: type specifications, their flags, integer
 * expressions and translation clauses.
 */
import type { Flag, IpcName, Name, NamedType, Translation, TypeSpec } from "./ast.ts";
import { type Place, shown } from "./log.ts";
import { SYMBOLIC_TYPES } from "./message-names.ts";
import { SyntaxProblem, type TokenReader } from "./token-reader.ts";

/** Deeper nesting is refused: no real interface comes near, and the call stack is finite. */
const DEEPEST = 64;
const LARGEST = 0x7fffffff;

export class TypeParser {
  private readonly reader: TokenReader;

  constructor(reader: TokenReader) {
    this.reader = reader;
  }

  /** `= transtype` behind a type's name. */
  namedType(name: Name): NamedType {
    this.reader.expect("=");
    const spec = this.spec(0);
    const translations: Translation[] = [];
    for (let t = this.translation(); t !== undefined; t = this.translation()) translations.push(t);
    return { name, spec, translations };
  }

  /** `{ "," flag [ "[" "]" ] }`. */
  flags(): ReadonlySet<Flag> {
    const { reader } = this;
    const flags = new Set<Flag>();
    while (reader.take(",")) {
      const token = reader.peek();
      if (token.kind !== "flag") reader.fail("flag");
      reader.next();
      const flag = token.text as Flag;
      if (reader.take("[")) {
        reader.expect("]");
        if (flag === "Dealloc") flags.add("MaybeDealloc");
        else reader.log.warn(token.place, `only Dealloc can be variable: ${flag}`);
      } else if (flags.has(flag)) reader.log.warn(token.place, `redundant flag ignored: ${flag}`);
      else flags.add(flag);
    }
    return flags;
  }

  private spec(depth: number): TypeSpec {
    const { reader } = this;
    const token = reader.peek();
    const { place } = token;
    if (depth > DEEPEST) this.problem(place, "type too deeply nested");
    if (token.kind === "identifier") {
      reader.next();
      return { kind: "previous", place, name: token.text };
    }
    if (reader.take("(")) {
      const ipc = this.ipcName();
      reader.expect(",");
      const size = this.integer(0);
      const flags = this.flags();
      reader.expect(")");
      return { kind: "basic", place, ipc, size, flags };
    }
    if (reader.take("array")) return this.array(place, depth);
    if (reader.take("struct")) {
      if (reader.take("{")) return this.members(place);
      reader.expect("[");
      const length = this.integer(0);
      reader.expect("]");
      reader.expect("of");
      return { kind: "struct", place, length, of: this.spec(depth + 1) };
    }
    if (reader.take("^")) return { kind: "pointer", place, of: this.spec(depth + 1) };
    if (reader.take("c_string")) {
      reader.expect("[");
      const varying = reader.take("*") !== undefined;
      if (varying) reader.expect(":");
      const length = this.integer(0);
      reader.expect("]");
      return { kind: "string", place, length, varying };
    }
    if (token.kind !== "number" && token.kind !== "symbolic") reader.fail("type");
    return { kind: "basic", place, ipc: this.ipcName(), size: undefined, flags: new Set() };
  }

  /** `{ type name ";" }` up to the closing brace. */
  private members(place: Place): TypeSpec {
    const { reader } = this;
    const members: { type: Name; name: string }[] = [];
    while (reader.take("}") === undefined) {
      const type = reader.identifier();
      members.push({ type, name: reader.identifier().text });
      reader.expect(";");
    }
    return { kind: "members", place, members };
  }

  private array(place: Place, depth: number): TypeSpec {
    const { reader } = this;
    reader.expect("[");
    if (reader.take("]")) {
      reader.expect("of");
      return { kind: "varying", place, most: 0, of: this.spec(depth + 1) };
    }
    if (reader.take("*")) {
      const most = reader.take(":") ? this.integer(0) : 0;
      reader.expect("]");
      reader.expect("of");
      return { kind: "varying", place, most, of: this.spec(depth + 1) };
    }
    const length = this.integer(0);
    reader.expect("]");
    reader.expect("of");
    return { kind: "array", place, length, of: this.spec(depth + 1) };
  }

  private ipcName(): IpcName {
    const { reader } = this;
    const first = this.primitive();
    const bar = reader.take("|");
    if (bar === undefined) return first;
    const second = this.primitive();
    const size = first.size || second.size;
    if (second.size !== 0 && second.size !== size)
      reader.log.error(bar.place, `sizes in types differ: ${size}, ${second.size}`);
    return {
      inName: first.inName,
      inText: first.inText,
      outName: second.outName,
      outText: second.outText,
      size,
    };
  }

  private primitive(): IpcName {
    const { reader } = this;
    const token = reader.peek();
    if (token.kind === "number") {
      const value = reader.number();
      const text = String(value);
      return { inName: value, outName: value, inText: text, outText: text, size: 0 };
    }
    if (token.kind !== "symbolic") reader.fail("message type");
    reader.next();
    if (token.text === "polymorphic") {
      const text = "MACH_MSG_TYPE_POLYMORPHIC";
      return { inName: -1, outName: -1, inText: text, outText: text, size: 32 };
    }
    const [inName, outName, size] = SYMBOLIC_TYPES.get(token.text)!;
    return { inName, outName, inText: token.text, outText: token.text, size };
  }

  /** An integer expression; `*` and `/` bind tighter than `+` and `-`. */
  private integer(depth: number): number {
    let left = this.term(depth);
    for (;;) {
      const { place } = this.reader.peek();
      if (this.reader.take("+")) left = this.checked(left + this.term(depth), place);
      else if (this.reader.take("-")) left = this.checked(left - this.term(depth), place);
      else return left;
    }
  }

  private term(depth: number): number {
    let left = this.factor(depth);
    for (;;) {
      const { place } = this.reader.peek();
      if (this.reader.take("*")) left = this.checked(left * this.factor(depth), place);
      else if (this.reader.take("/")) {
        const right = this.factor(depth);
        if (right === 0) this.problem(place, `division by zero: ${left}/0`);
        left = Math.floor(left / right);
      } else return left;
    }
  }

  private factor(depth: number): number {
    const { reader } = this;
    const open = reader.take("(");
    if (open === undefined) return reader.number();
    if (depth > DEEPEST) this.problem(open.place, "expression too deeply nested");
    const value = this.integer(depth + 1);
    reader.expect(")");
    return value;
  }

  private checked(value: number, place: Place): number {
    if (value < 0) this.problem(place, `negative size: ${value}`);
    if (value > LARGEST) this.problem(place, `number too large: ${value}`);
    return value;
  }

  private translation(): Translation | undefined {
    const { reader } = this;
    const { place } = reader.peek();
    if (reader.take("intran")) {
      reader.expect(":");
      const transType = reader.identifier().text;
      const routine = reader.identifier().text;
      return { kind: "intran", place, transType, routine, serverType: this.operand() };
    }
    if (reader.take("intranpayload")) {
      reader.expect(":");
      const transType = reader.identifier().text;
      return { kind: "intranpayload", place, transType, routine: reader.identifier().text };
    }
    if (reader.take("outtran")) {
      reader.expect(":");
      const serverType = reader.identifier().text;
      const routine = reader.identifier().text;
      return { kind: "outtran", place, serverType, routine, transType: this.operand() };
    }
    if (reader.take("destructor")) {
      reader.expect(":");
      const routine = reader.identifier().text;
      return { kind: "destructor", place, routine, transType: this.operand() };
    }
    for (const kind of ["ctype", "cusertype", "cservertype"] as const)
      if (reader.take(kind)) {
        reader.expect(":");
        return { kind, place, type: reader.identifier().text };
      }
    return undefined;
  }

  private operand(): string {
    this.reader.expect("(");
    const name = this.reader.identifier().text;
    this.reader.expect(")");
    return name;
  }

  private problem(place: Place, message: string): never {
    this.reader.log.error(place, shown(message));
    throw new SyntaxProblem();
  }
}
