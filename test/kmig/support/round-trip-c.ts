/**
 * The C that the round-trip program has for one interface: work functions, and for each routine a
 * test that calls its stubs and its work function with the same random arguments.
 *
 * What a caller must find afterwards (`wanted`) is computed from the direct call by the rules of
 * MIG: nothing changes on failure; of a varying array comes what the caller has room for; memory has
 * the same contents, wherever it is.
 */
import type { Interface, Routine, RoutineArgument } from "../../../host/kmig/routine.ts";
import {
  elementBytes,
  isArray,
  isMemory,
  isPointer,
  member,
  most,
  parameter,
  structure,
} from "./round-trip-types.ts";

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

/** Elements that a caller may have room for, or send: more than an indefinite array has in line. */
const MOST_ELEMENTS = 700;

/** A type name for polymorphic data, one that arrives as what the receiver expects. */
function someName(routine: Routine, poly: RoutineArgument, seed: string): string {
  return `some_name(${seed}, ${routine.arguments[poly.parent]!.type.outName})`;
}

function workFunction(routine: Routine): string {
  const list = routine.arguments.filter((a) => a.serverArg);
  const parameters = list.map((a) => parameter(a, a.byReferenceServer));
  const pointer = (a: RoutineArgument): string =>
    a.byReferenceServer || !a.type.isStruct ? a.name : `&${a.name}`;
  const countOf = (a: RoutineArgument): RoutineArgument => routine.arguments[a.count]!;
  const items = list.filter((a) => a.identity !== "count" && a.identity !== "msg seqno");
  const given = items
    .filter((a) => a.sendRcv)
    .map((a) => {
      if (a.type.isString) return `mix = hash(mix, ${a.name}, strlen(${a.name}) + 1);`;
      if (!isArray(a) && !isPointer(a))
        return `mix = hash(mix, ${pointer(a)}, ${a.type.inLine ? a.type.typeSize : 4});`;
      const count = `${countOf(a).byReferenceServer ? "*" : ""}${a.name}Cnt`;
      const data = isPointer(a) && a.byReferenceServer ? `*${a.name}` : a.name;
      const size = `${count} * ${elementBytes(a)}`;
      return `mix = hash(hash(mix, ${pointer(countOf(a))}, 4), ${data}, ${size});`;
    });
  const rooms = items
    .filter((a) => a.returnSnd && (isArray(a) || a.indefinite))
    .map((a) => `mix = hash(mix, ${a.name}Cnt, 4);`);
  const back = items
    .filter((a) => a.returnSnd || (a.identity === "dealloc" && a.byReferenceServer))
    .map((a, i) => {
      const seed = `mix + ${i + 1}`;
      if (a.type.isString) return `fill_string(${seed}, ${a.name}, ${a.type.typeSize});`;
      if (a.identity === "poly") return `*${a.name} = ${someName(routine, a, seed)};`;
      if (isMemory(a) || a.indefinite)
        return `return_memory(${seed}, ${a.indefinite ? 1 : 0}, ${a.name}, ${a.name}Cnt, ${elementBytes(a)});`;
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
  routine: Routine,
  set: "stub" | "direct",
  list: readonly RoutineArgument[],
  byReference: (a: RoutineArgument) => boolean,
): string {
  const value = (a: RoutineArgument): string => {
    if (a.identity === "request port") return "port";
    if (a.identity === "msg seqno") return "0";
    const parent = routine.arguments[a.parent];
    if (a.identity === "server copy")
      return `direct.${parent!.name}Cnt <= ${Math.floor(most(parent!))}`;
    const reference = byReference(a) && (a.type.isStruct || isPointer(a));
    return `${reference ? "&" : ""}${set}.${a.name}`;
  };
  return list.map(value).join(", ");
}

/** Lines that make `wanted` and `code_wanted` from the direct call. */
function wantedLines(routine: Routine, direct: boolean): string[] {
  const lines = ["wanted = given;", `code_wanted = ${routine.oneWay ? "0" : "code_direct"};`];
  for (const a of routine.arguments) {
    if (!a.returnRcv || !a.userArg || a.identity === "count") continue;
    const { name, type } = a;
    if (a.identity === "poly") {
      lines.push(`if (code_wanted == 0) wanted.${name} = received(direct.${name});`);
      continue;
    }
    if (isPointer(a)) {
      lines.push(
        `if (code_wanted == 0) { wanted.${name} = direct.${name}; wanted.${name}Cnt = direct.${name}Cnt; }`,
      );
      continue;
    }
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

/** What the kernel must have seen of memory out of line, and the server stub must have given up. */
function memoryLines(routine: Routine): string[] {
  const lines = ["flags_wanted = 1; given_up_wanted = 0;"];
  const flag = (a: RoutineArgument, set: string): string => {
    const bit =
      a.dealloc === "maybe" ? `(${set}.${a.name}Dealloc & 1)` : a.dealloc === "yes" ? "1" : "0";
    return `flags_wanted = flags_wanted * 4 + 2 + ${bit};`;
  };
  for (const a of routine.arguments.filter((one) => one.request && one.identity === "normal")) {
    if (a.indefinite) {
      const long = `given.${a.name}Cnt > ${Math.floor(most(a))}`;
      lines.push(`if (${long}) ${flag(a, "given")}`);
      if (!a.serverCopy)
        lines.push(
          `if (${long} && code_direct == 0) given_up_wanted += given.${a.name}Cnt * ${elementBytes(a)};`,
        );
    } else if (!a.type.inLine) lines.push(flag(a, "given"));
  }
  for (const a of routine.arguments.filter((one) => one.returnSnd && one.identity === "normal")) {
    if (a.indefinite)
      lines.push(
        `if (code_direct == 0 && direct.${a.name} != (void *)direct_${a.name}) ${flag(a, "direct")}`,
      );
    else if (!a.type.inLine) lines.push(`if (code_direct == 0) ${flag(a, "direct")}`);
  }
  return lines;
}

/** Contents in place of addresses, so that what is at different places compares equal. */
function contents(list: readonly RoutineArgument[]): string[] {
  return list.filter(isPointer).flatMap((a) => {
    const same = `direct.${a.name} == (void *)direct_${a.name} && direct.${a.name}Cnt <= given.${a.name}Cnt`;
    const lines = ["stub", "wanted"].map(
      (set) =>
        `${set}.${a.name} = (void *)hash(1, ${set}.${a.name}, ${set}.${a.name}Cnt * ${elementBytes(a)});`,
    );
    if (a.indefinite && a.returnRcv)
      lines.unshift(
        `expect(!(${same}) || code || stub.${a.name} == given.${a.name}, "indefinite", "in the caller's memory");`,
      );
    return ["if (code == 0 || code == -307) {", ...lines, "}"];
  });
}

function test(routine: Routine, { suppressCopies }: RoundTrip): string {
  const name = routine.name.text;
  const users = routine.arguments.filter((a) => a.userArg);
  const servers = routine.arguments.filter((a) => a.serverArg);
  const held = routine.arguments.filter(
    (a) =>
      (a.userArg || a.serverArg) && ["normal", "count", "poly", "dealloc"].includes(a.identity),
  );
  const prototype = users.map((a) => parameter(a, a.byReferenceUser)).join(", ");
  const data = held.filter((a) => a.identity === "normal");
  const prepare = [
    ...data.filter(isArray).map((a) => `given.${a.name}Cnt = next() % ${most(a) + 1};`),
    ...data
      .filter(isPointer)
      .map(
        (a) =>
          `given.${a.name} = (void *)memory_${a.name}; given.${a.name}Cnt = next() % ${MOST_ELEMENTS}; fill(next(), memory_${a.name}, sizeof memory_${a.name});`,
      ),
    ...held
      .filter((a) => a.identity === "poly")
      .map((a) => `given.${a.name} = ${someName(routine, a, "next()")};`),
    ...data
      .filter((a) => a.type.isString)
      .map((a) => `fill_string(next(), given.${a.name}, ${a.type.typeSize});`),
    "direct = given;",
    ...held
      .filter((a) => a.identity === "poly" && a.sendRcv)
      .map((a) => `direct.${a.name} = received(given.${a.name});`),
    ...data
      .filter((a) => a.indefinite && a.returnSnd)
      .map((a) => `direct.${a.name} = (void *)direct_${a.name};`),
    ...data
      .filter((a) => a.returnSnd && (isArray(a) || a.indefinite))
      .map((a) =>
        routine.arguments[a.count]!.countInOutArgument < 0
          ? `direct.${a.name}Cnt = ${Math.floor(most(a))};`
          : `if (direct.${a.name}Cnt > ${Math.floor(most(a))}) direct.${a.name}Cnt = ${Math.floor(most(a))};`,
      ),
  ];
  const checks = waysTo(routine).flatMap((way) => [
    "stub = given; seen_calls = 0; seen_flags = 1; given_up = 0; not_walked = 0;",
    `target = address_of_${way.symbol}; trap_refused = ${Number(way.refused)};`,
    `code = ((int (*)(${prototype}))checked)(${call(routine, "stub", users, (a) => a.byReferenceUser)});`,
    `expect(seen_calls == 1 && seen_hash == hash_direct, "${way.name}", "what the server saw");`,
    `expect(violations == 0, "${way.name}", "callee-saved registers");`,
    `expect(not_walked || seen_flags == flags_wanted, "${way.name}", "deallocate flags");`,
    `expect(given_up == given_up_wanted, "${way.name}", "memory given up");`,
    ...wantedLines(routine, way.trap && suppressCopies),
    `expect(code == code_wanted, "${way.name}", "return code");`,
    ...contents(data),
    `expect(memcmp(&stub, &wanted, sizeof stub) == 0, "${way.name}", "data");`,
  ]);
  const buffers = data
    .filter(isPointer)
    .flatMap((a) => [
      `  static unsigned memory_${a.name}[${(MOST_ELEMENTS * elementBytes(a)) / 4 + 1}];`,
      `  static unsigned direct_${a.name}[600];`,
    ]);
  return [
    `struct set_${name} {`,
    ...held.map((a) => `  unsigned before_${a.name}[2]; ${member(a)}`),
    "  unsigned after[2];",
    "};",
    `static void test_${name}(void)`,
    "{",
    `  static struct set_${name} given, stub, direct, wanted;`,
    ...buffers,
    "  unsigned n, k, port, hash_direct, flags_wanted, given_up_wanted; int code, code_direct, code_wanted;",
    "  for (n = 0; n < CALLS; n++) {",
    "    given_port = port = next(); obtained = 0;",
    "    for (k = 0; k < sizeof given; k++) ((unsigned char *)&given)[k] = next();",
    ...prepare.map((line) => `    ${line}`),
    `    code_direct = ${routine.serverName}(${call(routine, "direct", servers, (a) => a.byReferenceServer)});`,
    "    hash_direct = seen_hash;",
    ...memoryLines(routine).map((line) => `    ${line}`),
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
