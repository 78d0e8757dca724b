/**
 * Structures that Linux on PA-RISC exchanges with programs, with the kernel's layout (asm/stat.h,
 * linux/stat.h, asm/sigcontext.h, …); bytes.ts makes and reads their bytes. A field of two words is
 * one 64-bit number. test/abi compares sizes and offsets with the cross compiler's.
 */
import { struct, words } from "../struct.ts";

const LONG = ["u32", 2] as const;

export const stat64 = struct(
  "stat64",
  "",
  {
    st_dev: LONG,
    ...words("pad1", "st_ino_low", "st_mode", "st_nlink", "st_uid", "st_gid"),
    st_rdev: LONG,
    pad2: LONG,
    st_size: LONG,
    ...words("st_blksize", "pad3"),
    st_blocks: LONG,
    ...words("st_atime", "st_atime_nsec", "st_mtime", "st_mtime_nsec", "st_ctime", "st_ctime_nsec"),
    st_ino: LONG,
  },
  { size: 104 },
);

export const statx = struct(
  "statx",
  "",
  {
    ...words("stx_mask", "stx_blksize"),
    stx_attributes: LONG,
    ...words("stx_nlink", "stx_uid", "stx_gid"),
    stx_mode: "u16",
    spare0: "u16",
    stx_ino: LONG,
    stx_size: LONG,
    stx_blocks: LONG,
    stx_attributes_mask: LONG,
    stx_atime: LONG,
    ...words("stx_atime_nsec", "pad_a"),
    stx_btime: LONG,
    ...words("stx_btime_nsec", "pad_b"),
    stx_ctime: LONG,
    ...words("stx_ctime_nsec", "pad_c"),
    stx_mtime: LONG,
    ...words("stx_mtime_nsec", "pad_m"),
    ...words("stx_rdev_major", "stx_rdev_minor", "stx_dev_major", "stx_dev_minor"),
  },
  { size: 256 },
);

/** Of the calls without `64`; users and groups were of 16 bits once, and stand at the end now. */
export const stat = struct(
  "stat",
  "",
  {
    ...words("st_dev", "st_ino"),
    ...{ st_mode: "u16", st_nlink: "u16", st_reserved1: "u16", st_reserved2: "u16" },
    ...words("st_rdev", "st_size", "st_atime", "st_atime_nsec", "st_mtime", "st_mtime_nsec"),
    ...words("st_ctime", "st_ctime_nsec", "st_blksize", "st_blocks"),
    ...words("pad1", "pad2", "pad3", "pad4"),
    ...{ pad5: "u16", st_fstype: "u16" },
    st_realdev: "u32",
    ...{ st_basemode: "u16", st_spareshort: "u16" },
    ...words("st_uid", "st_gid"),
  },
  { size: 104 },
);

/** Of getdents: what comes before the name; its type is the last byte of the entry. */
export const dirent = struct("dirent", "", {
  ...words("d_ino", "d_off"),
  d_reclen: "u16",
  d_name: "u8",
});

/** What comes before the name; the whole is rounded up to 8 bytes. */
export const dirent64 = struct("dirent64", "", {
  d_ino: LONG,
  d_off: LONG,
  d_reclen: "u16",
  d_type: "u8",
  d_name: "u8",
});

