/**
 * Linux/hppa's flags and numbers of calls on files (asm/fcntl.h, linux/stat.h, asm/poll.h, asm/ioctls.h,
 * asm/termbits.h). test/abi compares each with the cross compiler's headers.
 */

export const OPEN = {
  O_RDONLY: 0,
  O_WRONLY: 1,
  O_RDWR: 2,
  O_ACCMODE: 0o3,
  O_APPEND: 0o10,
  O_NOFOLLOW: 0o200,
  O_CREAT: 0o400,
  O_TRUNC: 0o1000,
  O_EXCL: 0o2000,
  O_LARGEFILE: 0o4000,
  O_DIRECTORY: 0o10000,
  O_ASYNC: 0o20000,
  /** O_SYNC is both. */
  O_DSYNC: 0o1000000,
  O_SYNC: 0o1100000,
  O_NONBLOCK: 0o200000,
  O_NOCTTY: 0o400000,
  O_NOATIME: 0o4000000,
  O_CLOEXEC: 0o10000000,
  O_PATH: 0o20000000,
  O_TMPFILE: 0o40010000,
} as const;

export const AT = {
  AT_FDCWD: -100,
  AT_SYMLINK_NOFOLLOW: 0x100,
  AT_REMOVEDIR: 0x200,
  AT_EACCESS: 0x200,
  AT_SYMLINK_FOLLOW: 0x400,
  AT_EMPTY_PATH: 0x1000,
} as const;

export const MODE = {
  S_IFMT: 0o170000,
  S_IFIFO: 0o010000,
  S_IFCHR: 0o020000,
  S_IFDIR: 0o040000,
  S_IFBLK: 0o060000,
  S_IFREG: 0o100000,
  S_IFLNK: 0o120000,
  S_IFSOCK: 0o140000,
} as const;

export const ACCESS = { F_OK: 0, X_OK: 1, W_OK: 2, R_OK: 4 } as const;

export const SEEK = { SEEK_SET: 0, SEEK_CUR: 1, SEEK_END: 2 } as const;

/** Of preadv2 and pwritev2. */
export const TRANSFER = { RWF_HIPRI: 1, RWF_DSYNC: 2, RWF_SYNC: 4 } as const;

/** Of fcntl. The `64` forms take a `struct flock64`. */
export const FCNTL = {
  F_DUPFD: 0,
  F_GETFD: 1,
  F_SETFD: 2,
  F_GETFL: 3,
  F_SETFL: 4,
  F_GETLK64: 8,
  F_SETLK64: 9,
  F_SETLKW64: 10,
  F_GETOWN: 11,
  F_SETOWN: 12,
  F_DUPFD_CLOEXEC: 1030,
} as const;
/** The forms of fcntl's locks that take a `struct flock`; C has no names for them here. */
export const FCNTL_NARROW = { F_GETLK: 5, F_SETLK: 6, F_SETLKW: 7 } as const;
export const FD_CLOEXEC = 1;

/** `l_type` of a record lock. */
export const RECORD_LOCK = { F_RDLCK: 1, F_WRLCK: 2, F_UNLCK: 3 } as const;

/** Of flock. */
export const FILE_LOCK = { LOCK_SH: 1, LOCK_EX: 2, LOCK_NB: 4, LOCK_UN: 8 } as const;

export const POLL = {
  POLLIN: 0x001,
  POLLPRI: 0x002,
  POLLOUT: 0x004,
  POLLERR: 0x008,
  POLLHUP: 0x010,
  POLLNVAL: 0x020,
  POLLRDNORM: 0x040,
  POLLRDBAND: 0x080,
  POLLWRNORM: 0x100,
  POLLWRBAND: 0x200,
} as const;

export const RENAME = { RENAME_NOREPLACE: 1, RENAME_EXCHANGE: 2 } as const;

/** Nanoseconds of utimensat with a meaning of their own. */
export const UTIME = { UTIME_NOW: 0x3fffffff, UTIME_OMIT: 0x3ffffffe } as const;

/** `stx_mask`. */
export const STATX = { STATX_BASIC_STATS: 0x7ff } as const;

/** The longest path, with its zero, and the longest name in it. */
export const PATH_MAX = 4096;
export const NAME_MAX = 255;

/** Requests of ioctl. */
export const IOCTL = {
  TCGETS: 0x40245410,
  TCSETS: 0x80245411,
  TCSETSW: 0x80245412,
  TCSETSF: 0x80245413,
  TCSBRK: 0x5405,
  TCXONC: 0x5406,
  TCFLSH: 0x5407,
  TIOCSCTTY: 0x540e,
  TIOCGPGRP: 0x4004541e,
  TIOCSPGRP: 0x8004541d,
  TIOCGSID: 0x40045414,
  TIOCGWINSZ: 0x5413,
  TIOCSWINSZ: 0x5414,
  TIOCNOTTY: 0x5422,
  FIONREAD: 0x541b,
  FIONBIO: 0x5421,
  FIONCLEX: 0x5450,
  FIOCLEX: 0x5451,
  FIOASYNC: 0x5452,
} as const;

/** `c_iflag`. */
export const TERMINAL_INPUT = {
  IGNBRK: 0x001,
  BRKINT: 0x002,
  IGNPAR: 0x004,
  PARMRK: 0x008,
  INPCK: 0x010,
  ISTRIP: 0x020,
  INLCR: 0x040,
  IGNCR: 0x080,
  ICRNL: 0x100,
  IXON: 0x0400,
  IXANY: 0x800,
  IXOFF: 0x1000,
} as const;
/** `c_oflag`. */
export const TERMINAL_OUTPUT = {
  OPOST: 0x01,
  ONLCR: 0x00004,
  OCRNL: 0x08,
  ONOCR: 0x10,
  ONLRET: 0x20,
} as const;
/** `c_lflag`. */
export const TERMINAL_LOCAL = {
  ISIG: 0x00001,
  ICANON: 0x00002,
  ECHO: 0x00008,
  ECHOE: 0x00010,
  ECHOK: 0x00020,
  ECHONL: 0x00040,
  NOFLSH: 0x00080,
  TOSTOP: 0x00100,
  ECHOCTL: 0x00200,
  ECHOKE: 0x00800,
  IEXTEN: 0x08000,
} as const;
/** `c_cflag`. */
export const TERMINAL_CONTROL = {
  CSIZE: 0x00000030,
  CS7: 0x00000020,
  CS8: 0x00000030,
  CSTOPB: 0x00000040,
  CREAD: 0x00000080,
  PARENB: 0x00000100,
  PARODD: 0x00000200,
  HUPCL: 0x00000400,
  CLOCAL: 0x00000800,
  B0: 0x00000000,
  B38400: 0x0000000f,
  B9600: 0x0000000d,
} as const;
/** Places in `c_cc`. */
export const TERMINAL_CHARACTER = {
  VINTR: 0,
  VQUIT: 1,
  VERASE: 2,
  VKILL: 3,
  VEOF: 4,
  VTIME: 5,
  VMIN: 6,
  VSTART: 8,
  VSTOP: 9,
  VSUSP: 10,
  VEOL: 11,
  VREPRINT: 12,
  VDISCARD: 13,
  VWERASE: 14,
  VLNEXT: 15,
  VEOL2: 16,
} as const;
