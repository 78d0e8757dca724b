// Where the command writes: whole files or none, links and devices left what they are.
import {
  lstatSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, expect, test } from "vitest";
import { writeWhole } from "../../host/cli/files.ts";

const folder = mkdtempSync(join(tmpdir(), "inkwell-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const at = (name: string): string => join(folder, name);

test("a device stays a device", () => {
  writeWhole(
    new Map([
      ["/dev/null", "nothing"],
      [at("a"), "a"],
    ]),
  );
  expect(lstatSync("/dev/null").isCharacterDevice()).toBe(true);
  expect(readFileSync(at("a"), "utf8")).toBe("a");
});

test("a link stays a link, and what it leads to is written", () => {
  writeFileSync(at("real"), "old");
  symlinkSync("real", at("link"));
  writeWhole(new Map([[at("link"), "new"]]));
  expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
  expect(readFileSync(at("real"), "utf8")).toBe("new");
});

test("when one file cannot be written, none is, and nothing is left behind", () => {
  writeFileSync(at("kept"), "old");
  const files = new Map([
    [at("kept"), "new"],
    [at("no/such/folder"), "x"],
  ]);
  expect(() => writeWhole(files)).toThrow(/^cannot write .*no\/such\/folder: no such file/);
  expect(readFileSync(at("kept"), "utf8")).toBe("old");
  expect(readdirSync(folder).filter((name) => name.startsWith(".inkwell"))).toEqual([]);
  expect(() => writeWhole(new Map([[folder, "x"]]))).toThrow(/illegal operation on a directory/);
});
