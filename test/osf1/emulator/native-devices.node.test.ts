// OSF/1's calls on terminals, directories and the clock, and a handler that leaves by sigreturn, in all
// configurations. Numbers and layouts are those of 4.3BSD-Reno's headers, written out: they are the oracle.
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS, INKS_TRAP } from "../../../host/bench/configurations.ts";
import { NATIVE_CALLS } from "../../../host/osf1/native/calls.ts";
import { call, run } from "./program.ts";

const [EPERM, EFAULT, EINVAL, ENOTTY, EAGAIN, ENOSYS] = [1, 14, 22, 25, 35, 78];
const WILD = 0x3ffff000;
const TIOC = {
  GETA: 0x402c7413,
  SETA: 0x802c7414,
  SETAF: 0x802c7416,
  SCTTY: 0x20007461,
  SWINSZ: 0x80087467,
  GWINSZ: 0x40087468,
  NOTTY: 0x20007471,
  SPGRP: 0x80047476,
  GPGRP: 0x40047477,
  FLUSH: 0x80047410,
};
const FIO = { NREAD: 0x4004667f, NBIO: 0x8004667e, CLEX: 0x20006601 };

const DATA = `
console: .stringz "/dev/console"
d:	.stringz	"d"
file:	.stringz	"d/name"
f:	.stringz	"f"
	.align	8
room:	.block	256
group:	.word	0
one:	.word	1
time:	.word	1000000000, 250000
bad_time: .word	0, 1000000
size:	.half	30, 100, 0, 0
`;

/** A word of the data, noted. */
const word = (place: string): string =>
  `\taddress\t${place},%r19\n\tldw\t0(%r19),%r20\n\tnote\t%r20\n`;

