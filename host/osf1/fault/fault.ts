/**
 * What can be made to go wrong with the Unix server: its end, or a store to where it has no business. As
 * people write it: `WHAT@WHEN`.
 *
 *     kill-server@58000000                   at a cycle since boot
 *     kill-server@call:20                    when the server gets its 20th call
 *     store:0x120040=0xdeadbeef@call:20      the server stores a word, at its next call or the one counted
 *     store:cpu_data.run_queue=0@58000000    a kernel variable, a field or +bytes
 *     store:thread[2].state=0@call:20        the third element in use of a zone, a field or +bytes
 */
import { DiagnosticError } from "../../diagnostic.ts";

/** When: at a cycle since boot, or at the arrival of a Unix call at the server, the first is 1. */
export type FaultTime = { readonly cycle: number } | { readonly call: number };

/** Where a store goes: an address, a symbol of the kernel's, or an element of one of its zones. */
export type StoreTarget =
  | { readonly kind: "address"; readonly address: number }
  | {
      readonly kind: "symbol";
      readonly symbol: string;
      /** Name of a field, or bytes. */
      readonly part: string | number;
    }
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
  const [, what = "", time = ""] =
    /^(.*)@([^@]*)$/s.exec(text) ?? fail(`expected WHAT@WHEN: ${text}`);
  const when = timeOf(time);
  if (what === "kill-server") return { kind: "kill-server", when, text };
  const store = /^store:([^=]+)=(.*)$/s.exec(what);
  if (!store) fail(`expected kill-server or store:ADDRESS=VALUE before @: ${what}`);
  const [, target = "", value = ""] = store!;
  return { kind: "store", when, text, target: targetOf(target), value: word(value) };
}

function timeOf(time: string): FaultTime {
  const [, isCall, digits] = /^(call:)?([0-9]{1,15})$/.exec(time) ?? [];
  const number = Number(digits);
  if (digits === undefined || (isCall !== undefined && number === 0))
    fail(`expected a cycle, or call:N from 1 on, after @: ${time}`);
  return isCall === undefined ? { cycle: number } : { call: number };
}

function word(digits: string): number {
  const value = new RegExp(`^(${NUMBER})$`).test(digits) ? Number(digits) : Number.NaN;
  if (!(value <= 0xffffffff)) fail(`expected a 32-bit number: ${digits}`);
  return value;
}

function targetOf(target: string): StoreTarget {
  if (/^[0-9]/.test(target)) return { kind: "address", address: word(target) };
  const element = /^([a-z_]\w*)\[(\d{1,6})\](?:\.(\w+)|\+(\w+))?$/i.exec(target);
  if (element) {
    const [, zone = "", index, field, bytes] = element;
    const part = field ?? (bytes === undefined ? 0 : word(bytes));
    return { kind: "element", zone, index: Number(index), part };
  }
  const [, symbol, field, bytes] = /^([a-z_$][\w$]*)(?:\.(\w+)|\+(\w+))?$/i.exec(target) ?? [];
  if (symbol === undefined)
    fail(`expected an address, SYMBOL.FIELD, SYMBOL+BYTES or ZONE[N].FIELD: ${target}`);
  const part = field ?? (bytes === undefined ? 0 : word(bytes));
  return { kind: "symbol", symbol: symbol!, part };
}

/** Says what is wrong with a fault. */
export function fail(message: string): never {
  throw new DiagnosticError([{ file: "--fault", line: 0, column: 0, message }]);
}
