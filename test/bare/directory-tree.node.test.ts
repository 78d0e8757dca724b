/**
 * The one way from a program to the host's files: nothing outside the root can be named, whatever
 * links and dots a path has, and nothing but regular files can be opened.
 */
import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { DirectoryTree } from "../../host/bare/directory-tree.ts";
import { ERRNO } from "../../host/abi/linux/errno.ts";
import { CallFailed } from "../../host/bare/call-failed.ts";
import { NO_FILES } from "../../host/bare/surroundings.ts";

let folder: string;
let tree: DirectoryTree;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), "inkwell-tree-"));
  const at = (name: string) => join(folder, name);
  mkdirSync(at("root/inside/deep"), { recursive: true });
  mkdirSync(at("outside"));
  writeFileSync(at("secret"), "secret");
  writeFileSync(at("outside/file"), "secret");
  writeFileSync(at("root/file"), "contents");
  writeFileSync(at("root/inside/other"), "more");
  writeFileSync(
    Buffer.concat([Buffer.from(`${folder}/root/`), Buffer.from([0xff, 0x41])]),
    "bytes",
  );
  for (const [name, target] of [
    ["inside/up", "../../secret"],
    ["inside/out", "../../outside"],
    ["absolute", at("secret")],
    ["inside/rooted", "/file"],
    ["inside/parent", ".."],
    ["inside/deep/top", "/"],
    ["self", "self"],
    ["two", "three"],
    ["three", "two"],
    ["dangling", "nowhere"],
    ["folder", "inside/"],
    ["through", "file/x"],
  ])
    symlinkSync(target!, at(`root/${name}`));
  execFileSync("mkfifo", [at("root/pipe")]);
  tree = new DirectoryTree(at("root"));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** What a file holds, or the errno of the refusal. */
function read(path: string): string | number {
  try {
    const opened = tree.find(path, true).open();
    const bytes = opened.read(0, 100);
    opened.close();
    return Buffer.from(bytes).toString();
  } catch (error) {
    if (error instanceof CallFailed) return error.errno;
    throw error;
  }
}

const { ENOENT, ENOTDIR, ELOOP, ENXIO, ENAMETOOLONG } = ERRNO;

test.each<[path: string, found: string | number]>([
  ["/file", "contents"],
  ["//file", "contents"],
  ["/./inside/../file", "contents"],
  ["/../../../file", "contents"],
  ["/inside/other", "more"],
  ["/inside/rooted", "contents"],
  ["/inside/parent/inside/other", "more"],
  ["/inside/deep/top/file", "contents"],
  ["/folder/other", "more"],
  ["/secret", ENOENT],
  ["/../secret", ENOENT],
  ["/inside/up", ENOENT],
  ["/inside/out/file", ENOENT],
  ["/absolute", ENOENT],
  ["/inside/parent/../secret", ENOENT],
  ["/inside/deep/top/../secret", ENOENT],
  ["/dangling", ENOENT],
  ["/nothing/../file", ENOENT],
  ["/file/", ENOTDIR],
  ["/file/.", ENOTDIR],
  ["/file/../file", ENOTDIR],
  ["/through", ENOTDIR],
  ["/self", ELOOP],
  ["/two", ELOOP],
  ["/pipe", ENXIO],
  [`/${"x".repeat(256)}`, ENAMETOOLONG],
])("%s: %s", (path, found) => {
  expect(read(path)).toBe(found);
});

test("a name is bytes, whatever they mean", () => {
  expect(read("/\xffA")).toBe("bytes");
  expect(
    tree
      .find("/", true)
      .entries()
      .map(({ name }) => name),
  ).toContain("\xffA");
});

test("a link itself can be looked at", () => {
  const link = tree.find("/inside/up", false);
  expect(link.attributes().kind).toBe("link");
  expect(link.target()).toBe("../../secret");
  expect(tree.find("/inside/parent/inside", true).path).toBe("/inside");
});

test("entries come in the order of their names, with their kinds", () => {
  const entries = tree.find("/inside", true).entries();
  expect(entries.map(({ name, kind }) => [name, kind])).toEqual([
    ["deep", "directory"],
    ["other", "file"],
    ["out", "link"],
    ["parent", "link"],
    ["rooted", "link"],
    ["up", "link"],
  ]);
});

test("no path of any shape reaches a file outside", () => {
  const names = [
    "..",
    ".",
    "",
    "inside",
    "out",
    "up",
    "parent",
    "deep",
    "top",
    "secret",
    "outside",
  ];
  const path = fc.array(fc.constantFrom(...names, "file", "absolute"), { maxLength: 12 });
  fc.assert(
    fc.property(path, (parts) => {
      expect(read(`/${parts.join("/")}`)).not.toBe("secret");
    }),
    { seed: 93, numRuns: 3000 },
  );
});

test("what the host does not let be read is refused", () => {
  const file = join(folder, "root/private");
  writeFileSync(file, "private");
  chmodSync(file, 0);
  // The superuser may read everything.
  expect(read("/private")).toBe(process.getuid?.() === 0 ? "private" : ERRNO.EACCES);
});

test("no files: only the root is there", () => {
  expect(NO_FILES.find("/./..//", true).entries()).toEqual([]);
  expect(() => NO_FILES.find("/file", true)).toThrow(CallFailed);
});
