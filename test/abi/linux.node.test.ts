/**
 * Numbers and layouts of Linux/hppa against the headers of the cross compiler: programs print what C
 * says they are. Ours are written once, in host/abi/linux.
 */
import { writeFileSync } from "node:fs";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { Struct } from "../../host/abi/struct.ts";
import { CALL } from "../../host/abi/linux/calls.ts";
import * as constants from "../../host/abi/linux/constants.ts";
import { ERRNO } from "../../host/abi/linux/errno.ts";
import * as files from "../../host/abi/linux/files.ts";
import * as sockets from "../../host/abi/linux/sockets.ts";
import * as signals from "../../host/abi/linux/signals.ts";
import * as structures from "../../host/abi/linux/structures.ts";
import { haveCross, Programs, runQemu } from "../bare/cross.ts";

/** Sets of constants, and single ones. */
function setsOf(module: Record<string, unknown>): [string, Readonly<Record<string, number>>][] {
  const numbers = Object.entries(module).filter(([, value]) => typeof value === "number");
  const sets = Object.entries(module).filter(
    ([name, value]) => typeof value === "object" && name !== "FCNTL_NARROW",
  );
  return [
    ...(sets as [string, Readonly<Record<string, number>>][]),
    ["numbers", Object.fromEntries(numbers) as Record<string, number>],
  ];
}

const SETS = [
  ["ERRNO", ERRNO] as const,
  ...[constants, files, signals, sockets].flatMap((module) => setsOf(module)),
] as const;

/** Ours, none that programs see, and one that the library makes larger. */
const UNNAMED = ["CLOCK_TICKS", "LAST_SIGNAL", "MINSIGSTKSZ", "RLIM_NLIMITS"];

const LIBRARY = [
  "elf",
  "errno",
  "fcntl",
  "limits",
  "poll",
  "sched",
  "signal",
  "stdio",
  "linux/futex",
  "sys/file",
  "sys/ioctl",
  "sys/mman",
  "sys/prctl",
  "sys/random",
  "sys/resource",
  "sys/socket",
  "sys/stat",
  "sys/time",
  "sys/uio",
  "sys/wait",
  "termios",
  "time",
];

/** Headers of the kernel's, which do not go together with the library's. */
const KERNEL = [
  "stddef",
  "linux/types",
  "asm/signal",
  "asm/fcntl",
  "asm/sigcontext",
  "asm/statfs",
  "asm/termbits",
  "asm/termios",
  "asm-generic/siginfo",
  "linux/poll",
  "linux/resource",
  "linux/stat",
  "linux/sysinfo",
  "linux/time_types",
  "linux/times",
  "linux/uio",
  "asm/stat",
];

/** Our structure, C's type, and where our names are not C's. */
const LAYOUTS: readonly (readonly [Struct, string, Readonly<Record<string, string>>])[] = [
  [structures.stat64 as unknown as Struct, "struct stat64", { st_ino_low: "__st_ino" }],
  [
    structures.statx as unknown as Struct,
    "struct statx",
    times("stx_atime", "stx_btime", "stx_ctime", "stx_mtime"),
  ],
  [structures.timespec64 as unknown as Struct, "struct __kernel_timespec", {}],
  [structures.timespec as unknown as Struct, "struct __kernel_old_timespec32", {}],
  [
    structures.itimerspec64 as unknown as Struct,
    "struct __kernel_itimerspec",
    {
      it_interval_sec: "it_interval.tv_sec",
      it_interval_nsec: "it_interval.tv_nsec",
      it_value_sec: "it_value.tv_sec",
      it_value_nsec: "it_value.tv_nsec",
    },
  ],
  [structures.sigevent as unknown as Struct, "sigevent_t", { sigev_tid: "_sigev_un._tid" }],
  [structures.stat as unknown as Struct, "struct stat", {}],
  [structures.statfs as unknown as Struct, "struct statfs", { f_fsid_high: "f_fsid.val[1]" }],
  [structures.tms as unknown as Struct, "struct tms", {}],
  [structures.sysinfo as unknown as Struct, "struct sysinfo", {}],
  [structures.iovec as unknown as Struct, "struct iovec", {}],
  [structures.msghdr as unknown as Struct, "struct msghdr", {}],
  [structures.pollfd as unknown as Struct, "struct pollfd", {}],
  [structures.flock as unknown as Struct, "struct flock", {}],
  [structures.flock64 as unknown as Struct, "struct flock64", {}],
  [structures.termios as unknown as Struct, "struct termios", {}],
  [structures.winsize as unknown as Struct, "struct winsize", {}],
  [
    structures.rusage as unknown as Struct,
    "struct rusage",
    {
      ru_utime: "ru_utime.tv_sec",
      ru_utime_usec: "ru_utime.tv_usec",
      ru_stime: "ru_stime.tv_sec",
      ru_stime_usec: "ru_stime.tv_usec",
    },
  ],
  [structures.statfs64 as unknown as Struct, "struct statfs64", { f_fsid_high: "f_fsid.val[1]" }],
  [structures.stackT as unknown as Struct, "stack_t", {}],
  [
    structures.siginfo as unknown as Struct,
    "siginfo_t",
    {
      si_value: "_sifields._rt._sigval",
    },
  ],
  [
    structures.ucontext as unknown as Struct,
    "struct ucontext",
    {
      ss_sp: "uc_stack.ss_sp",
      ss_flags: "uc_stack.ss_flags",
      ss_size: "uc_stack.ss_size",
      sc_flags: "uc_mcontext.sc_flags",
      sc_gr: "uc_mcontext.sc_gr",
      sc_fr: "uc_mcontext.sc_fr",
      sc_iasq: "uc_mcontext.sc_iasq",
      sc_iasq_back: "uc_mcontext.sc_iasq[1]",
      sc_iaoq: "uc_mcontext.sc_iaoq",
      sc_iaoq_back: "uc_mcontext.sc_iaoq[1]",
      sc_sar: "uc_mcontext.sc_sar",
      uc_sigmask_high: "uc_sigmask.sig[1]",
    },
  ],
];

