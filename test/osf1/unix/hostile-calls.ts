/** Every call, with arguments that nobody means well with: how each is made from a source of bad numbers. */
import type { Blocking } from "../../../host/osf1/ufs/device.ts";
import { MODE } from "../../../host/osf1/ufs/layout.ts";
import type { Call } from "../../../host/osf1/unix/call.ts";
import { OPEN, SIGNAL } from "../../../host/osf1/unix/constants.ts";
import * as change from "../../../host/osf1/unix/files/change.ts";
import * as copy from "../../../host/osf1/unix/files/copy.ts";
import * as control from "../../../host/osf1/unix/files/control.ts";
import * as descriptors from "../../../host/osf1/unix/files/descriptors.ts";
import * as directory from "../../../host/osf1/unix/files/directory.ts";
import { getcwd } from "../../../host/osf1/unix/files/getcwd.ts";
import * as names from "../../../host/osf1/unix/files/names.ts";
import { open } from "../../../host/osf1/unix/files/open.ts";
import { copyinPath } from "../../../host/osf1/unix/files/path.ts";
import { pipe } from "../../../host/osf1/unix/files/pipe.ts";
import { poll, select } from "../../../host/osf1/unix/files/poll.ts";
import * as sockets from "../../../host/osf1/unix/files/socket-pair.ts";
import * as status from "../../../host/osf1/unix/files/status.ts";
import * as terminals from "../../../host/osf1/unix/files/terminal-control.ts";
import { SANE } from "../../../host/osf1/unix/files/termios.ts";
import * as transfer from "../../../host/osf1/unix/files/transfer.ts";
import { futexWait, futexWake } from "../../../host/osf1/unix/futex.ts";
import { getrandom, sethostname, sysinfo, uname } from "../../../host/osf1/unix/machine.ts";
import { brk } from "../../../host/osf1/unix/memory/break.ts";
import * as locking from "../../../host/osf1/unix/memory/locking.ts";
import * as mapping from "../../../host/osf1/unix/memory/mapping.ts";
import { copyinStrings, execve } from "../../../host/osf1/unix/process/execve.ts";
import * as identity from "../../../host/osf1/unix/process/identity.ts";
import { prlimit } from "../../../host/osf1/unix/process/limits.ts";
import { getrusage, times } from "../../../host/osf1/unix/process/usage.ts";
import { wait4 } from "../../../host/osf1/unix/process/wait.ts";
import * as actions from "../../../host/osf1/unix/signals/actions.ts";
import * as kill from "../../../host/osf1/unix/signals/kill.ts";
import { DEFAULT_ACTION } from "../../../host/osf1/unix/signals/post.ts";
import { sigtimedwait } from "../../../host/osf1/unix/signals/suspend.ts";
import { clock, type Time } from "../../../host/osf1/unix/time/clocks.ts";
import { alarm, setitimer } from "../../../host/osf1/unix/time/interval.ts";
import * as timers from "../../../host/osf1/unix/time/posix-timers.ts";
import { setTime } from "../../../host/osf1/unix/time/set-time.ts";
import type { Unix } from "../../../host/osf1/unix/unix.ts";

/** Where arguments come from. */
export interface Source {
  /** A descriptor: open, closed, negative or huge. */
  fd(): number;
  /** An address: good, at the edge of a page that is not there, or nowhere. */
  address(): number;
  /** Bytes; from none to more than there are. */
  length(): number;
  /** Any number of 32 bits, signed. */
  word(): number;
  path(): string;
  pick<T>(...choices: readonly T[]): T;
}

type Hostile = (s: Source, unix: Unix, call: Call) => Blocking<unknown>;

const whence = ["set", "current", "end"] as const;
const target = (s: Source) => s.pick<change.Target>(s.fd(), { path: s.path() });
const time = (s: Source) =>
  s.pick<change.NewTime>("now", "omit", { seconds: s.word() >>> 0, nanoseconds: 5 });
const lock = (s: Source): control.LockRequest => ({
  type: s.pick("read", "write", "unlock"),
  whence: s.pick(...whence),
  start: s.word(),
  length: s.word(),
});
const segments = (s: Source) =>
  Array.from({ length: s.pick(0, 1, 3, 1025) }, () => ({
    address: s.address(),
    length: s.length(),
  }));
