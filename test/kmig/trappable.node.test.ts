/**
 * Which routines a client may trap to (paper §3.3, footnote 7), and what the server registers.
 */
import { describe, expect, test } from "vitest";
import { inksRegistration } from "../../host/abi/inks.ts";
import { analyseInterface, kmig } from "../../host/kmig/kmig.ts";
import { include, rpcDefs } from "./support/definitions.ts";

/** Why a routine with these arguments, after these statements, is not trapped to. */
function whyNot(list: string, before = "", kind = "routine", after = ""): string | null {
  const text = `subsystem s 5000;
#include <mach/mach_types.defs>
type words_t = array[4] of int;
type ints_t = array[*:9] of int;
type name_t = c_string[*:9];
type id_t = int intran: thing_t thing_of(int) outtran: int id_of(thing_t);
${before}
${kind} r(${list})${after};
`;
  const { layout } = analyseInterface({ file: "why.defs", text }, { include });
  return layout.routines[0]!.why_not;
}

describe("trappable (U1, U6, F2)", () => {
  test.for([
    ["no arguments", "p : mach_port_t"],
    ["values, arrays, structures", "p : task_t; a : int; out b : time_value_t; inout c : words_t"],
    ["varying inline arrays", "p : mach_port_t; a : ints_t; out b : ints_t, CountInOut"],
    ["port names, which are numbers", "p : mach_port_t; a : mach_port_name_t"],
    ["a sequence number for the server", "p : mach_port_t; msgseqno n : natural_t; a : int"],
    ["twelve words", `p : mach_port_t${"abcdefghijk".replaceAll(/./g, "; $& : int")}`],
  ])("%s", ([, list]) => {
    expect(whyNot(list!)).toBeNull();
  });

  test.for([
    ["port right: a", "p : mach_port_t; a : mach_port_t"],
    ["port right: a", "p : mach_port_t; out a : mach_port_move_receive_t"],
    ["polymorphic: a", "p : mach_port_t; a : mach_port_poly_t"],
    ["out-of-line memory: a", "p : mach_port_t; a : pointer_t"],
    ["out-of-line memory: a", "p : mach_port_t; a : int_list = array[] of int"],
    ["string of unknown length: a", "p : mach_port_t; a : name_t"],
    ["translated: a", "p : mach_port_t; out a : id_t"],
    ["request port is not the first argument: p", "in a : int; requestport p : mach_port_t"],
    ["polymorphic request port: p", "p : mach_port_poly_t"],
    ["reply port argument: q", "p : mach_port_t; replyport q : mach_port_make_send_once_t"],
    ["wait time: t", "p : mach_port_t; waittime t : int"],
    ["message option: o", "p : mach_port_t; msgoption o : int"],
    [
      "too many argument words: 13",
      `p : mach_port_t${"abcdefghijkl".replaceAll(/./g, "; $& : int")}`,
    ],
  ])("%s", ([why, list]) => {
    expect(whyNot(list!)).toBe(why);
  });

  test("what stands before and around the routine counts", () => {
    const port = "p : mach_port_t";
    expect(whyNot(port, "waittime 100;")).toBe("wait time: 100");
    expect(whyNot(port, "waittime 100; nowaittime;")).toBeNull();
    expect(whyNot(port, "msgoption MACH_SEND_TIMEOUT;")).toBe("message option: MACH_SEND_TIMEOUT");
    expect(whyNot(port, "", "simpleroutine")).toBe("one-way: nobody waits for its end");
    expect(whyNot(port, "", "function", " : int")).toBe("does not return a kern_return_t");
  });
});

describe("registration (D3)", () => {
  const { trapServer, base, count, routines } = kmig(rpcDefs, { include });
  const words = (label: string): string[] => {
    const lines = trapServer
      .slice(trapServer.indexOf(`\n${label}:\n`))
      .split("\n")
      .slice(2);
    const end = lines.findIndex((line) => !line.startsWith("\t.word"));
    return lines.slice(0, end < 0 ? undefined : end).map((line) => line.split(/\t;?/)[2]!);
  };

  test("the record is the structure that the kernel reads", () => {
    const record = words("rpc_inks_table");
    expect(record).toEqual([String(base), String(count), "rpc_inks_vector"]);
    expect(record.length * 4).toBe(inksRegistration.size);
    expect(Object.values(inksRegistration.offset)).toEqual([0, 4, 8]);
  });

  test("the vector has a stub for each routine that traps, by number (U2)", () => {
    const vector = words("rpc_inks_vector");
    expect(vector.length).toBe(count);
    const expected = Array.from({ length: count }, () => "0");
    for (const { name, number, trappable } of routines)
      if (trappable) expected[number] = `_T${name.text}`;
    expect(vector).toEqual(expected);
    expect(vector.filter((word) => word === "0").length).toBe(3);
  });

  test("there is a stub for each trappable routine and no other", () => {
    const stubs = Array.from(trapServer.matchAll(/^_T(\w+):/gm), ([, name]) => name);
    const trappable = routines.filter((routine) => routine.trappable);
    expect(stubs).toEqual(trappable.map(({ name }) => name.text));
  });

  test("suppressed copies leave those of integer Out arguments only (X4)", () => {
    const { trapServer: bare } = kmig(rpcDefs, { include, suppressCopies: true });
    const calls = (text: string): string[] =>
      Array.from(text.matchAll(/; (copyin|copyout) (\w+)\n/g), ([, way, name]) => `${way} ${name}`);
    expect(calls(bare)).toEqual(["copyout sum", "copyout total"]);
    expect(calls(trapServer).length).toBe(11);
  });
});
