/**
 * Linux/hppa's ioctl: requests for all files, and those for terminals. Terminal attributes are
 * translated bit by bit and character by character, by their names; what this Unix's line discipline
 * has no name for reads as 0.
 */
import {
  IOCTL,
  TERMINAL_CHARACTER,
  TERMINAL_CONTROL,
  TERMINAL_INPUT,
  TERMINAL_LOCAL,
  TERMINAL_OUTPUT,
} from "../../abi/linux/files.ts";
import { pack, unpack } from "../../abi/linux/bytes.ts";
import { termios as termiosStruct, winsize } from "../../abi/linux/structures.ts";
import { UnixError } from "../errno.ts";
import type { Blocking } from "../ufs/device.ts";
import type { Call } from "../unix/call.ts";
import { bytesReadable, setCloseOnExec, setNonblocking } from "../unix/files/control.ts";
import { getDescriptor } from "../unix/files/descriptors.ts";
import {
  getWindowSize,
  giveUpTerminal,
  setWindowSize,
  takeTerminal,
  tcdrain,
  tcflow,
  tcflush,
  tcgetattr,
  tcgetpgrp,
  tcgetsid,
  tcsetattr,
  tcsetpgrp,
} from "../unix/files/terminal-control.ts";
import {
  CONTROL,
  CONTROL_CHARACTERS,
  type ControlCharacter,
  INPUT,
  LOCAL,
  OUTPUT,
  type Termios,
} from "../unix/files/termios.ts";
import type { Unix } from "../unix/unix.ts";
import { getBytes, getWords, putWords } from "../caller-words.ts";
import { getStruct, putStruct, zero } from "./work.ts";

type Bits = Readonly<Record<string, number>>;

/** Bits of one numbering in another, by the names that both have. */
function translate(flags: number, from: Bits, to: Bits): number {
  let result = 0;
  for (const [name, bit] of Object.entries(from))
    if (name in to && (flags & bit) === bit) result |= to[name]!;
  return result >>> 0;
}

function termiosBytes({ input, output, control, local, characters }: Termios): Uint8Array {
  const { CS8, CREAD, B38400 } = TERMINAL_CONTROL;
  const bytes = pack(termiosStruct, {
    c_iflag: translate(input, INPUT, TERMINAL_INPUT),
    c_oflag: translate(output, OUTPUT, TERMINAL_OUTPUT),
    c_cflag:
      B38400 |
      ((control & CONTROL.CS8) === CONTROL.CS8 ? CS8 : 0) |
      ((control & CONTROL.CREAD) === 0 ? 0 : CREAD),
    c_lflag: translate(local, LOCAL, TERMINAL_LOCAL),
  });
  for (const name of CONTROL_CHARACTERS)
    bytes[termiosStruct.offset.c_cc + TERMINAL_CHARACTER[name]] = characters[name];
  return bytes;
}

function termiosOf(bytes: Uint8Array): Termios {
  const { c_iflag, c_oflag, c_cflag, c_lflag } = unpack(termiosStruct, bytes);
  const { CS8, CREAD, CSIZE } = TERMINAL_CONTROL;
  const characters = Object.fromEntries(
    CONTROL_CHARACTERS.map((name) => [
      name,
      bytes[termiosStruct.offset.c_cc + TERMINAL_CHARACTER[name]]!,
    ]),
  ) as Record<ControlCharacter, number>;
  return {
    input: translate(c_iflag, TERMINAL_INPUT, INPUT),
    output: translate(c_oflag, TERMINAL_OUTPUT, OUTPUT),
    control:
      ((c_cflag & CSIZE) === CS8 ? CONTROL.CS8 : 0) | ((c_cflag & CREAD) === 0 ? 0 : CONTROL.CREAD),
    local: translate(c_lflag, TERMINAL_LOCAL, LOCAL),
    characters,
    speed: 38_400,
  };
}

type Request = (unix: Unix, call: Call, number: number, argument: number) => Blocking<number>;

const setAttributes =
  (when: "now" | "drain" | "flush"): Request =>
  (unix, call, number, address) =>
    zero(
      (function* () {
        yield* tcgetattr(unix, call, number);
        const termios = termiosOf(yield* getBytes(call, address, termiosStruct.size));
        yield* tcsetattr(unix, call, number, when, termios);
      })(),
    );

