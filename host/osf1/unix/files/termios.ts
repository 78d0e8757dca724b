/**
 * Terminal attributes as POSIX has them, by name; the bits are 4.3BSD's and OSF/1's. Only what the
 * line discipline here heeds has a name: the rest is kept as the program gave it.
 */

export const INPUT = { IGNCR: 0x80, ICRNL: 0x100, INLCR: 0x40, ISTRIP: 0x20, IXON: 0x200 } as const;
export const OUTPUT = { OPOST: 0x1, ONLCR: 0x2 } as const;
export const CONTROL = { CREAD: 0x800, CS8: 0x300 } as const;
export const LOCAL = {
  ECHOKE: 0x1,
  ECHOE: 0x2,
  ECHOK: 0x4,
  ECHO: 0x8,
  ECHONL: 0x10,
  ECHOCTL: 0x40,
  ISIG: 0x80,
  ICANON: 0x100,
  IEXTEN: 0x400,
  TOSTOP: 0x400000,
  NOFLSH: 0x80000000,
} as const;

export const CONTROL_CHARACTERS = [
  "VEOF",
  "VEOL",
  "VEOL2",
  "VERASE",
  "VWERASE",
  "VKILL",
  "VREPRINT",
  "VINTR",
  "VQUIT",
  "VSUSP",
  "VSTART",
  "VSTOP",
  "VLNEXT",
  "VMIN",
  "VTIME",
] as const;
export type ControlCharacter = (typeof CONTROL_CHARACTERS)[number];

export interface Termios {
  readonly input: number;
  readonly output: number;
  readonly control: number;
  readonly local: number;
  /** 0 is none, but for VMIN (bytes) and VTIME (tenths of a second). */
  readonly characters: Readonly<Record<ControlCharacter, number>>;
  /** Bits a second. */
  readonly speed: number;
}

const control = (letter: string): number => letter.charCodeAt(0) & 0x1f;

export const SANE: Termios = {
  input: INPUT.ICRNL | INPUT.IXON,
  output: OUTPUT.OPOST | OUTPUT.ONLCR,
  control: CONTROL.CREAD | CONTROL.CS8,
  local:
    LOCAL.ECHO |
    LOCAL.ECHOE |
    LOCAL.ECHOK |
    LOCAL.ECHOKE |
    LOCAL.ECHOCTL |
    LOCAL.ISIG |
    LOCAL.ICANON |
    LOCAL.IEXTEN,
  characters: {
    VEOF: control("D"),
    VEOL: 0,
    VEOL2: 0,
    VERASE: 0x7f,
    VWERASE: control("W"),
    VKILL: control("U"),
    VREPRINT: control("R"),
    VINTR: control("C"),
    VQUIT: 0x1c,
    VSUSP: control("Z"),
    VSTART: control("Q"),
    VSTOP: control("S"),
    VLNEXT: control("V"),
    VMIN: 1,
    VTIME: 0,
  },
  speed: 38_400,
};

export interface WindowSize {
  readonly rows: number;
  readonly columns: number;
  /** Pixels. */
  readonly width: number;
  readonly height: number;
}
