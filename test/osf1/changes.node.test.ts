/**
 * What being trapped to has changed in the Unix server and its emulator is a list (C10, X6), and the list is
 * whole: wherever else a trap, or the kernel's copy routines, are spoken of, the test says so. Threads are
 * not on it (C9): one linked server, threads and all, is loaded in and out of the kernel.
 */
import { readdirSync, readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { INKS_TRAP, UNOPTIMIZED } from "../../host/bench/configurations.ts";
import { bootUnix } from "../../host/osf1/boot.ts";
import { CHANGES, copyChanges } from "../../host/osf1/changes.ts";
import { serverImage } from "../../host/osf1/server/image.ts";

const FOLDER = "host/osf1";
/** Who says one of these does something because of traps. */
const SPEAKS = /\b(?:isTrapping|TRAP|client_copy(?:in|out)|inks_register|inks_copyout|trapTo)\b/;
/** A comment, an import, or a place where something is only named. */
const NAMES = /^\s*(?:;|\/\/|\/?\*|import\b|\.globl)|^(?:inks_copyout|generic_inks_vector):/;
/** What begins a function, and its name. */
const BEGINS: Readonly<Record<string, RegExp>> = {
  ts: /^(?:export )?(?:async )?(?:function\*? (\w+)|const (\w+)\b)|^ {2}(?:get )?\*?(\w+)(?:<\w+>)?\(.*\{$|^ {2}get (\w+)\(/,
  s: /^(\w+):/,
};

/** Functions that speak of traps, as "file name". */
function speakers(): Set<string> {
  const found = new Set<string>();
  const files = readdirSync(FOLDER, { encoding: "utf8", recursive: true });
  for (const file of files.filter((each) => /\.(?:ts|s)$/.test(each) && each !== "changes.ts")) {
    let [current, before] = ["", ""];
    for (const line of readFileSync(`${FOLDER}/${file}`, "utf8").split("\n")) {
      const match = BEGINS[file.split(".").at(-1)!]!.exec(line);
      // A label behind an instruction is inside a function.
      if (match && !/^\t[a-z]/.test(before))
        current = match.slice(1).find((name) => name !== undefined)!;
      if (SPEAKS.test(line) && !NAMES.test(line)) found.add(`${file} ${current}`);
      before = line;
    }
  }
  return found;
}

test("functions that know of traps are those of the list, and no other (C10)", () => {
  const listed = CHANGES.map(({ file, name }) => `${file} ${name}`);
  expect(new Set(listed)).toEqual(speakers());
  expect(listed).toHaveLength(new Set(listed).size);
});

test("few of them are there to leave copies out (X6)", () => {
  const { files, functions } = copyChanges();
  expect(files).toBeLessThan(10);
  expect(functions).toBeLessThanOrEqual(7); // the paper's count
});

test("the server that runs is the same bytes in and out of the kernel, its threads' text included (C9)", async () => {
  const { image } = await serverImage();
  const [text] = image.segments;
  const loaded = await Promise.all(
    [UNOPTIMIZED, INKS_TRAP].map(async ({ server, calls, kernel }) => {
      const machine = await bootUnix({
        ...{ inKernel: server === "kernel", calls, kernel, files: [] },
        *init() {},
      });
      while (machine.osf1() === undefined) machine.kernel.run({ cycles: 5_000_000 });
      return machine.kernel.copyin(machine.server()!, text!.address, text!.bytes.length);
    }),
  );
  expect(loaded[0]).toEqual(text!.bytes);
  expect(loaded[1]).toEqual(text!.bytes);
  for (const routine of ["mach_msg_server", "service_thread", "mig_get_reply_port"]) {
    const at = image.symbols.get(routine)!;
    expect(at - text!.address).toBeGreaterThanOrEqual(0);
    expect(at - text!.address).toBeLessThan(text!.bytes.length);
  }
});
