// OSF/1's calls that are more than a message in line: long reads and writes, and select, whose sets the
// emulator makes whole.
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS } from "../../../host/bench/configurations.ts";
import type { UnixMachine } from "../../../host/osf1/boot.ts";
import { call, run } from "./program.ts";

const DATA = `f:	.stringz	"f"\n	.align	8\n`;
const [EFAULT, EINVAL] = [14, 22];
const WILD = 0x3ffff000;

describe.each(CONFIGURATIONS.map(({ name }, i) => [name, i] as const))("%s", (_, index) => {
  const configuration = CONFIGURATIONS[index]!;

  test("long reads and writes carry all their bytes, short ones at the end of a file", async () => {
    const [LENGTH, MORE, HUGE] = [20_000, 50_000, 70_000];
    const fill = `
	address	long_data,%r19
	ldil	L%${LENGTH},%r20
	ldo	R%${LENGTH}(%r20),%r20
	ldi	1,%r21
fill_more:
	stb	%r21,0(%r19)
	ldo	1(%r19),%r19
	addib,>	-1,%r20,fill_more
	ldo	7(%r21),%r21
`;
    const compare = `
	address	long_data,%r19
	address	long_room,%r20
	ldil	L%${LENGTH},%r21
	ldo	R%${LENGTH}(%r21),%r21
	ldi	0,%r28
compare_more:
	ldbs,ma	1(%r19),%r22
	ldbs,ma	1(%r20),%r23
	comclr,=	%r22,%r23,%r0
	ldo	1(%r28),%r28
	addib,>	-1,%r21,compare_more
	nop
	note	%r28
`;
    const { notes, result } = await run(
      configuration,
      [
        `${fill}\taddress\tf,%r26\n\tldi\t420,%r25\n\tnative\t8\n`,
        call(4, 3, "long_data", LENGTH),
        call(45, "f", 0, 0),
        call(3, 4, "long_room", MORE),
        compare,
        call(3, 4, "long_room", MORE),
        call(4, 3, WILD, LENGTH),
        call(19, 3, 0, 1),
        call(4, 3, "long_data", HUGE),
        call(19, 4, 0, 0),
        call(3, 4, WILD, LENGTH),
        call(3, 99, "long_room", LENGTH),
      ].join(""),
      `${DATA}\t.bss\n\t.align\t8\nlong_data:\t.block\t${HUGE}\nlong_room:\t.block\t${HUGE}\n`,
    );
    const EBADF = 9;
    expect(notes).toEqual([
      ...[LENGTH, 0, 4, 0, LENGTH, 0, 0],
      ...[0, 0, -1, EFAULT, LENGTH, 0, HUGE, 0],
      ...[0, 0, -1, EFAULT, -1, EBADF],
    ]);
    // Memory out of line goes by message, wherever the server is (paper §5).
    expect(result.calls.routineMessages).toBeGreaterThanOrEqual(4);
  });

  test("pages that a long call carries are nobody's afterwards", async () => {
    let machine: UnixMachine | undefined;
    const found: { readonly pages: number; readonly entries: number; readonly copies: number }[] =
      [];
    const ROUNDS = 20;
    const calls = [
      call(19, 3, 0, 0),
      call(3, 3, "long_room", 20_000),
      call(3, 3, "long_room", 20_000),
      call(3, 3, WILD, 20_000),
      call(3, 99, "long_room", 20_000),
      call(4, 99, "long_room", 20_000),
      call(4, 3, "long_room", 10_000),
    ].join("");
    const mark = "\tldi\t2,%r26\n\taddress\tf,%r25\n\tldi\t1,%r24\n\tnative\t4\n";
    await run(
      configuration,
      [
        "\taddress\tf,%r26\n\tldil\tL%0x202,%r25\n\tldo\tR%0x202(%r25),%r25\n\tldi\t420,%r24\n\tnative\t45\n",
        ...Array.from({ length: ROUNDS }, () => [calls, mark]).flat(),
      ].join(""),
      `${DATA}\t.bss\n\t.align\t8\nlong_room:\t.block\t20000\n`,
      {
        observe: (observed) => (machine = observed),
        marked: () => {
          const { vm } = machine!.kernel;
          const entries = [...vm.maps.values()].reduce(
            (sum, map) => sum + [...map.entries].length,
            0,
          );
          found.push({ pages: vm.pages.freeCount, entries, copies: vm.copies.size });
        },
      },
    );
    // A page or an entry here and there is the server's own; a call's would be one a round at least.
    const [first, last] = [found[1]!, found.at(-1)!];
    expect(found).toHaveLength(ROUNDS);
    expect(last.copies).toBe(0);
    expect(first.pages - last.pages).toBeLessThan(ROUNDS / 2);
    expect(last.entries - first.entries).toBeLessThan(ROUNDS / 2);
  });

  test("select tells what is ready, waits no longer than it may, and takes no wild sets", async () => {
    const sets = "sets:\t.word\t0, 0, 0, 0\nlimit:\t.word\t0, 20000\nbad:\t.word\t0, 1000000\n";
    const put = (read: number, write: number): string => `
	address	sets,%r19
	ldi	${read},%r20
	stw	%r20,0(%r19)
	ldi	${write},%r20
	stw	%r20,4(%r19)
`;
    const select = (count: number, ...[read, write, limit]: readonly (string | number)[]): string =>
      `${call(93, count, read!, write!, 0).replace(
        /\tnative/,
        typeof limit === "string"
          ? `\taddress\t${limit},%r19\n\tstw\t%r19,-52(%sp)\n\tnative`
          : "\tstw\t%r0,-52(%sp)\n\tnative",
      )}\taddress\tsets,%r19\n\tldw\t0(%r19),%r20\n\tnote\t%r20\n\tldw\t4(%r19),%r20\n\tnote\t%r20\n`;
    const { notes } = await run(
      configuration,
      [
        `\tnative\t42\n${put(1 << 3, 1 << 4)}`,
        select(5, "sets", "sets + 4", 0),
        put(1 << 3, 0),
        select(5, "sets", 0, "limit"),
        put(1 << 9, 0),
        select(5, "sets", 0, "limit"),
        put(1 << 9, 0),
        select(16, "sets", 0, "limit"),
        select(5, WILD, 0, "limit"),
        select(5, "sets", 0, "bad"),
        select(-1, 0, 0, "limit"),
      ].join(""),
      `${sets}${DATA}`,
    );
    const EBADF = 9;
    expect(notes).toEqual([
      ...[1, 0, 0, 1 << 4],
      ...[0, 0, 0, 0],
      ...[0, 0, 0, 0],
      ...[-1, EBADF, 1 << 9, 0],
      ...[-1, EFAULT, 1 << 9, 0],
      ...[-1, EINVAL, 1 << 9, 0],
      ...[-1, EINVAL, 1 << 9, 0],
    ]);
  });
});
