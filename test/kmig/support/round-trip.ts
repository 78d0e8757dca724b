/**
 * The part of the round-trip program that depends on the interface: work functions, and for each
 * routine a test that calls its stubs and its work function with the same random arguments.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { kmig } from "../../../host/kmig/kmig.ts";
import type { KmigOptions, KmigOutput } from "../../../host/kmig/kmig.ts";
import type { SourceFile } from "../../../host/kmig/preprocess.ts";
import type { Routine, RoutineArgument } from "../../../host/kmig/routine.ts";
import type { IpcType } from "../../../host/kmig/types.ts";
import { Workbench } from "./cross.ts";

export interface RoundTrip {
  readonly seed: number;
  /** Calls of each routine each way. */
  readonly calls: number;
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
  return type.isStruct
    ? `${valueType(type)} ${name};`
    : `${element} ${name}[${type.typeSize / bytes}];`;
}

function workFunction(routine: Routine): string {
  const list = routine.arguments.filter((a) => a.serverArg);
  const parameters = list.map((a) => parameter(a, a.byReferenceServer));
  const pointer = (a: RoutineArgument): string =>
    a.byReferenceServer || !a.type.isStruct ? a.name : `&${a.name}`;
  const given = list.filter((a) => a.sendRcv && a.identity !== "msg seqno");
  const back = list.filter((a) => a.returnSnd);
  return [
    `int ${routine.serverName}(${parameters.join(", ")})`,
    "{",
    `  unsigned h = ${routine.requestId};`,
    ...given.map((a) => `  h = hash(h, ${pointer(a)}, ${a.type.typeSize});`),
    ...back.map((a, i) => `  fill(h + ${i + 1}, ${pointer(a)}, ${a.type.typeSize});`),
    "  return verdict(h);",
    "}",
    "",
  ].join("\n");
}

interface Way {
  readonly name: string;
  readonly symbol: string;
  readonly refused: boolean;
}

function ways(routine: Routine): Way[] {
  const name = routine.userName;
  const message = { name: `message ${name}`, symbol: `${name}_message`, refused: false };
  if (!routine.trappable) return [message];
  return [
    message,
    { name: `trap stub ${name}`, symbol: `_T${routine.name.text}`, refused: false },
    { name: `trap ${name}`, symbol: name, refused: false },
    { name: `refused trap ${name}`, symbol: name, refused: true },
  ];
}

function test(routine: Routine): string {
  const name = routine.name.text;
  const data = routine.arguments.filter((a) => a.userArg && a.identity === "normal");
  const outs = data.filter((a) => a.returnSnd);
  const values = (
    set: string,
    list: readonly RoutineArgument[],
    byReference: (a: RoutineArgument) => boolean,
  ): string =>
    list
      .map((a) => {
        if (a.identity === "request port") return "port";
        if (a.identity === "msg seqno") return "0";
        return `${byReference(a) && a.type.isStruct ? "&" : ""}${set}.${a.name}`;
      })
      .join(", ");
  const users = routine.arguments.filter((a) => a.userArg);
  const servers = routine.arguments.filter((a) => a.serverArg);
  const prototype = users.map((a) => parameter(a, a.byReferenceUser)).join(", ");
  const checks = ways(routine).flatMap(({ name: way, symbol, refused }) => [
    `    stub = given; seen_calls = 0;`,
    `    target = address_of_${symbol}; trap_refused = ${Number(refused)};`,
    `    code = ((int (*)(${prototype}))checked)(${values("stub", users, (a) => a.byReferenceUser)});`,
    `    expect(seen_calls == 1 && seen_hash == hash_direct, "${way}", "what the server saw");`,
    `    expect(code == ${routine.oneWay ? "0" : "code_direct"}, "${way}", "return code");`,
    `    expect(violations == 0, "${way}", "callee-saved registers");`,
    `    wanted = given;`,
    ...outs.map(
      (a) => `    if (code == 0) memcpy(&wanted.${a.name}, &direct.${a.name}, ${a.type.typeSize});`,
    ),
    `    expect(memcmp(&stub, &wanted, sizeof stub) == 0, "${way}", "data");`,
  ]);
  return [
    `struct set_${name} {`,
    ...data.map((a) => `  unsigned before_${a.name}[2]; ${member(a)}`),
    "  unsigned after[2];",
    "};",
    `static void test_${name}(void)`,
    "{",
    `  static struct set_${name} given, stub, direct, wanted;`,
    "  unsigned n, k, port, hash_direct; int code, code_direct;",
    "  for (n = 0; n < CALLS; n++) {",
    "    given_port = port = next();",
    "    for (k = 0; k < sizeof given; k++) ((unsigned char *)&given)[k] = next();",
    "    direct = given;",
    `    code_direct = ${routine.serverName}(${values("direct", servers, (a) => a.byReferenceServer)});`,
    "    hash_direct = seen_hash;",
    ...checks,
    "  }",
    "}",
    "",
  ].join("\n");
}

/** What `round-trip.c` includes. */
function interfaceC({ routines }: KmigOutput, { seed, calls }: RoundTrip): string {
  const structures = new Set(routines.flatMap((r) => r.arguments.map((a) => structure(a.type))));
  const symbols = new Set(routines.flatMap(ways).map((way) => way.symbol));
  return [
    `#define SEED ${seed}u`,
    `#define CALLS ${calls}`,
    ...structures,
    ...Array.from(symbols, (symbol) => `extern unsigned address_of_${symbol};`),
    ...routines.map(workFunction),
    ...routines.map(test),
    "static void run_tests(void)",
    "{",
    ...routines.map((routine) => `  test_${routine.name.text}();`),
    "}",
    "",
  ].join("\n");
}

/** Plain code addresses of the stubs; C's function pointers are something else. */
function addresses({ routines, subsystem }: KmigOutput): string {
  const symbols = new Set(routines.flatMap(ways).map((way) => way.symbol));
  const words = [...symbols].map(
    (symbol) => `\t.globl\taddress_of_${symbol}\naddress_of_${symbol}:\n\t.word\t${symbol}\n`,
  );
  const record = `\t.globl\tinks_record\ninks_record:\n\t.word\t${subsystem}_inks_table\n`;
  return `\t.data\n\t.align\t4\n${words.join("")}${record}`;
}

/** Makes stubs and program, runs it, and gives what it printed: nothing if every check held. */
export function runRoundTrip(source: SourceFile, options: KmigOptions, trip: RoundTrip): string {
  const bench = new Workbench();
  try {
    const output = kmig(source, options);
    const here = import.meta.dirname;
    bench.write("round-trip.c", readFileSync(join(here, "round-trip.c"), "utf8"));
    bench.write("round-trip.s", readFileSync(join(here, "round-trip.s"), "utf8"));
    bench.write("interface.c", interfaceC(output, trip));
    bench.write("addresses.s", addresses(output));
    for (const part of ["user", "server", "trapServer"] as const)
      bench.write(`${part}.s`, output[part]);
    const sources = ["user", "server", "trapServer", "addresses", "round-trip"];
    const defines = [`-DDEMUX=${output.serverDemux}`, "-O1", "-w", "-static", "-o", "trip"];
    bench.run("hppa-linux-gnu-gcc", [...defines, "round-trip.c", ...sources.map((s) => `${s}.s`)]);
    return bench.run("qemu-hppa", ["./trip"]);
  } finally {
    bench.remove();
  }
}