const end = (s: Source): copy.CopyEnd =>
  s.pick({ number: s.fd() }, { number: s.fd(), offset: s.word() });
/** Calls that wait are not to: a deadline that has passed, and O_NONBLOCK always. */
const PAST = 1;

/** By name; calls that end or replace the program are not among them. */
export const HOSTILE: Readonly<Record<string, Hostile>> = {
  read: (s, u, c) => transfer.read(u, c, s.fd(), s.address(), s.length()),
  write: (s, u, c) => transfer.write(u, c, s.fd(), s.address(), s.length()),
  readv: (s, u, c) => transfer.readv(u, c, s.fd(), segments(s)),
  writev: (s, u, c) => transfer.writev(u, c, s.fd(), segments(s)),
  pread: (s, u, c) => transfer.pread(u, c, s.fd(), s.address(), s.length(), s.word()),
  pwrite: (s, u, c) => transfer.pwrite(u, c, s.fd(), s.address(), s.length(), s.word()),
  lseek: (s, u, c) => transfer.lseek(u, c, s.fd(), s.word(), s.pick(...whence)),
  open: (s, u, c) =>
    open(u, c, s.path(), s.word() | OPEN.O_NONBLOCK, s.word(), s.pick(-100, s.fd())),
  openByAddress: function* (s, u, c) {
    yield* open(u, c, yield* copyinPath(c, s.address()), 0, 0);
  },
  close: (s, u, c) => descriptors.close(u, c, s.fd()),
  dup: (s, u, c) => descriptors.dup(u, c, s.fd(), { from: s.pick(0, s.word()) }),
  dup2: (s, u, c) => descriptors.dup2(u, c, s.fd(), s.fd()),
  dup3: (s, u, c) => descriptors.dup3(u, c, s.fd(), s.fd(), true),
  fstat: (s, u, c) => status.fstat(u, c, s.fd()),
  stat: (s, u, c) => status.stat(u, c, s.path(), { follow: s.pick(true, false), at: s.fd() }),
  statEmpty: (s, u, c) => status.stat(u, c, "", { empty: true, at: s.fd() }),
  access: (s, u, c) => status.access(u, c, s.path(), s.word()),
  statfs: (s, u, c) => status.statfs(u, c, s.path()),
  fstatfs: (s, u, c) => status.fstatfs(u, c, s.fd()),
  chmod: (s, u, c) => change.chmod(u, c, target(s), s.word()),
  chown: (s, u, c) => change.chown(u, c, target(s), s.pick(-1, s.word()), s.word()),
  utimes: (s, u, c) => change.utimes(u, c, target(s), time(s), time(s)),
  truncate: (s, u, c) => change.truncate(u, c, s.path(), s.word()),
  ftruncate: (s, u, c) => change.ftruncate(u, c, s.fd(), s.word()),
  fsync: (s, u, c) => change.fsync(u, c, s.fd()),
  umask: (s, u, c) => change.umask(u, c, s.word()),
  link: (s, u, c) => names.link(u, c, s.path(), s.path()),
  unlink: (s, u, c) => names.unlink(u, c, s.path()),
  rmdir: (s, u, c) => names.rmdir(u, c, s.path(), s.fd()),
  rename: (s, u, c) => names.rename(u, c, s.path(), s.path()),
  symlink: (s, u, c) => names.symlink(u, c, s.path(), s.path()),
  readlink: (s, u, c) => names.readlink(u, c, s.path()),
  mkdir: (s, u, c) => names.mkdir(u, c, s.path(), s.word()),
  mknod: (s, u, c) =>
    names.mknod(u, c, s.path(), s.pick(0, MODE.IFIFO, MODE.IFCHR, MODE.IFSOCK, s.word()), s.word()),
  readDirectory: (s, u, c) =>
    directory.readDirectory(u, c, s.fd(), () => s.pick(true, true, false)),
  chdir: (s, u, c) => directory.chdir(u, c, s.path()),
  fchdir: (s, u, c) => directory.fchdir(u, c, s.fd()),
  getcwd: (_, u, c) => getcwd(u, c),
  setCloseOnExec: (s, u, c) => control.setCloseOnExec(u, c, s.fd(), true),
  setStatusFlags: (s, u, c) => control.setStatusFlags(u, c, s.fd(), s.word() | OPEN.O_NONBLOCK),
  bytesReadable: (s, u, c) => control.bytesReadable(u, c, s.fd()),
  getLock: (s, u, c) => control.getLock(u, c, s.fd(), lock(s)),
  setLock: (s, u, c) => control.setLock(u, c, s.fd(), lock(s), false),
  flock: (s, u, c) => control.flock(u, c, s.fd(), s.pick("shared", "exclusive", "unlock"), false),
  pipe: (s, u, c) => pipe(u, c, { nonblocking: true, closeOnExec: s.pick(true, false) }),
  socketpair: (_, u, c) => sockets.socketpair(u, c, { nonblocking: true }),
  send: (s, u, c) => sockets.send(u, c, s.fd(), segments(s), { dontWait: true, noSignal: true }),
  receive: (s, u, c) => sockets.receive(u, c, s.fd(), segments(s), { dontWait: true }),
  shutdown: (s, u, c) => sockets.shutdown(u, c, s.fd(), s.pick("receive", "send", "both")),
  poll: (s, u, c) =>
    poll(
      u,
      c,
      Array.from({ length: 3 }, () => ({ descriptor: s.fd(), events: s.word() })),
      PAST,
    ),
  select: (s, u, c) => select(u, c, { read: [s.fd()], write: [s.fd()], except: [s.fd()] }, PAST),
  tcgetattr: (s, u, c) => terminals.tcgetattr(u, c, s.fd()),
  tcsetattr: (s, u, c) => terminals.tcsetattr(u, c, s.fd(), "flush", SANE),
  tcsetpgrp: (s, u, c) => terminals.tcsetpgrp(u, c, s.fd(), s.word()),
  tcgetpgrp: (s, u, c) => terminals.tcgetpgrp(u, c, s.fd()),
  takeTerminal: (s, u, c) => terminals.takeTerminal(u, c, s.fd()),
  getWindowSize: (s, u, c) => terminals.getWindowSize(u, c, s.fd()),
  futexWait: (s, u, c) => futexWait(u, c, s.address(), s.word(), PAST),
  futexWake: (s, u, c) => futexWake(u, c, s.address(), s.word()),
  getrandom: (s, u, c) => getrandom(u, c, s.address(), s.length()),
  sethostname: (s, u, c) => sethostname(u, c, s.path()),
  uname: (_, u, c) => uname(u, c),
  sysinfo: (_, u, c) => sysinfo(u, c),
  brk: (s, u, c) => brk(u, c, s.address()),
  mmap: (s, u, c) =>
    mapping.mmap(u, c, {
      address: s.address(),
      length: s.length(),
      protection: s.pick(0, 1, 3, 5, s.word()),
      shared: s.pick(true, false),
      fixed: s.pick(true, false),
      keep: s.pick(true, false),
      ...(s.pick(true, false) && { file: { number: s.fd(), offset: s.pick(0, 4096, s.word()) } }),
    }),
  munmap: (s, u, c) => mapping.munmap(u, c, s.address(), s.length()),
  mprotect: (s, u, c) => mapping.mprotect(u, c, s.address(), s.length(), s.pick(0, 1, 3, s.word())),
  mremap: (s, u, c) =>
    mapping.mremap(u, c, s.address(), s.length(), s.length(), { mayMove: s.pick(true, false) }),
  msync: (s, _, c) => mapping.msync(c, s.address(), s.length(), true),
  madvise: (s, u, c) => mapping.madvise(u, c, s.address(), s.length(), s.pick("none", "discard")),
  copyinStrings: (s, _, c) => copyinStrings(c, s.address()),
  execve: (s, u, c) => execve(u, c, s.path(), [new Uint8Array(s.pick(1, 200_000))], []),
  getpgid: (s, u, c) => identity.getpgid(u, c, s.word()),
  setpgid: (s, u, c) => identity.setpgid(u, c, s.pick(0, s.word()), s.pick(0, s.word())),
  setresuid: (s, u, c) => identity.setresuid(u, c, s.word(), s.word(), s.word()),
  setreuid: (s, u, c) => identity.setreuid(u, c, s.word(), s.word()),
  setgid: (s, u, c) => identity.setgid(u, c, s.word()),
  setgroups: (s, u, c) =>
    identity.setgroups(
      u,
      c,
      Array.from({ length: s.pick(1, 33) }, () => 5),
    ),
  setpriority: (s, u, c) =>
    identity.setpriority(u, c, s.pick("process", "group", "user"), s.word(), s.word()),
  prlimit: (s, u, c) =>
    prlimit(u, c, s.pick(0, s.word()), s.pick("RLIMIT_NOFILE", "RLIMIT_AS", "RLIMIT_FSIZE"), {
      soft: s.pick(20, 1e7, Infinity),
      hard: s.pick(20, 1e7, Infinity),
    }),
  getrusage: (s, u, c) => getrusage(u, c, s.pick("self", "children")),
  times: (_, u, c) => times(u, c),
  clock: (s, u, c) => clock(u, c, s.pick("realtime", "monotonic", "processor")),
  wait4: (s, u, c) => wait4(u, c, s.word(), { noHang: true }),
  sigaction: (s, u, c) =>
    actions.sigaction(u, c, s.word(), { ...DEFAULT_ACTION, handler: "ignore" }),
  sigprocmask: (s, u, c) => actions.sigprocmask(u, c, "unblock", BigInt(s.word() >>> 0)),
  sigaltstack: (s, u, c) =>
    actions.sigaltstack(u, c, s.address(), {
      address: s.address(),
      size: s.length(),
      enabled: true,
    }),
  kill: (s, u, c) => kill.kill(u, c, s.pick(-29_999, 29_999, 0x7fffffff), s.word()),
  tgkill: (s, u, c) => kill.tgkill(u, c, s.word(), s.word(), s.pick(0, SIGNAL.SIGCONT, 99)),
  sigqueue: (s, u, c) => kill.sigqueue(u, c, s.word(), s.pick(0, 99), s.word()),
  sigtimedwait: (s, u, c) => sigtimedwait(u, c, BigInt(s.word() >>> 0), PAST),
  timer_create: (s, u, c) =>
    timers.timer_create(u, c, s.pick("realtime", "monotonic", "processor"), () => ({
      signal: s.pick(SIGNAL.SIGCONT, s.word()),
      value: s.word(),
    })),
  timer_settime: (s, u, c) =>
    timers.timer_settime(u, c, s.pick(0, 1, s.word()), {
      first: s.pick<number | Time>(0, s.word() >>> 0, { seconds: s.word(), nanoseconds: 0 }),
      interval: s.pick(0, 1, s.word() >>> 0),
    }),
  timer_gettime: (s, u, c) => timers.timer_gettime(u, c, s.pick(0, 1, s.word())),
  timer_getoverrun: (s, u, c) => timers.timer_getoverrun(u, c, s.pick(0, 1, s.word())),
  timer_delete: (s, u, c) => timers.timer_delete(u, c, s.pick(0, 1, s.word())),
  setTime: (s, u, c) => setTime(u, c, { seconds: s.word(), nanoseconds: s.pick(0, s.word()) }),
  mlock: (s, u, c) => locking.mlock(u, c, s.address(), s.length() >>> 0),
  munlock: (s, u, c) => locking.munlock(u, c, s.address(), s.length() >>> 0),
  mlockall: (s, u, c) =>
    locking.mlockall(u, c, { current: s.pick(true, false), future: s.pick(true, false) }),
  munlockall: (_, u, c) => locking.munlockall(u, c),
  sendfile: (s, u, c) => copy.sendfile(u, c, s.fd(), end(s), s.length()),
  copyFileRange: (s, u, c) => copy.copyFileRange(u, c, end(s), end(s), s.length()),
  alarm: (_, u, c) => alarm(u, c, 0),
  setitimer: (s, u, c) => setitimer(u, c, "real", { left: 0, interval: s.word() >>> 0 }),
};
