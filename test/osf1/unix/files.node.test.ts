// Calls on files against the host's own file system: the same operations, in a directory for the purpose,
// give the same answers, errors included. Linux is the oracle; where it and POSIX differ, `same` says so.
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import * as fc from "fast-check";
import { afterAll, expect, test } from "vitest";
import { chdir } from "../../../host/osf1/unix/files/directory.ts";
import { mkdir } from "../../../host/osf1/unix/files/names.ts";
import { seeded } from "../../support/seed.ts";
import { Bed } from "../support/bed.ts";
import { leaks } from "../support/leaks.ts";
import {
  emptyDirectory,
  fileOperation,
  type FileOperation,
  HostSide,
  UnixSide,
} from "./host-files.ts";

const RUNS = Number(process.env["INKWELL_RUNS"] ?? 80);
const parent = mkdtempSync(join(tmpdir(), "inkwell-unix-"));
afterAll(() => rmSync(parent, { recursive: true }));

/** Whether answers mean the same. */
function same({ kind }: FileOperation, host: string, unix: string): boolean {
  // POSIX has EPERM for a directory that is unlinked; Linux has its own word.
  if (kind === "unlink" && host === "EISDIR") return unix === "EPERM";
  // POSIX has EINVAL for `.` and `..`; Linux takes them for what is in use.
  if (kind === "rename" && host === "EBUSY") return unix === "EINVAL";
  return host === unix;
}

test("the host's file system answers the same", () => {
  const before = process.umask(0o022);
  fc.assert(
    fc.property(fc.array(fileOperation, { maxLength: 40 }), (operations) => {
      const host = new HostSide(emptyDirectory(parent));
      const trace: string[] = [];
      try {
        const bed = Bed.boot();
        bed.startInit(function* (p) {
          yield* p.do((unix, call) => mkdir(unix, call, "/work", 0o777));
          yield* p.do((unix, call) => chdir(unix, call, "/work"));
          const unix = new UnixSide(p);
          for (const operation of operations) {
            const [theirs, ours] = [host.perform(operation), yield* unix.perform(operation)];
            trace.push(`${JSON.stringify(operation)}: host ${theirs}, here ${ours}`.slice(0, 300));
            if (!same(operation, theirs, ours)) throw new Error(trace.join("\n"));
          }
        });
        expect(bed.run()).toEqual([]);
        expect(leaks(bed)).toEqual({});
      } finally {
        host.closeAll();
      }
    }),
    { numRuns: RUNS, ...seeded() },
  );
  process.umask(before);
});
