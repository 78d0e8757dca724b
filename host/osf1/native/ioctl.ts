/**
 * OSF/1's ioctl: 4.3BSD's requests for all files and for terminals (sys/ioctl.h, sys/termios.h of
 * 4.3BSD-Reno, which OSF/1 has). A request's number says which way its argument goes, and how long it is.
 */
import { ArrayBytes, struct, words } from "../../abi/struct.ts";
import { getBytes, getWords, putWords } from "../caller-words.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import { bytesReadable, setCloseOnExec, setNonblocking } from "../unix/files/control.ts";
import { getDescriptor } from "../unix/files/descriptors.ts";
import * as terminal from "../unix/files/terminal-control.ts";
import { CONTROL_CHARACTERS, type ControlCharacter, type Termios } from "../unix/files/termios.ts";
import type { Unix } from "../unix/unix.ts";

/** `struct termios`; flags are this Unix's own numbers. */
const termios = struct("osf1_termios", "OTERMIOS", {
  ...words("c_iflag", "c_oflag", "c_cflag", "c_lflag"),
  c_cc: ["u8", 20],
  ...words("c_ispeed", "c_ospeed"),
});
const winsize = struct("osf1_winsize", "OWINSIZE", {
  ws_row: "u16",
  ws_col: "u16",
  ws_xpixel: "u16",
  ws_ypixel: "u16",
});

/** Places in c_cc. */
const CHARACTER: Readonly<Record<ControlCharacter, number>> = {
  VEOF: 0,
  VEOL: 1,
  VEOL2: 2,
  VERASE: 3,
  VWERASE: 4,
  VKILL: 5,
  VREPRINT: 6,
  VINTR: 8,
  VQUIT: 9,
  VSUSP: 10,
  VSTART: 12,
  VSTOP: 13,
  VLNEXT: 14,
  VMIN: 16,
  VTIME: 17,
};
/** A character that is none (_POSIX_VDISABLE). */
const DISABLED = 0xff;
const COUNTS: readonly ControlCharacter[] = ["VMIN", "VTIME"];

const request = (direction: number, group: "f" | "t", number: number, bytes = 0): number =>
  (direction | (bytes << 16) | (group.charCodeAt(0) << 8) | number) >>> 0;
const _IO = (group: "f" | "t", number: number) => request(0x20000000, group, number);
const _IOR = (group: "f" | "t", number: number, bytes: number) =>
  request(0x40000000, group, number, bytes);
const _IOW = (group: "f" | "t", number: number, bytes: number) =>
  request(0x80000000, group, number, bytes);
const INT = 4;

/** The requests, by their names. */
export const NATIVE_IOCTL = {
  FIOCLEX: _IO("f", 1),
  FIONCLEX: _IO("f", 2),
  FIONREAD: _IOR("f", 127, INT),
  FIONBIO: _IOW("f", 126, INT),
  TIOCFLUSH: _IOW("t", 16, INT),
  TIOCGETA: _IOR("t", 19, termios.size),
  TIOCSETA: _IOW("t", 20, termios.size),
  TIOCSETAW: _IOW("t", 21, termios.size),
  TIOCSETAF: _IOW("t", 22, termios.size),
  TIOCDRAIN: _IO("t", 94),
  TIOCSCTTY: _IO("t", 97),
  TIOCSWINSZ: _IOW("t", 103, winsize.size),
  TIOCGWINSZ: _IOR("t", 104, winsize.size),
  TIOCSTART: _IO("t", 110),
  TIOCSTOP: _IO("t", 111),
  TIOCNOTTY: _IO("t", 113),
  TIOCSPGRP: _IOW("t", 118, INT),
  TIOCGPGRP: _IOR("t", 119, INT),
} as const;

/** Of TIOCFLUSH's word: which queues; none is both. */
const FREAD = 1;
const FWRITE = 2;

function termiosBytes({ input, output, control, local, characters, speed }: Termios): Uint8Array {
  const bytes = new Uint8Array(termios.size);
  const view = termios.at(new ArrayBytes(bytes), 0);
  view.c_iflag = input;
  view.c_oflag = output;
  view.c_cflag = control;
  view.c_lflag = local;
  view.c_ispeed = speed;
  view.c_ospeed = speed;
  const { c_cc } = termios.offset;
  bytes.fill(DISABLED, c_cc, c_cc + 20);
  for (const name of CONTROL_CHARACTERS)
    bytes[c_cc + CHARACTER[name]] = characters[name] || (COUNTS.includes(name) ? 0 : DISABLED);
  return bytes;
}

