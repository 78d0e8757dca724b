/** Calls on a terminal (ioctl's tty requests): attributes, window, the session and its foreground. */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../call.ts";
import type { Process } from "../process.ts";
import type { Unix } from "../unix.ts";
import { getFile } from "./descriptors.ts";
import type { Termios, WindowSize } from "./termios.ts";
import type { Tty } from "./tty.ts";

/** The terminal of a descriptor. @throws UnixError EBADF, ENOTTY */
function* getTty(call: Call, number: number): Blocking<Tty> {
  const file = yield* getFile(call, number);
  if (file.tty === undefined) throw new UnixError("ENOTTY");
  return file.tty;
}

/** As getTty, for the caller's controlling terminal only. @throws UnixError EBADF, ENOTTY */
function* getOwnTty(call: Call, number: number): Blocking<Tty> {
  const tty = yield* getTty(call, number);
  if (call.process.session.tty !== tty) throw new UnixError("ENOTTY");
  return tty;
}

export function* tcgetattr(_unix: Unix, call: Call, number: number): Blocking<Termios> {
  return (yield* getTty(call, number)).termios;
}

/** TCSANOW, TCSADRAIN (output is always out when write returns), TCSAFLUSH. @throws UnixError EBADF, ENOTTY, EIO, EINTR */
export function* tcsetattr(
  _unix: Unix,
  call: Call,
  number: number,
  when: "now" | "drain" | "flush",
  termios: Termios,
): Blocking<void> {
  const tty = yield* getTty(call, number);
  yield* tty.checkChange(call.process);
  tty.setTermios(termios, when === "flush");
}

/** Throws input away (TCIFLUSH, TCIOFLUSH); output never waits. */
export function* tcflush(
  _unix: Unix,
  call: Call,
  number: number,
  which: "input" | "output" | "both",
): Blocking<void> {
  const tty = yield* getTty(call, number);
  yield* tty.checkChange(call.process);
  if (which !== "output") tty.flushInput();
}

/** TCOOFF and TCOON. */
export function* tcflow(_unix: Unix, call: Call, number: number, stopped: boolean): Blocking<void> {
  const tty = yield* getTty(call, number);
  yield* tty.checkChange(call.process);
  tty.setFlow(stopped);
}

/** tcsendbreak and tcdrain: nothing to wait for, and nobody to see a break. */
export function* tcdrain(_unix: Unix, call: Call, number: number): Blocking<void> {
  const tty = yield* getTty(call, number);
  yield* tty.checkChange(call.process);
}

export function* tcgetpgrp(_unix: Unix, call: Call, number: number): Blocking<number> {
  const tty = yield* getOwnTty(call, number);
  return tty.foreground?.id ?? 0x7fffffff;
}

/** @throws UnixError EBADF, ENOTTY, EPERM when the group is in another session, EINTR */
export function* tcsetpgrp(unix: Unix, call: Call, number: number, id: number): Blocking<void> {
  const tty = yield* getOwnTty(call, number);
  yield* tty.checkChange(call.process);
  if (id < 0) throw new UnixError("EINVAL");
  const group = unix.group(id);
  if (group?.session !== call.process.session) throw new UnixError("EPERM");
  tty.foreground = group;
}

export function* tcgetsid(_unix: Unix, call: Call, number: number): Blocking<number> {
  return (yield* getOwnTty(call, number)).session!.id;
}

export function* getWindowSize(_unix: Unix, call: Call, number: number): Blocking<WindowSize> {
  return (yield* getTty(call, number)).windowSize;
}

export function* setWindowSize(
  _unix: Unix,
  call: Call,
  number: number,
  size: WindowSize,
): Blocking<void> {
  yield* (yield* getTty(call, number)).setWindowSize(size);
}

/** Makes a terminal the one of a leader's session. */
export function setControllingTerminal(process: Process, tty: Tty): void {
  const { session } = process;
  session.tty = tty;
  tty.session = session;
  tty.foreground = process.group;
}

/** TIOCSCTTY. @throws UnixError EBADF, ENOTTY, EPERM */
export function* takeTerminal(_unix: Unix, call: Call, number: number): Blocking<void> {
  const tty = yield* getTty(call, number);
  const { process } = call;
  const { session } = process;
  if (session.tty === tty) return;
  if (session.leader !== process || session.tty !== undefined || tty.session !== undefined)
    throw new UnixError("EPERM");
  setControllingTerminal(process, tty);
}

/** TIOCNOTTY. @throws UnixError EBADF, ENOTTY */
export function* giveUpTerminal(_unix: Unix, call: Call, number: number): Blocking<void> {
  const tty = yield* getOwnTty(call, number);
  if (call.process.session.leader !== call.process) throw new UnixError("EPERM");
  tty.leave(call.process.session);
}
