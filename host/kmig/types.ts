/**
 * Types of the interface language: from a type specification to what goes over the wire.
 *
 * Rules and warnings follow CMU's MIG for typed Mach 3.0 messages on a 32-bit machine; structures
 * of named members, and the types that need no declaration, are GNU MIG's.
 */
import { MACH_MSG_TYPE } from "../abi/mach.ts";
import type { Flag, NamedType, Translation, TypeSpec } from "./ast.ts";
import {
  BLANK,
  BUILT_IN,
  type Dealloc,
  type IpcType,
  NO_NAMES,
  type Sides,
  WHOLE,
  WORD,
  alignment,
  derived,
  longNeed,
  makeType,
  sized,
} from "./ipc-type.ts";
import { type Log, type Place, shown } from "./log.ts";
import { MACH_MSG_TYPE_POLYMORPHIC, isPortRight } from "./message-names.ts";

const LARGEST = 1 << 24;
const INDEFINITE_BYTES = 2048;

/** Declared types by name; a later declaration replaces an earlier one, with a warning. */
export class TypeTable {
  private readonly types = new Map<string, IpcType>();
  private readonly log: Log;

  constructor(log: Log) {
    this.log = log;
  }

  find(name: string): IpcType | undefined {
    return this.types.get(name) ?? BUILT_IN.get(name);
  }

  /** Handles a `type` statement. */
  declare(named: NamedType, sides: Sides): void {
    const name = named.name.text;
    if (this.types.has(name))
      this.log.warn(named.name.place, `overriding previous definition: ${shown(name)}`);
    this.types.set(name, this.named(named, sides));
  }

  /** A type with its name, translations and flags, as declared or written in an argument list. */
  named(named: NamedType, sides: Sides): IpcType {
    const { place } = named.name;
    const name = named.name.text;
    const type = this.translated(this.build(named.spec), named.translations);
    const filled = withNames({ ...type, name }, sides);
    if (filled.varying && (filled.inTrans !== "" || filled.outTrans !== ""))
      this.log.error(place, `varying array cannot be translated: ${shown(name)}`);
    if (filled.varying && filled.destructor !== "")
      this.log.error(place, `varying array cannot be destroyed: ${shown(name)}`);
    if (filled.varying && filled.inLine && filled.element?.userType === "")
      this.log.error(place, `varying inline array needs a named element type: ${shown(name)}`);
    const flags = this.checkedFlags(filled.flags, name, place);
    const dealloc = this.dealloc(filled, flags, "no", name, place);
    const need = longNeed(filled);
    if (need === "too long")
      this.log.warn(place, `too big for mach_msg_type_long_t: ${shown(name)}`);
    const usual = need === "should" || need === "must" || need === "too long";
    const longForm = this.longForm(filled, flags, usual, name, place);
    return { ...filled, flags, dealloc, longForm };
  }