function termiosOf(bytes: Uint8Array): Termios {
  const view = termios.at(new ArrayBytes(bytes), 0);
  const character = (name: ControlCharacter): number => {
    const value = bytes[termios.offset.c_cc + CHARACTER[name]]!;
    return value === DISABLED && !COUNTS.includes(name) ? 0 : value;
  };
  return {
    input: view.c_iflag,
    output: view.c_oflag,
    control: view.c_cflag,
    local: view.c_lflag,
    characters: Object.fromEntries(
      CONTROL_CHARACTERS.map((name) => [name, character(name)]),
    ) as Record<ControlCharacter, number>,
    speed: view.c_ospeed,
  };
}

type Work = (unix: Unix, call: Call, number: number, address: number) => Blocking<unknown>;

const setAttributes = (when: "now" | "drain" | "flush"): Work =>
  function* (unix, call, number, address) {
    yield* terminal.tcgetattr(unix, call, number);
    const wanted = termiosOf(yield* getBytes(call, address, termios.size));
    yield* terminal.tcsetattr(unix, call, number, when, wanted);
  };

const REQUESTS: Readonly<Record<keyof typeof NATIVE_IOCTL, Work>> = {
  FIOCLEX: (unix, call, number) => setCloseOnExec(unix, call, number, true),
  FIONCLEX: (unix, call, number) => setCloseOnExec(unix, call, number, false),
  *FIONREAD(unix, call, number, address) {
    yield* putWords(call, address, yield* bytesReadable(unix, call, number));
  },
  *FIONBIO(unix, call, number, address) {
    const [value] = yield* getWords(call, address, 1);
    yield* setNonblocking(unix, call, number, value !== 0);
  },
  *TIOCFLUSH(unix, call, number, address) {
    yield* terminal.tcgetattr(unix, call, number);
    const [flags = 0] = yield* getWords(call, address, 1);
    const both = (flags & (FREAD | FWRITE)) === 0 || (flags & (FREAD | FWRITE)) === 3;
    const which = both ? "both" : (flags & FREAD) !== 0 ? "input" : "output";
    yield* terminal.tcflush(unix, call, number, which);
  },
  *TIOCGETA(unix, call, number, address) {
    yield* call.copyout(termiosBytes(yield* terminal.tcgetattr(unix, call, number)), address);
  },
  TIOCSETA: setAttributes("now"),
  TIOCSETAW: setAttributes("drain"),
  TIOCSETAF: setAttributes("flush"),
  TIOCDRAIN: (unix, call, number) => terminal.tcdrain(unix, call, number),
  TIOCSCTTY: (unix, call, number) => terminal.takeTerminal(unix, call, number),
  *TIOCSWINSZ(unix, call, number, address) {
    yield* terminal.tcgetattr(unix, call, number);
    const bytes = new ArrayBytes(yield* getBytes(call, address, winsize.size));
    const {
      ws_row: rows,
      ws_col: columns,
      ws_xpixel: width,
      ws_ypixel: height,
    } = winsize.at(bytes, 0);
    yield* terminal.setWindowSize(unix, call, number, { rows, columns, width, height });
  },
  *TIOCGWINSZ(unix, call, number, address) {
    const size = yield* terminal.getWindowSize(unix, call, number);
    const bytes = new Uint8Array(winsize.size);
    const view = winsize.at(new ArrayBytes(bytes), 0);
    view.ws_row = size.rows;
    view.ws_col = size.columns;
    view.ws_xpixel = size.width;
    view.ws_ypixel = size.height;
    yield* call.copyout(bytes, address);
  },
  TIOCSTART: (unix, call, number) => terminal.tcflow(unix, call, number, false),
  TIOCSTOP: (unix, call, number) => terminal.tcflow(unix, call, number, true),
  TIOCNOTTY: (unix, call, number) => terminal.giveUpTerminal(unix, call, number),
  *TIOCSPGRP(unix, call, number, address) {
    yield* terminal.tcgetattr(unix, call, number);
    const [group = 0] = yield* getWords(call, address, 1);
    yield* terminal.tcsetpgrp(unix, call, number, group | 0);
  },
  *TIOCGPGRP(unix, call, number, address) {
    yield* putWords(call, address, yield* terminal.tcgetpgrp(unix, call, number));
  },
};

const BY_NUMBER: ReadonlyMap<number, Work> = new Map(
  (Object.keys(NATIVE_IOCTL) as (keyof typeof NATIVE_IOCTL)[]).map((name) => [
    NATIVE_IOCTL[name],
    REQUESTS[name],
  ]),
);

/** @throws UnixError EBADF, ENOTTY for a request that the file does not know, EFAULT */
export function* ioctl(
  unix: Unix,
  call: Call,
  number: number,
  asked: number,
  argument: number,
): Blocking<number> {
  yield* getDescriptor(call, number);
  const work = BY_NUMBER.get(asked);
  if (work === undefined) throw new UnixError("ENOTTY");
  yield* work(unix, call, number, argument);
  return 0;
}
