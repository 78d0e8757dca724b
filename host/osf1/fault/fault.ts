/**
 * What can be made to go wrong with the Unix server: its end, or a store to where it has no business. As
 * people write it: `WHAT@WHEN`.
 *
 *     kill-server@58000000                   at a cycle since boot
 *     kill-server@call:20                    when the server gets its 20th call
 *     store:0x120040=0xdeadbeef@call:20      the server stores a word, at its next call or the one counted
 *     store:cpu_data+4=0@58000000            a kernel variable, plus bytes
 *     store:thread[2].state=0@call:20        the third element in use of a zone, a field or +bytes
 */
import { type Diagnostic, DiagnosticError } from "../../diagnostic.ts";

/** When: at a cycle since boot, or at the arrival of a Unix call at the server, the first is 1. */
export type FaultTime = { readonly cycle: number } | { readonly call: number };

/** Where a store goes: an address, a symbol of the kernel's, or an element of one of its zones. */
export type StoreTarget =
  | { readonly kind: "address"; readonly address: number }
  | { readonly kind: "symbol"; readonly symbol: string; readonly offset: number }
  | {
      readonly kind: "element";
      readonly zone: string;
      readonly index: number;
      /** Name of a field, or bytes. */
      readonly part: string | number;
    };

export type Fault =
  | { readonly kind: "kill-server"; readonly when: FaultTime; readonly text: string }
  | {
      readonly kind: "store";
      readonly when: FaultTime;
      readonly text: string;
      readonly target: StoreTarget;
      /** The word. */
      readonly value: number;
    };

const NUMBER = "0x[0-9a-fA-F]{1,8}|[0-9]{1,10}";

/** @throws DiagnosticError that names what is wrong with the text */
export function parseFault(text: string): Fault {
  const [, what = "", time = ""] = /^(.*)@([^@]*)$/s.exec(text) ?? fail(text, "expected WHAT@WHEN");
  const when = timeOf(text, time);
  if (what === "kill-server") return { kind: "kill-server", when, text };
  const store = /^store:([^=]+)=(.*)$/s.exec(what);
  if (!store) fail(text, `expected kill-server or store:ADDRESS=VALUE before @: ${what}`);
  const [, target = "", value = ""] = store!;
  return { kind: "store", when, text, target: targetOf(text, target), value: word(text, value) };
}

function timeOf(text: string, time: string): FaultTime {
  const [, isCall, digits] = /^(call:)?([0-9]{1,15})$/.exec(time) ?? [];
  const number = Number(digits);
  if (digits === undefined || (isCall !== undefined && number === 0))
    fail(text, `expected a cycle, or call:N from 1 on, after @: ${time}`);
  return isCall === undefined ? { cycle: number } : { call: number };
}

function word(text: string, digits: string): number {
  const value = new RegExp(`^(${NUMBER})$`).test(digits) ? Number(digits) : Number.NaN;
  if (!(value <= 0xffffffff)) fail(text, `expected a 32-bit number: ${digits}`);
  return value;
}

function targetOf(text: string, target: string): StoreTarget {
  if (/^[0-9]/.test(target)) return { kind: "address", address: word(text, target) };
  const element = /^([a-z_]\w*)\[(\d{1,6})\](?:\.(\w+)|\+(\w+))?$/i.exec(target);
  if (element) {
    const [, zone = "", index, field, bytes] = element;
    const part = field ?? (bytes === undefined ? 0 : word(text, bytes));
    return { kind: "element", zone, index: Number(index), part };
  }
  const [, symbol, bytes] = /^([a-z_$][\w$]*)(?:\+(\w+))?$/i.exec(target) ?? [];
  if (symbol === undefined)
    fail(text, `expected an address, SYMBOL+BYTES or ZONE[N].FIELD: ${target}`);
  return { kind: "symbol", symbol: symbol!, offset: bytes === undefined ? 0 : word(text, bytes) };
}

/** Says what is wrong with a fault as it was written. */
export function fail(text: string, message: string): never {
  const file = `fault ${text}`;
  const diagnostic: Diagnostic = { file, line: 0, column: 0, message };
  throw new DiagnosticError([diagnostic]);
}