export const timespec64 = struct("timespec64", "", { tv_sec: LONG, tv_nsec: LONG });
export const timespec = struct("timespec", "", words("tv_sec", "tv_nsec"));
export const timeval = struct("timeval", "", words("tv_sec", "tv_usec"));
export const itimerval = struct("itimerval", "", {
  ...words("it_interval_sec", "it_interval_usec", "it_value_sec", "it_value_usec"),
});
export const itimerspec64 = struct("itimerspec64", "", {
  ...{ it_interval_sec: LONG, it_interval_nsec: LONG, it_value_sec: LONG, it_value_nsec: LONG },
});
export const itimerspec = struct("itimerspec", "", {
  ...words("it_interval_sec", "it_interval_nsec", "it_value_sec", "it_value_nsec"),
});
/** Of timer_create; `sigev_tid` is the first word of a union. */
export const sigevent = struct(
  "sigevent",
  "",
  words("sigev_value", "sigev_signo", "sigev_notify", "sigev_tid"),
  { size: 64 },
);
export const tms = struct("tms", "", words("tms_utime", "tms_stime", "tms_cutime", "tms_cstime"));
export const rlimit = struct("rlimit", "", words("rlim_cur", "rlim_max"));
export const rlimit64 = struct("rlimit64", "", { rlim_cur: LONG, rlim_max: LONG });
export const rusage = struct("rusage", "", {
  ...words("ru_utime", "ru_utime_usec", "ru_stime", "ru_stime_usec", "ru_maxrss", "ru_ixrss"),
  ...words("ru_idrss", "ru_isrss", "ru_minflt", "ru_majflt", "ru_nswap", "ru_inblock"),
  ...words("ru_oublock", "ru_msgsnd", "ru_msgrcv", "ru_nsignals", "ru_nvcsw", "ru_nivcsw"),
});
export const sysinfo = struct(
  "sysinfo",
  "",
  {
    uptime: "u32",
    loads: ["u32", 3],
    ...words("totalram", "freeram", "sharedram", "bufferram", "totalswap", "freeswap"),
    procs: "u16",
    pad: "u16",
    ...words("totalhigh", "freehigh", "mem_unit"),
  },
  { size: 64 },
);
export const iovec = struct("iovec", "", words("iov_base", "iov_len"));
export const msghdr = struct(
  "msghdr",
  "",
  words(
    "msg_name",
    "msg_namelen",
    "msg_iov",
    "msg_iovlen",
    "msg_control",
    "msg_controllen",
    "msg_flags",
  ),
);
export const pollfd = struct("pollfd", "", { fd: "u32", events: "u16", revents: "u16" });

/** Of fcntl's F_GETLK64 and F_SETLK64, and of the forms without `64`. */
export const flock64 = struct("flock64", "", {
  l_type: "u16",
  l_whence: "u16",
  pad: "u32",
  l_start: LONG,
  l_len: LONG,
  l_pid: "u32",
  pad2: "u32",
});
export const flock = struct("flock", "", {
  l_type: "u16",
  l_whence: "u16",
  ...words("l_start", "l_len", "l_pid"),
});

/** `c_cc` is 19 characters. */
export const termios = struct(
  "termios",
  "",
  { ...words("c_iflag", "c_oflag", "c_cflag", "c_lflag"), c_line: "u8", c_cc: "u8" },
  { size: 36 },
);
export const winsize = struct("winsize", "", {
  ws_row: "u16",
  ws_col: "u16",
  ws_xpixel: "u16",
  ws_ypixel: "u16",
});

export const statfs64 = struct(
  "statfs64",
  "",
  {
    ...words("f_type", "f_bsize"),
    f_blocks: LONG,
    f_bfree: LONG,
    f_bavail: LONG,
    f_files: LONG,
    f_ffree: LONG,
    ...words("f_fsid", "f_fsid_high", "f_namelen", "f_frsize", "f_flags"),
  },
  { size: 88 },
);

export const statfs = struct(
  "statfs",
  "",
  {
    ...words("f_type", "f_bsize", "f_blocks", "f_bfree", "f_bavail", "f_files", "f_ffree"),
    ...words("f_fsid", "f_fsid_high", "f_namelen", "f_frsize", "f_flags"),
  },
  { size: 64 },
);

/** Six names of 65 bytes. */
export const UTSNAME_FIELD = 65;

export const stackT = struct("stack_t", "", words("ss_sp", "ss_flags", "ss_size"));
/** A signal set is two words, the one with signals 1 to 32 first. */
export const sigaction = struct("sigaction", "", {
  ...words("sa_handler", "sa_flags", "sa_mask", "sa_mask_high"),
});
export const siginfo = struct(
  "siginfo",
  "",
  // Of the union: the sender, or in the place of its process id the address of a fault; what it
  // gave, or in that place the status of a child, with its times.
  words("si_signo", "si_errno", "si_code", "si_pid", "si_uid", "si_value", "si_utime", "si_stime"),
  { size: 128 },
);
/** `struct ucontext` with `struct sigcontext` in it. */
export const ucontext = struct("ucontext", "", {
  ...words("uc_flags", "uc_link", "ss_sp", "ss_flags", "ss_size", "pad", "sc_flags"),
  sc_gr: ["u32", 32],
  pad2: "u32",
  sc_fr: ["u32", 64],
  ...words("sc_iasq", "sc_iasq_back", "sc_iaoq", "sc_iaoq_back", "sc_sar", "pad3"),
  ...words("uc_sigmask", "uc_sigmask_high"),
});
