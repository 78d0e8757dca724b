/**
 * Puts freshly measured figures between the marks in README.md. Runs as a script after a build; a
 * test holds the README equal to a run.
 */
import { execFileSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const file = join(root, "README.md");
const command = [join(root, "dist/cli.js"), "table", "3", "--markdown"];
const table = execFileSync(process.execPath, command, { encoding: "utf8" }).trimEnd();
const text = readFileSync(file, "utf8");
const marked = /(<!-- table 3, by npm run readme -->\n)[\s\S]*?(<!-- end -->)/;
if (!marked.test(text)) throw new Error("README.md has no marks for table 3");
writeFileSync(
  file,
  text.replace(marked, (_, begin, end) => `${begin}${table}\n${end}`),
);