function times(...fields: string[]): Record<string, string> {
  return Object.fromEntries(
    fields.flatMap((field) => [
      [field, `${field}.tv_sec`],
      [`${field}_nsec`, `${field}.tv_nsec`],
    ]),
  );
}

const OURS_ONLY = /^(pad|spare)/;
/** What the kernel has and its exported headers have not. */
const NOT_EXPORTED = `
typedef struct { unsigned long sig[2]; } sigset_t;
struct msghdr { void *msg_name; int msg_namelen; struct iovec *msg_iov; __kernel_size_t msg_iovlen;
  void *msg_control; __kernel_size_t msg_controllen; unsigned int msg_flags; };
struct __kernel_old_timespec32 { __kernel_long_t tv_sec; long tv_nsec; };
#include <asm-generic/ucontext.h>
`;

const include = (names: readonly string[]): string =>
  names.map((name) => `#include <${name}.h>\n`).join("");

describe.runIf(haveCross())("Linux/hppa", () => {
  let programs: Programs;
  beforeAll(() => {
    programs = new Programs();
  });
  afterAll(() => programs?.remove());

  /** Compiles a program whose main has these statements; the lines it prints. */
  async function printed(head: string, statements: readonly string[]): Promise<string[]> {
    const file = programs.path("print");
    const body = statements.map((text) => `  ${text}\n`).join("");
    writeFileSync(
      `${file}.c`,
      `#define _GNU_SOURCE\n${head}\nint main(void) {\n${body}  return 0;\n}\n`,
    );
    await programs.compileFile(`${file}.c`, file);
    return runQemu(file).stdout.split("\n").slice(0, -1);
  }

  test.each(SETS)("constants: %s", async (_, set) => {
    const entries = Object.entries(set).filter(([name]) => !UNNAMED.includes(name));
    const names = entries.map(([name]) => name);
    const lines = await printed(
      include(LIBRARY),
      names.map((name) => `printf("${name} %d\\n", (int)${name});`),
    );
    expect(lines).toEqual(entries.map(([name, value]) => `${name} ${value | 0}`));
  });

  test("numbers of system calls", async () => {
    const calls = Object.entries(CALL);
    const lines = await printed(
      include(["asm/unistd", "stdio"]),
      calls.map(([name]) => `printf("${name} %d\\n", __NR_${name});`),
    );
    expect(lines).toEqual(calls.map(([name, number]) => `${name} ${number}`));
  });

  test.each(LAYOUTS.map((row) => [row[1], ...row] as const))(
    "layout: %s",
    async (_, layout, type, names) => {
      const fields = Object.keys(layout.offset).filter((field) => !OURS_ONLY.test(field));
      const lines = await printed(
        `${include(KERNEL)}${NOT_EXPORTED}int printf(const char *, ...);\n`,
        [
          `printf("size %d\\n", (int)sizeof(${type}));`,
          ...fields.map(
            (field) =>
              `printf("${field} %d\\n", (int)(long)&((${type} *)0)->${names[field] ?? field});`,
          ),
        ],
      );
      const ours = fields.map((field) => `${field} ${layout.offset[field]}`);
      expect(lines).toEqual([`size ${layout.size}`, ...ours]);
    },
  );
});
