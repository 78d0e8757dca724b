/**
 * What the oracle answers to the programs of test/osf1/programs. The transcripts are files, which a
 * reviewer reads and the Unix server is held against where no oracle is installed;
 * `npx vitest run -u test/osf1/transcripts.node.test.ts` records them again.
 */
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { haveCross, Programs } from "../bare/cross.ts";
import { OF_SUPERUSER, PROGRAMS, sourceOf, transcriptOf, underQemu } from "./transcripts.ts";

const isSuperuser = process.getuid?.() === 0;

describe.runIf(haveCross())("transcripts under qemu-hppa", () => {
  let programs: Programs;
  beforeAll(() => {
    programs = new Programs();
  });
  afterAll(() => programs?.remove());

  test.each(PROGRAMS.filter((name) => isSuperuser || !OF_SUPERUSER.includes(name)))(
    "%s",
    async (name) => {
      const file = programs.path(name);
      await programs.compileFile(sourceOf(name), file);
      await expect(await underQemu(file)).toMatchFileSnapshot(transcriptOf(name));
    },
  );
});
