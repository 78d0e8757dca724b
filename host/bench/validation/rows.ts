/**
 * What the paper claims or offers, one row each, and what shows that Inkwell has it: a claim of
 * host/bench/claims, a table, or a test file, which then names the row; or a note. A row without any is not yet
 * covered. The ids are the project's own, by sections of the paper (B: beyond it).
 */

import { CHANGES, copyChanges } from "../../osf1/changes.ts";

export type Evidence =
  | { readonly claim: string }
  | { readonly table: string }
  | { readonly test: string }
  /** What can only be said. */
  | { readonly note: string };

export interface Row {
  readonly id: string;
  /** The claim in short, in our words. */
  readonly says: string;
  /** Empty: not yet covered. */
  readonly by: readonly Evidence[];
}

export interface Section {
  readonly title: string;
  readonly rows: readonly Row[];
}

const claim = (id: string): Evidence => ({ claim: id });
const table = (id: string): Evidence => ({ table: id });
const test = (path: string): Evidence => ({ test: `test/${path}` });
const note = (says: string): Evidence => ({ note: says });
const row = (id: string, says: string, ...by: Evidence[]): Row => ({ id, says, by });

const INKS = test("mach/inks/inks.node.test.ts");
const MATRIX = test("mach/inks/matrix.node.test.ts");
const SERVER_CALLS = test("mach/inks/server-calls.node.test.ts");
const CONFORMANT = test("mach/inks/conformant.node.test.ts");
const RANGE = test("mach/inks/range.node.test.ts");
const TABLES = test("mach/inks/tables.node.test.ts");
const NESTED = test("mach/inks/nested.node.test.ts");
const KERNEL_MAP = test("mach/inks/kernel-map.node.test.ts");
const HAZARDS = test("mach/inks/hazards.node.test.ts");
const UNIX_HAZARDS = test("osf1/server/hazards.node.test.ts");
const TASKLESS = test("mach/inks/taskless.node.test.ts");
const DEFAULT_PAGER = test("mach/boot/default-pager.node.test.ts");
const FAULT = test("osf1/fault/fault.node.test.ts");
const WILD = test("osf1/fault/wild-stores.node.test.ts");
const PANIC = test("mach/inks/panic.node.test.ts");
const BOOT = test("mach/boot/boot.node.test.ts");
const STOPS = test("mach/guest-stops.node.test.ts");
const TRAPPABLE = test("kmig/trappable.node.test.ts");
const GENERIC = test("kmig/generic-call.node.test.ts");
const UTHREAD = test("osf1/server/uthread.node.test.ts");
const PUBLISHED = test("kmig/published.node.test.ts");
const UNIX_PROGRAMS = test("osf1/programs.node.test.ts");
const COUNTED = test("osf1/communication.node.test.ts");
const ANDREW = test("bench/andrew.node.test.ts");
const OBSERVABLE = test("osf1/emulator/observable.node.test.ts");
const EMULATOR = test("osf1/emulator/native.node.test.ts");
const VALIDATION = test("bench/validation.node.test.ts");

const UNIX_EXECVE = test("osf1/emulator/execve.node.test.ts");
const MULTIUSER = test("osf1/server/multiuser.node.test.ts");
const CHANGED = test("osf1/changes.node.test.ts");

const { files, functions } = copyChanges();
const THREADS =
  "which fault of C threads was mended the paper does not say. Here the server's threads are libmach's, " +
  "unchanged; one thing stands where it would not stand without traps: a thread's reply port is in its " +
  "uthread, found from the stack, as a client's thread that has trapped needs one too";
const MODEST =
  `of the server and its emulator, ${CHANGES.length} functions know of traps: ` +
  CHANGES.map(({ file, name, why }) => `${name} in ${file} (${why})`).join("; ");
const COPIES =
  `here ${functions} functions in ${files} files: ` +
  CHANGES.flatMap(({ name, copies }) => (copies ? [name] : [])).join(", ");

