/**
 * The C that the round-trip program has for one interface: work functions, and for each routine a
 * test that calls its stubs and its work function with the same random arguments.
 *
 * What a caller must find afterwards (`wanted`) is computed from the direct call by the rules of
 * MIG: nothing changes on failure; of a varying array comes what the caller has room for.
 */
import type { Interface, Routine, RoutineArgument } from "../../../host/kmig/routine.ts";
import type { IpcType } from "../../../host/kmig/types.ts";

export interface RoundTrip {
  readonly seed: number;
  /** Calls of each routine each way. */
  readonly calls: number;
  readonly suppressCopies: boolean;
}

export interface Way {
  readonly name: string;
  readonly symbol: string;
  readonly refused: boolean;
  readonly trap: boolean;
}

/** The stubs of a routine: one way if it only sends messages, four if it can trap. */
export function waysTo(routine: Routine): Way[] {
  const name = routine.userName;
  const way = (what: string, symbol: string, trap: boolean, refused = false): Way => ({
    name: `${what} ${name}`,
    symbol,
    refused,
    trap,
  });
  const message = way("message", `${name}_message`, false);
  if (!routine.trappable) return [message];
  return [
    message,
    way("trap stub", `_T${routine.name.text}`, true),
    way("trap", name, true),
    way("refused trap", name, false, true),
  ];
}

const ELEMENTS: Readonly<Record<number, string>> = {
  8: "unsigned char",
  16: "unsigned short",
  64: "unsigned long long",
};

function elementOf({ size }: IpcType): { readonly name: string; readonly bytes: number } {
  const name = ELEMENTS[size];
  return name === undefined ? { name: "unsigned", bytes: 4 } : { name, bytes: size / 8 };
}

/** A value's C type: a scalar, or a structure that the prelude declares. */
function valueType(type: IpcType): string {
  const { name, bytes } = elementOf(type);
  const count = type.typeSize / bytes;
  return count === 1 ? name : `struct ${name.replaceAll(" ", "_")}_${count}`;
}

function structure(type: IpcType): string {
  const { name, bytes } = elementOf(type);
  const count = type.typeSize / bytes;
  return type.isStruct && count > 1 ? `${valueType(type)} { ${name} e[${count}]; };\n` : "";
}

function parameter({ type, name }: RoutineArgument, byReference: boolean): string {
  if (!type.isStruct) return `${elementOf(type).name} *${name}`;
  return `${valueType(type)} ${byReference ? "*" : ""}${name}`;
}

function member({ type, name }: RoutineArgument): string {
  const { name: element, bytes } = elementOf(type);
  if (type.isStruct) return `${valueType(type)} ${name};`;
  return `${element} ${name}[${type.typeSize / bytes}];`;
}

const isArray = ({ variable, type }: RoutineArgument): boolean => variable && !type.isString;
const elementBytes = ({ type }: RoutineArgument): number => type.element!.typeSize;
const most = ({ type }: RoutineArgument): number => type.number / type.element!.number;

function workFunction(routine: Routine): string {
  const list = routine.arguments.filter((a) => a.serverArg);
  const parameters = list.map((a) => parameter(a, a.byReferenceServer));
  const pointer = (a: RoutineArgument): string =>
    a.byReferenceServer || !a.type.isStruct ? a.name : `&${a.name}`;
  const items = list.filter((a) => a.identity !== "count" && a.identity !== "msg seqno");
  const given = items
    .filter((a) => a.sendRcv)
    .map((a) => {
      if (a.type.isString) return `mix = hash(mix, ${a.name}, strlen(${a.name}) + 1);`;
      if (!isArray(a)) return `mix = hash(mix, ${pointer(a)}, ${a.type.typeSize});`;
      const size = `${a.name}Cnt * ${elementBytes(a)}`;
      return `mix = hash(hash(mix, &${a.name}Cnt, 4), ${a.name}, ${size});`;
    });
  const rooms = items
    .filter((a) => a.returnSnd && isArray(a))
    .map((a) => `mix = hash(mix, ${a.name}Cnt, 4);`);
  const back = items
    .filter((a) => a.returnSnd)
    .map((a, i) => {
      const seed = `mix + ${i + 1}`;
      if (a.type.isString) return `fill_string(${seed}, ${a.name}, ${a.type.typeSize});`;
      if (!isArray(a)) return `fill(${seed}, ${pointer(a)}, ${a.type.typeSize});`;
      const count = `*${a.name}Cnt`;
      return `${count} = (${seed}) % (${count} + 1); fill(${seed}, ${a.name}, ${count} * ${elementBytes(a)});`;
    });
  return [
    `int ${routine.serverName}(${parameters.join(", ")})`,
    "{",
    `  unsigned mix = ${routine.requestId};`,
    ...[...given, ...rooms, ...back].map((line) => `  ${line}`),
    "  return verdict(mix);",
    "}",
    "",
  ].join("\n");
}

/** The list of a call's arguments, taken from one of the sets of variables. */
function call(
  set: string,
  list: readonly RoutineArgument[],
  byReference: (a: RoutineArgument) => boolean,
): string {
  const value = (a: RoutineArgument): string => {
    if (a.identity === "request port") return "port";
    if (a.identity === "msg seqno") return "0";
    return `${byReference(a) && a.type.isStruct ? "&" : ""}${set}.${a.name}`;
  };
  return list.map(value).join(", ");
}