describe.each(CONFIGURATIONS.map(({ name }, i) => [name, i] as const))("%s", (_, index) => {
  const configuration = CONFIGURATIONS[index]!;

  test("ioctl knows terminals, windows, groups, and what waits", async () => {
    const { notes } = await run(
      configuration,
      [
        call(45, "console", 2, 0),
        call(54, 3, TIOC.GETA, "room"),
        ...[0, 4, 8, 12, 16, 24, 32, 36].map((at) => word(`room + ${at}`)),
        // No echo, and no character that interrupts.
        "\taddress\troom,%r19\n\tldw\t12(%r19),%r20\n\tdepi\t0,28,1,%r20\n\tstw\t%r20,12(%r19)\n",
        "\tldi\t255,%r20\n\tstb\t%r20,24(%r19)\n",
        call(54, 3, TIOC.SETAF, "room"),
        "\taddress\troom,%r19\n\tstw\t%r0,12(%r19)\n",
        call(54, 3, TIOC.GETA, "room"),
        word("room + 12"),
        word("room + 24"),
        call(54, 3, TIOC.SWINSZ, "size"),
        call(54, 3, TIOC.GWINSZ, "room"),
        word("room"),
        call(54, 3, TIOC.FLUSH, "one"),
        call(54, 3, TIOC.GPGRP, "group"),
        call(147),
        call(54, 3, TIOC.SCTTY, 0),
        call(54, 3, TIOC.GPGRP, "group"),
        call(54, 3, TIOC.SPGRP, "group"),
        word("group"),
        call(54, 3, TIOC.SPGRP, "one"),
        call(54, 3, TIOC.NOTTY, 0),
        call(54, 3, TIOC.GETA, WILD),
        call(54, 3, TIOC.SETA, WILD),
        call(54, 3, 0x5401, "room"),
      ].join(""),
      DATA,
    );
    const pid = notes[27]!;
    const done = [0, 0];
    expect(pid).toBeGreaterThan(1);
    expect(notes).toEqual([
      ...[3, 0, ...done],
      // ICRNL IXON, OPOST ONLCR, CREAD CS8, ECHOKE ECHOE ECHOK ECHO ECHOCTL ISIG ICANON IEXTEN
      ...[0x300, 0x3, 0xb00, 0x5cf],
      // EOF EOL EOL2 ERASE, INTR QUIT SUSP DSUSP, MIN TIME, speed
      ...[0x04ffff7f, 0x031c1aff, 0x0100ffff, 38400],
      ...done,
      ...[...done, 0x5c7, 0xff1c1aff | 0],
      ...[...done, ...done, (30 << 16) | 100, ...done],
      ...[-1, ENOTTY],
      ...[pid, 0, ...done, ...done, ...done, pid],
      ...[-1, EPERM],
      ...done,
      ...[-1, EFAULT, -1, EFAULT, -1, ENOTTY],
    ]);
  });

  test("ioctl of a pipe and a file: how much there is, not to wait; no terminal's requests", async () => {
    const { notes } = await run(
      configuration,
      [
        "\tnative\t42\n",
        call(4, 4, "room", 10),
        call(54, 3, FIO.NREAD, "group"),
        word("group"),
        call(3, 3, "room", 10),
        call(54, 3, FIO.NBIO, "one"),
        call(3, 3, "room", 10),
        call(8, "f", 0o644),
        call(54, 5, TIOC.GETA, "room"),
        call(54, 5, FIO.CLEX, 0),
        call(92, 5, 1, 0),
      ].join(""),
      DATA,
    );
    expect(notes).toEqual([
      ...[10, 0, 0, 0, 10, 10, 0, 0, 0, -1, EAGAIN],
      ...[5, 0, -1, ENOTTY, 0, 0, 1, 0],
    ]);
  });

  test("getdirentries gives whole entries, and where they began", async () => {
    const { notes } = await run(
      configuration,
      [
        call(136, "d", 0o755),
        call(8, "file", 0o644),
        call(45, "d", 0, 0),
        call(159, 4, "room", 30, "group"),
        ...[4, 8, 16, 20].map((at) => word(`room + ${at}`)),
        word("group"),
        call(159, 4, "room", 11, "group"),
        call(159, 4, "room", 256, "group"),
        ...[4, 8, 12].map((at) => word(`room + ${at}`)),
        call(159, 4, "room", 256, "group"),
        call(159, 3, "room", 256, "group"),
        call(159, 4, WILD, 256, WILD),
      ].join(""),
      DATA,
    );
    const ENOTDIR = 20;
    expect(notes).toEqual([
      ...[0, 0, 3, 0, 4, 0],
      // {length, length of the name}, name: "." and ".."
      ...[24, 0, (12 << 16) | 1, 0x2e000000, (12 << 16) | 2, 0x2e2e0000, 0],
      ...[-1, EINVAL],
      ...[16, 0, (16 << 16) | 4, 0x6e616d65, 0],
      ...[0, 0, -1, ENOTDIR, -1, EFAULT],
    ]);
  });

  test("the clock goes on from where it is set", async () => {
    const { notes } = await run(
      configuration,
      [
        call(122, "time", 0),
        call(116, "room", 0),
        word("room"),
        call(122, 0, 0),
        call(122, "bad_time", 0),
        call(122, WILD, 0),
        call(23, 7),
        call(122, "time", 0),
      ].join(""),
      DATA,
    );
    expect(notes).toEqual([
      ...[0, 0, 0, 0, 1_000_000_000, 0, 0, -1, EINVAL, -1, EFAULT],
      ...[0, 0, -1, EPERM],
    ]);
  });

  test("a handler leaves by sigreturn, with the registers that its context has", async () => {
    const { notes } = await run(
      configuration,
      `
	ldi	30,%r26
	address	action,%r25
	ldi	0,%r24
	native	156
	native	20
	copy	%r28,%r26
	ldi	4711,%r9
	ldi	30,%r25
	native	37
	note	%r28
	note	%r9
	address	seen,%r19
	ldw	0(%r19),%r20
	note	%r20
${call(48, 1, 0)}${call(103, WILD)}	b,n	done
handler:
	address	seen,%r19
	stw	%r26,0(%r19)
	ldi	0,%r9
	copy	%r24,%r26
	native	103
	address	seen,%r19
	stw	%r0,0(%r19)
	b,n	done
`,
      "action:\t.word\thandler, 0, 0\nseen:\t.word\t0\n",
    );
    expect(notes).toEqual([0, 4711, 30, 0, 0, -1, EFAULT]);
  });
});

test("no call of the table is unknown to the server", async () => {
  // exit ends, execve, fork and sigreturn go elsewhere; whatever else comes of nonsense is not ENOSYS.
  const others = NATIVE_CALLS.filter(
    ({ name }) => !/^(?:exit|fork|vfork|execve|sigreturn|sigsuspend|wait4)$/.test(name),
  );
  const nonsense = others.map(
    ({ number }) => `${call(number, -1, WILD, WILD).replace(/\tnote\t%r28\n/, "")}`,
  );
  const { notes } = await run(INKS_TRAP, nonsense.join(""), DATA);
  expect(notes).toHaveLength(others.length);
  expect(others.filter((_call, i) => notes[i] === ENOSYS)).toEqual([]);
});