const QUEUES = ["input", "output", "both"] as const;
/** Of tcflow; the two behind them are for input, which nothing here sends. */
const TCOOFF = 0;
const TCOON = 1;
const TCION = 3;

const REQUESTS = new Map<number, Request>([
  [
    IOCTL.TCGETS,
    function* (unix, call, number, address) {
      yield* call.copyout(termiosBytes(yield* tcgetattr(unix, call, number)), address);
      return 0;
    },
  ],
  [IOCTL.TCSETS, setAttributes("now")],
  [IOCTL.TCSETSW, setAttributes("drain")],
  [IOCTL.TCSETSF, setAttributes("flush")],
  [IOCTL.TCSBRK, (unix, call, number) => zero(tcdrain(unix, call, number))],
  [
    IOCTL.TCXONC,
    function* (unix, call, number, argument) {
      if (argument > TCION) throw new UnixError("EINVAL");
      const isOutput = argument === TCOOFF || argument === TCOON;
      if (!isOutput) return yield* zero(tcdrain(unix, call, number));
      return yield* zero(tcflow(unix, call, number, argument === TCOOFF));
    },
  ],
  [
    IOCTL.TCFLSH,
    function* (unix, call, number, argument) {
      const which = QUEUES[argument];
      yield* tcgetattr(unix, call, number);
      if (which === undefined) throw new UnixError("EINVAL");
      return yield* zero(tcflush(unix, call, number, which));
    },
  ],
  [IOCTL.TIOCSCTTY, (unix, call, number) => zero(takeTerminal(unix, call, number))],
  [IOCTL.TIOCNOTTY, (unix, call, number) => zero(giveUpTerminal(unix, call, number))],
  [
    IOCTL.TIOCGPGRP,
    (unix, call, number, address) => answerWord(call, address, tcgetpgrp(unix, call, number)),
  ],
  [
    IOCTL.TIOCSPGRP,
    function* (unix, call, number, address) {
      yield* tcgetattr(unix, call, number);
      const [group] = yield* getWords(call, address, 1);
      return yield* zero(tcsetpgrp(unix, call, number, group! | 0));
    },
  ],
  [
    IOCTL.TIOCGSID,
    (unix, call, number, address) => answerWord(call, address, tcgetsid(unix, call, number)),
  ],
  [
    IOCTL.TIOCGWINSZ,
    function* (unix, call, number, address) {
      const size = yield* getWindowSize(unix, call, number);
      yield* putStruct(call, address, winsize, {
        ws_row: size.rows,
        ws_col: size.columns,
        ws_xpixel: size.width,
        ws_ypixel: size.height,
      });
      return 0;
    },
  ],
  [
    IOCTL.TIOCSWINSZ,
    function* (unix, call, number, address) {
      yield* tcgetattr(unix, call, number);
      const size = yield* getStruct(call, address, winsize);
      const { ws_row: rows, ws_col: columns, ws_xpixel: width, ws_ypixel: height } = size;
      return yield* zero(setWindowSize(unix, call, number, { rows, columns, width, height }));
    },
  ],
  [
    IOCTL.FIONREAD,
    (unix, call, number, address) => answerWord(call, address, bytesReadable(unix, call, number)),
  ],
  [
    IOCTL.FIONBIO,
    function* (unix, call, number, address) {
      const [value] = yield* getWords(call, address, 1);
      return yield* zero(setNonblocking(unix, call, number, value !== 0));
    },
  ],
  [IOCTL.FIOCLEX, (unix, call, number) => zero(setCloseOnExec(unix, call, number, true))],
  [IOCTL.FIONCLEX, (unix, call, number) => zero(setCloseOnExec(unix, call, number, false))],
]);

function* answerWord(call: Call, address: number, work: Blocking<number>): Blocking<number> {
  yield* putWords(call, address, yield* work);
  return 0;
}

/** @throws UnixError EBADF, ENOTTY for a request that the file does not know */
export function* ioctl(
  unix: Unix,
  call: Call,
  number: number,
  request: number,
  argument: number,
): Blocking<number> {
  yield* getDescriptor(call, number);
  const work = REQUESTS.get(request);
  if (work === undefined) throw new UnixError("ENOTTY");
  return yield* work(unix, call, number, argument);
}