/** Lines that make `wanted` and `code_wanted` from the direct call. */
function wantedLines(routine: Routine, direct: boolean): string[] {
  const lines = ["wanted = given;", `code_wanted = ${routine.oneWay ? "0" : "code_direct"};`];
  for (const a of routine.arguments) {
    if (!a.returnSnd || !a.userArg || a.identity === "count") continue;
    const { name, type } = a;
    const integer = !a.sendRcv && type.isStruct && type.typeSize <= 4;
    const size = isArray(a)
      ? `direct.${name}Cnt * ${elementBytes(a)}`
      : type.isString
        ? `strlen(direct.${name}) + 1`
        : String(type.typeSize);
    const copy = `memcpy(&wanted.${name}, &direct.${name}, ${size});`;
    // Suppressed copies: the work function works on the caller's own memory.
    if (direct && !integer) lines.push(copy);
    else if (!isArray(a)) lines.push(`if (code_wanted == 0) ${copy}`);
    else {
      const room = `given.${name}Cnt`;
      const part = `memcpy(&wanted.${name}, &direct.${name}, ${room} * ${elementBytes(a)});`;
      lines.push(
        `if (code_wanted == 0 && direct.${name}Cnt > ${room}) { code_wanted = -307; ${part} wanted.${name}Cnt = direct.${name}Cnt; }`,
        `else if (code_wanted == 0) { ${copy} wanted.${name}Cnt = direct.${name}Cnt; }`,
      );
    }
    if (direct && isArray(a)) {
      const always = routine.arguments[a.count]!.countInOutArgument >= 0;
      lines.push(
        `if (${always ? "1" : "code_wanted == 0"}) wanted.${name}Cnt = direct.${name}Cnt;`,
      );
    }
  }
  return lines;
}

function test(routine: Routine, { suppressCopies }: RoundTrip): string {
  const name = routine.name.text;
  const users = routine.arguments.filter((a) => a.userArg);
  const servers = routine.arguments.filter((a) => a.serverArg);
  const data = users.filter((a) => a.identity === "normal" || a.identity === "count");
  const prototype = users.map((a) => parameter(a, a.byReferenceUser)).join(", ");
  const arrays = data.filter(isArray);
  const prepare = [
    ...arrays.map((a) => `given.${a.name}Cnt = next() % ${most(a) + 1};`),
    ...data
      .filter((a) => a.type.isString)
      .map((a) => `fill_string(next(), given.${a.name}, ${a.type.typeSize});`),
    "direct = given;",
    ...arrays
      .filter((a) => a.returnSnd && routine.arguments[a.count]!.countInOutArgument < 0)
      .map((a) => `direct.${a.name}Cnt = ${most(a)};`),
  ];
  const checks = waysTo(routine).flatMap((way) => [
    "stub = given; seen_calls = 0;",
    `target = address_of_${way.symbol}; trap_refused = ${Number(way.refused)};`,
    `code = ((int (*)(${prototype}))checked)(${call("stub", users, (a) => a.byReferenceUser)});`,
    `expect(seen_calls == 1 && seen_hash == hash_direct, "${way.name}", "what the server saw");`,
    `expect(violations == 0, "${way.name}", "callee-saved registers");`,
    ...wantedLines(routine, way.trap && suppressCopies),
    `expect(code == code_wanted, "${way.name}", "return code");`,
    `expect(memcmp(&stub, &wanted, sizeof stub) == 0, "${way.name}", "data");`,
  ]);
  return [
    `struct set_${name} {`,
    ...data.map((a) => `  unsigned before_${a.name}[2]; ${member(a)}`),
    "  unsigned after[2];",
    "};",
    `static void test_${name}(void)`,
    "{",
    `  static struct set_${name} given, stub, direct, wanted;`,
    "  unsigned n, k, port, hash_direct; int code, code_direct, code_wanted;",
    "  for (n = 0; n < CALLS; n++) {",
    "    given_port = port = next();",
    "    for (k = 0; k < sizeof given; k++) ((unsigned char *)&given)[k] = next();",
    ...prepare.map((line) => `    ${line}`),
    `    code_direct = ${routine.serverName}(${call("direct", servers, (a) => a.byReferenceServer)});`,
    "    hash_direct = seen_hash;",
    ...checks.map((line) => `    ${line}`),
    "  }",
    "}",
    "",
  ].join("\n");
}

/** What `round-trip.c` includes. */
export function interfaceC({ routines }: Interface, trip: RoundTrip): string {
  const structures = new Set(routines.flatMap((r) => r.arguments.map((a) => structure(a.type))));
  const symbols = new Set(routines.flatMap(waysTo).map((way) => way.symbol));
  return [
    `#define SEED ${trip.seed}u`,
    `#define CALLS ${trip.calls}`,
    ...structures,
    ...Array.from(symbols, (symbol) => `extern unsigned address_of_${symbol};`),
    ...routines.map(workFunction),
    ...routines.map((routine) => test(routine, trip)),
    "static void run_tests(void)",
    "{",
    ...routines.map((routine) => `  test_${routine.name.text}();`),
    "}",
    "",
  ].join("\n");
}