  private build(spec: TypeSpec): IpcType {
    switch (spec.kind) {
      case "basic": {
        const { ipc } = spec;
        if (spec.size === undefined && ipc.size === 0)
          this.log.error(spec.place, `full type needed, with a size: ${shown(ipc.inText)}`);
        const size = spec.size ?? ipc.size;
        if (ipc.size !== 0 && ipc.size !== size)
          this.log.warn(spec.place, `strange size, not ${ipc.size}: ${size}`);
        const isString = ipc.inName === MACH_MSG_TYPE.MACH_MSG_TYPE_STRING;
        const { inName, outName } = ipc;
        const { flags } = spec;
        return this.checked(
          { ...BLANK, inName, outName, size, isString, isStruct: !isString, flags },
          spec.place,
        );
      }
      case "previous": {
        const old = this.find(spec.name);
        if (old === undefined) {
          this.log.error(spec.place, `unknown type: ${shown(spec.name)}`);
          return WORD;
        }
        return { ...old, name: "", element: old };
      }
      case "array":
      case "struct": {
        const old = this.element(spec.of, spec.place);
        const number = old.number * spec.length;
        const isStruct = spec.kind === "struct";
        return this.checked({ ...derived(old), number, isStruct, isString: false }, spec.place);
      }
      case "members":
        return this.members(spec);
      case "varying":
        return this.varying(spec, false);
      case "pointer": {
        // Out of line an array without a limit may have elements of any size, as in MIG.
        const old = spec.of.kind === "varying" ? this.varying(spec.of, true) : this.build(spec.of);
        if (!old.inLine || (old.varying && !old.indefinite && old.number > 0))
          this.log.error(spec.place, "type too complicated: ^");
        const form = { number: 0, indefinite: false, inLine: false, isStruct: true };
        return this.checked({ ...old, ...form, isString: false }, spec.place);
      }
      case "string": {
        const code = MACH_MSG_TYPE.MACH_MSG_TYPE_STRING;
        const char = { ...makeType("char", code, code, 8), isStruct: false, isString: true };
        const form = { number: spec.length, varying: spec.varying };
        return this.checked({ ...derived(char), ...form, isString: true }, spec.place);
      }
    }
  }

  private varying(spec: Extract<TypeSpec, { kind: "varying" }>, far: boolean): IpcType {
    const old = this.element(spec.of, spec.place);
    const bytes = Math.floor((old.number * old.size + 7) / 8);
    const indefinite = spec.most === 0;
    const most = indefinite ? Math.floor(INDEFINITE_BYTES / Math.max(bytes, 1)) : spec.most;
    if (most === 0 && !far)
      this.log.error(spec.place, `element too large for an indefinite array: ${bytes}`);
    const number = old.number * most;
    const form = { number, indefinite, varying: true, isStruct: false, isString: false };
    return this.checked({ ...derived(old), ...form }, spec.place);
  }

  /** A structure as C lays it out; on the wire a row of elements as wide as its alignment. */
  private members(spec: Extract<TypeSpec, { kind: "members" }>): IpcType {
    let bytes = 0;
    let widest = 1;
    for (const { type, name } of spec.members) {
      const member = this.find(type.text);
      if (member === undefined) this.log.error(type.place, `unknown type: ${shown(type.text)}`);
      else if (!member.inLine || member.varying)
        this.log.error(type.place, `type too complicated: ${shown(name)}`);
      else {
        const align = alignment(member);
        bytes = Math.ceil(bytes / align) * align + member.typeSize;
        widest = Math.max(widest, align);
      }
    }
    const size = widest * 8;
    const number = Math.ceil(bytes / widest);
    const code = WHOLE.get(size)!;
    return this.checked({ ...BLANK, inName: code, outName: code, size, number }, spec.place);
  }

  private element(spec: TypeSpec, place: Place): IpcType {
    const old = this.build(spec);
    if (old.inLine && !old.varying) return old;
    this.log.error(place, "type too complicated: array or struct");
    return WORD;
  }

  private checked(type: IpcType, place: Place): IpcType {
    const bits = type.number * type.size;
    if (bits > LARGEST * 8) {
      this.log.error(place, `type too large: ${Math.ceil(bits / 8)}`);
      return WORD;
    }
    const result = sized(type);
    if (bits % 8 !== 0) this.log.warn(place, `size not a multiple of 8 bits: ${bits}`);
    if (result.typeSize === 0 && !type.varying) this.log.warn(place, "size is 0: type");
    return result;
  }

