/** A session on the simulated console: the shell and programs of our own, native calls, in and out. */
import { expect, test } from "vitest";
import { bootSystem } from "../../../host/mach/boot/system.ts";
import { sessionServer } from "../../../host/osf1/session.ts";

const LINES = [
  "echo one   two",
  "  cat /etc/motd",
  "cd /etc",
  "/bin/cat motd nothing",
  "nonsense",
  "cdx",
  "cd",
  "cat",
];

async function session(inKernel: boolean): Promise<string> {
  const file = (path: string, text: string) => ({
    path,
    content: { kind: "file" as const, bytes: new TextEncoder().encode(text) },
    permissions: 0o644,
  });
  const server = await sessionServer({
    files: [
      { path: "etc", content: { kind: "directory" }, permissions: 0o755 },
      file("etc/motd", "Welcome.\n"),
    ],
    shell: "/bin/sh",
    calls: inKernel ? "trap" : "message",
    seed: 0,
  });
  const { kernel, console: line } = await bootSystem({
    servers: new Map([["osf1", server.file]]),
    defaultServer: "osf1",
    answers: { server: "osf1", inKernel },
    disk: server.disk,
  });
  let output = "";
  line.onOutput = (bytes) => (output += new TextDecoder().decode(bytes));
  const left = [...LINES];
  for (let turns = 0; server.osf1()?.unix.isDown !== true; turns++) {
    expect(turns, output).toBeLessThan(2000);
    const stop = kernel.run({ cycles: 20_000_000 });
    // It may be idle because the disk is waited for; the last program does not ask.
    const isAsked = output.endsWith("$ ") || left.length === 0;
    if (stop === "limit" || !line.isRead || !isAsked) continue;
    const next = left.shift();
    if (next === undefined) line.end();
    else line.type(new TextEncoder().encode(`${next}\n`));
  }
  return output;
}

test.each([
  ["in the kernel, by traps", true],
  ["out of the kernel, by messages", false],
])("words, programs, errors, and the end of input: %s", async (_name, inKernel) => {
  expect((await session(inKernel)).replaceAll("\r\n", "\n").split("\n")).toEqual([
    "$ echo one   two",
    "one two",
    "$   cat /etc/motd",
    "Welcome.",
    "$ cd /etc",
    "$ /bin/cat motd nothing",
    "Welcome.",
    "nothing: cannot be opened",
    "$ nonsense",
    "sh: not found",
    "$ cdx",
    "sh: not found",
    "$ cd",
    "$ cat",
    "$ ",
  ]);
});