export const SECTIONS: readonly Section[] = [
  {
    title: "Abstract, goals, compatibility (§1–§2.2)",
    rows: [
      row(
        "G1",
        "an RPC takes a third of the cycles",
        table("3"),
        claim("factor-of-three"),
        claim("messages-three-times-a-trap"),
        claim("ratios"),
      ),
      row(
        "G2",
        "Unix calls to the server gain from 20 % to a factor of two",
        claim("unix-calls-gain"),
      ),
      row("G3", "large benchmarks gain 4 to 13 %", claim("large-benchmarks-gain")),
      row("G4", "the path of an RPC is taken apart, stage by stage", table("1"), table("2")),
      row(
        "G5",
        "the context switch is a minor part; entry, exit, copies and ports are the rest",
        claim("switch-is-minor"),
        claim("where-the-cost-is"),
        claim("shares-of-the-path"),
      ),
      row("G6", "clients cannot tell where the server is", INKS),
      row("G7", "five goals, each with what serves it"),
      row("C1", "one server source, in and out of the kernel", INKS),
      row("C2", "old clients and servers run on the new kernel", MATRIX),
      row("C3", "new clients work with old servers", INKS, MATRIX),
      row("C4", "new clients and servers work on old kernels", MATRIX),
      row("C5", "Unix programs see only the emulator", UNIX_PROGRAMS, OBSERVABLE),
      row("C6", "one linked binary, in and out of the kernel", INKS),
      row("C7", "a conformant server needs a few lines of boilerplate", CONFORMANT),
      row("C8", "placement alone gains little", claim("placement-alone-gains-little")),
      row("C9", "C threads needed no change but one fix", CHANGED, note(THREADS)),
      row("C10", "the Unix server and its emulator changed little", CHANGED, note(MODEST)),
    ],
  },
  {
    title: "Design (§2.3)",
    rows: [
      row("D1", "an in-kernel server is a task of its own on the kernel's map", INKS),
      row("D2", "two changes to the kernel: a loader, and more for kernel tasks"),
      row("D3", "dispatch tables are generated, and registered first of all", INKS, TRAPPABLE),
      row(
        "D4",
        "a client stub is a trap with the message's number",
        INKS,
        claim("client-stub-is-small"),
      ),
      row("D5", "number, port, table, stub; or an error, and the client sends a message", INKS),
      row("D6", "the server's stack, data pointer and task are set, and put back", INKS),
      row("D7", "the server's stub copies in, calls, copies out", table("2")),
      row("D8", "ports address and protect; a trap needs a send right", INKS),
      row("D9", "trap tables are not global: servers may use the same numbers", INKS),
      row("D10", "the client's thread moves into the server", INKS),
    ],
  },
  {
    title: "Loading; server and kernel (§3.1–§3.2)",
    rows: [
      row("L1", "a server is linked where nothing else is; an overlap is refused", STOPS),
      row("L2", "the boot prompt asks for a server, and for its place", BOOT),
      row(
        "L3",
        "normal boot: the bootstrap thread loads the server, then is the default pager",
        DEFAULT_PAGER,
      ),
      row("L4", "in-kernel boot: a second kernel task is there before", BOOT),
      row(
        "L5",
        "the server is pageable in the kernel's space",
        test("mach/inks/pageable.node.test.ts"),
      ),
      row("K1", "the server's calls to the kernel are the same in both places", SERVER_CALLS),
      row("K2", "kernel tasks get names that a server can use", SERVER_CALLS),
      row("K3", "a server that deallocates page zero takes the kernel's", KERNEL_MAP, UNIX_HAZARDS),
      row("K4", "forking an in-kernel server's map panics", KERNEL_MAP, UNIX_HAZARDS),
      row(
        "K5",
        "server threads are preempted; a spinning one cannot stop the kernel",
        HAZARDS,
        claim("server-preempted"),
        claim("latency-problems"),
      ),
      row(
        "K6",
        "server code is told from kernel code; rescheduling is forced",
        test("mach/inks/preempted-where.node.test.ts"),
      ),
      row("K7", "a lighter system call saves over 30 % of the overhead", claim("lighter-call")),
      row("K8", "it saves less state and looks for no emulated call", SERVER_CALLS),
      row("K9", "a third place for saved state in the PCB", SERVER_CALLS),
      row("K10", "staying on the server's own stack gains 35 % more", claim("own-stack")),
      row("K11", "the server's thread changes to a kernel stack on entry", SERVER_CALLS),
      row(
        "K12",
        "continuations throw the kernel stack away, so the server may not live there",
        SERVER_CALLS,
      ),
      row("K13", "kernel stacks are small and wired, service stacks are not", TABLES),
    ],
  },
  {
    title: "User and server (§3.3)",
    rows: [
      row("U1", "routines without port rights or out-of-line memory trap", TRAPPABLE),
      row("U2", "the trap's number is base plus routine", TRAPPABLE),
      row("U3", "arguments stay where the call put them", claim("copies-by-value")),
      row("U4", "large positive numbers are servers' traps, told apart cheaply", RANGE, table("4")),
      row("U5", "port name, task, table, stub: the lookup", INKS, table("2")),
      row("U6", "the request port must come first", TRAPPABLE),
      row("U7", "the kernel changes to a service stack", INKS),
      row("U8", "arguments by value are copied to the server's stack", INKS),
      row("U9", "the thread's task is the server's; no list of threads changes", INKS),
      row("U10", "the stub keeps locals for what pointers point to", INKS, table("2")),
      row("U11", "registration tells where copyin and copyout are", INKS),
      row("U12", "task, stack and trap exit are as before afterwards", INKS),
      row("U13", "the Unix server makes its own copies", EMULATOR),
      row("U14", "hand-made generic calls beside MIG's, by message and by trap", GENERIC, EMULATOR),
      row("U15", "a uthread is valid during a call only", UTHREAD),
    ],
  },
  {
    title: "Issues (§3.4)",
    rows: [
      row(
        "X1",
        "threads migrate; they could also be switched",
        test("mach/inks/threads.node.test.ts"),
      ),
      row("X2", "a migrated thread can still be meddled with", HAZARDS),
      row("X3", "the server could be kernel code without a task", TASKLESS, table("server-task")),
      row("X4", "double copies; KMIG can leave them out", TRAPPABLE),
      row("X5", "leaving them out shows a fault of the server's", CONFORMANT, UNIX_EXECVE),
      row("X6", "three files and seven functions changed for it", CHANGED, note(COPIES)),
      row("X7", "trap tables by task allow the wrong port; by port they do not", TABLES),
      row("X8", "or the work function looks at the port", TABLES),
      row("X9", "inheriting an in-kernel server's memory is unsolved", KERNEL_MAP),
      row("X10", "task_create makes user tasks only", KERNEL_MAP),
      row("X11", "exit ends the thread that runs it", HAZARDS, UNIX_HAZARDS),
      row("X12", "servers calling servers need nested saved states", NESTED),
      row("X13", "a server with messages waiting serves them first", INKS),
      row(
        "X14",
        "servers in the kernel and their stacks cost memory, pageable",
        TABLES,
        claim("memory-physical"),
        claim("memory-virtual"),
        claim("memory-stacks"),
      ),
      row("X15", "more entries in the kernel's map slow faults", KERNEL_MAP),
    ],
  },
  {
    title: "Results (§4)",
    rows: [
      row("R0", "the same binary runs multiuser for hours; certain signals crash it", MULTIUSER),
      row("R1", "the machine that was measured", VALIDATION),
      row("R2", "almost no variance between runs", claim("no-variance")),
      row("R3", "Table 1", table("1"), claim("in-kernel-stages"), claim("halves-alike")),
      row(
        "R4",
        "Table 2, and its stages beside those of Table 1",
        table("2"),
        claim("same-stages"),
      ),
      row("R5", "a procedure call takes 15 to 25 cycles", claim("procedure-call")),
      row(
        "R6",
        "copying, entry and exit, red tape: what the trap saves",
        claim("copying"),
        claim("entry-and-exit"),
        claim("red-tape-eliminated"),
        claim("microkernel-stages"),
      ),
      row(
        "R7",
        "how often each kind of argument is copied",
        claim("copies-by-value"),
        claim("copies-in"),
        claim("copies-out"),
        claim("copies-inout"),
      ),
      row(
        "R8",
        "stage 12 is long because the test's argument is InOut",
        claim("stage-12-is-a-copy"),
        claim("stage-12-without-the-copy"),
        claim("trap-stage-9-no-artefact"),
      ),
      row("R9", "Table 3", table("3")),
      row(
        "R10",
        "what the instrumentation costs",
        claim("stamps-message"),
        claim("stamps-trap"),
        claim("stamps-consistent"),
      ),
      row(
        "R11",
        "structures copied byte by byte",
        claim("struct-copy-two"),
        claim("struct-copy-six"),
      ),
      row("R12", "Table 4", table("4"), claim("saving-of-any-call"), claim("saving-of-any-size")),
      row("R13", "calls that the emulator answers do not change", claim("emulated-calls-stay")),
      row(
        "R14",
        "Table 5",
        table("5"),
        claim("kernel-calls-gain-little"),
        claim("kernel-call-ratios"),
      ),
      row(
        "R15",
        "which system calls go by message, and which by trap",
        test("mach/server/classes.node.test.ts"),
      ),
      row(
        "R16",
        "Table 6: Andrew; the kernel's build is not there",
        table("6"),
        claim("andrew-gains"),
        claim("andrew-slower-by-message"),
      ),
      row(
        "R17",
        "single user, first run dropped, little variance",
        table("runs"),
        claim("runs-vary-little"),
        claim("andrew-varies-little"),
        claim("first-run-slower"),
      ),
      row(
        "R18",
        "the first run is slower, and most so by trap",
        claim("first-run-slower"),
        claim("trap-starts-slower"),
      ),
      row("R19", "SDET gains 8 % with one script, less than 1 % with more"),
      row("R20", "Table 7, of a workload in Andrew's manner", table("7"), ANDREW, COUNTED),
      row("R21", "Table 8, of the same", table("8"), ANDREW, COUNTED),
      row(
        "R22",
        "most calls are simple, and many messages come from the server",
        claim("simple-calls-dominate"),
        claim("server-sends-many"),
      ),
      row("R23", "counts and call costs explain the benchmarks", claim("counts-explain-andrew")),
      row(
        "R24",
        "cache effects are small and not consistent",
        claim("same-space-worsens"),
        claim("cache-not-consistent"),
      ),
    ],
  },
  {
    title: "Limits, related and future work (§5–§7)",
    rows: [
      row(
        "F1",
        "a server's fault takes the system down in the kernel, and only Unix out of it",
        PANIC,
        FAULT,
        WILD,
      ),
      row("F2", "port rights and out-of-line memory take a message", TRAPPABLE),
      row("F3", "the vnode pager handles many ports"),
      row("F4", "how Chorus does it"),
      row("F5", "other hardware"),
      row("F6", "starting up and scaling"),
      row("F7", "servers calling servers gain more", NESTED),
      row("F8", "calls from server to kernel could gain two orders of magnitude"),
      row("F9", "trap stubs for the kernel's own interfaces", PUBLISHED),
      row("F10", "binding any module across any channel"),
      row("F11", "transparent, and a step towards migrating threads"),
    ],
  },
  {
    title: "Beyond the paper",
    rows: [
      row("B1", "placement switched live in a notebook"),
      row("B2", "the machine's parameters explored"),
      row("B3", "other systems' figures beside ours"),
      row("B4", "the instruction set agrees with qemu and objdump"),
      row("B5", "every figure and claim in one report", VALIDATION),
      row("B6", "what was fitted is told from what was predicted", VALIDATION),
    ],
  },
];