  private translated(type: IpcType, translations: readonly Translation[]): IpcType {
    let result: IpcType = { ...type, ...NO_NAMES };
    for (const t of translations) {
      const set = (field: NameField, value: string, what: string): void => {
        const old = result[field];
        if (old !== "" && old !== value)
          this.log.warn(t.place, `conflicting ${what}, was ${shown(old)}: ${shown(value)}`);
        result = { ...result, [field]: value };
      };
      switch (t.kind) {
        case "intran":
          set("transType", t.transType, "translation types");
          set("inTrans", t.routine, "in-translation functions");
          set("serverType", t.serverType, "server types");
          break;
        case "intranpayload":
          set("transType", t.transType, "translation types");
          set("payloadTrans", t.routine, "payload translation functions");
          break;
        case "outtran":
          set("serverType", t.serverType, "server types");
          set("outTrans", t.routine, "out-translation functions");
          set("transType", t.transType, "translation types");
          break;
        case "destructor":
          set("destructor", t.routine, "destructor functions");
          set("transType", t.transType, "translation types");
          break;
        default:
          if (t.kind !== "cservertype") set("userType", t.type, "user types");
          if (t.kind !== "cusertype") set("serverType", t.type, "server types");
      }
    }
    return result;
  }

  checkedFlags(flags: ReadonlySet<Flag>, name: string, place: Place): ReadonlySet<Flag> {
    const result = new Set(flags);
    if (result.has("IsLong") && result.has("IsNotLong")) {
      this.log.warn(place, `IsLong and IsNotLong cancel out: ${shown(name)}`);
      result.delete("IsLong");
      result.delete("IsNotLong");
    }
    const both = result.has("Dealloc") && result.has("NotDealloc");
    if (result.has("MaybeDealloc") && (result.has("Dealloc") || result.has("NotDealloc"))) {
      this.log.warn(place, `Dealloc and NotDealloc ignored with Dealloc[]: ${shown(name)}`);
      result.delete("Dealloc");
      result.delete("NotDealloc");
    } else if (both) {
      this.log.warn(place, `Dealloc and NotDealloc cancel out: ${shown(name)}`);
      result.delete("Dealloc");
      result.delete("NotDealloc");
    }
    return result;
  }

  dealloc(
    type: IpcType,
    flags: ReadonlySet<Flag>,
    usual: Dealloc,
    name: string,
    place: Place,
  ): Dealloc {
    const said = flags.has("NotDealloc")
      ? "no"
      : flags.has("Dealloc")
        ? "yes"
        : flags.has("MaybeDealloc")
          ? "maybe"
          : undefined;
    if (said === undefined) return usual;
    if (said === usual) this.log.warn(place, `redundant Dealloc flag: ${shown(name)}`);
    if (said !== "no" && type.inLine && !type.indefinite)
      this.log.warn(place, `Dealloc will cause an IPC error: ${shown(name)}`);
    return said;
  }

  longForm(
    type: IpcType,
    flags: ReadonlySet<Flag>,
    usual: boolean,
    name: string,
    place: Place,
  ): boolean {
    const said = flags.has("IsNotLong") ? false : flags.has("IsLong") ? true : undefined;
    if (said === undefined) return usual;
    const need = longNeed(type);
    if (said === usual) this.log.warn(place, `redundant IsLong flag: ${shown(name)}`);
    if (said && need === "not") this.log.warn(place, `does not need IsLong: ${shown(name)}`);
    if (!said && (need === "must" || need === "too long"))
      this.log.warn(place, `too big for IsNotLong: ${shown(name)}`);
    return said;
  }
}

type NameField = keyof typeof NO_NAMES;

function withNames(type: IpcType, sides: Sides): IpcType {
  const polymorphic =
    type.inName === MACH_MSG_TYPE_POLYMORPHIC && type.outName === MACH_MSG_TYPE_POLYMORPHIC;
  const port = polymorphic || isPortRight(type.inName) || isPortRight(type.outName);
  let serverType = type.serverType || type.name;
  let userType = type.userType || type.name;
  // Where both sides are the kernel, the server's comes first and the user's stays, as in MIG.
  if (sides.kernelServer && port && serverType === "mach_port_t") serverType = "ipc_port_t";
  else if (sides.kernelUser && port && userType === "mach_port_t") userType = "ipc_port_t";
  return { ...type, userType, serverType, transType: type.transType || serverType };
}
