/**
 * Structures that Linux on PA-RISC exchanges with programs, with the kernel's layout (asm/stat.h,
 * linux/stat.h, asm/sigcontext.h, …), and how to make and read their bytes. A field of two words is
 * one 64-bit number. test/bare compares sizes and offsets with the cross compiler's.
 */
import { type FieldType, struct, type Struct, words } from "../../abi/struct.ts";

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
export const tms = struct("tms", "", words("tms_utime", "tms_stime", "tms_cutime", "tms_cstime"));
export const rlimit = struct("rlimit", "", words("rlim_cur", "rlim_max"));
export const rlimit64 = struct("rlimit64", "", { rlim_cur: LONG, rlim_max: LONG });
export const rusage = struct(
  "rusage",
  "",
  words("ru_utime", "ru_utime_usec", "ru_stime", "ru_stime_usec", "ru_maxrss", "ru_ixrss", "ru_idrss",
    "ru_isrss", "ru_minflt"),
  { size: 72 },
); // prettier-ignore
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
export const pollfd = struct("pollfd", "", { fd: "u32", events: "u16", revents: "u16" });

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
  // Of the union: the sender, or in the place of its process id the address of a fault.
  words("si_signo", "si_errno", "si_code", "si_pid", "si_uid", "si_value"),
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

type Values<F> = { readonly [K in keyof F]?: number };

const isLong = (type: FieldType): boolean => typeof type !== "string" && type[1] === 2;

/** The bytes of a structure; what is not given is zero, what is longer than two words not settable. */
export function pack<F extends Record<string, FieldType>>(
  layout: Struct<F>,
  values: Values<F>,
): Uint8Array {
  const bytes = new Uint8Array(layout.size);
  const view = new DataView(bytes.buffer);
  for (const [field, value] of Object.entries(values) as [string, number][]) {
    const at = layout.offset[field]!;
    const type = layout.fields[field]!;
    if (isLong(type)) view.setBigInt64(at, BigInt(value));
    else if (type === "u8") view.setUint8(at, value);
    else if (type === "u16") view.setUint16(at, value);
    else view.setUint32(at, value);
  }
  return bytes;
}

/** Every scalar of a structure, unsigned, and every 64-bit number, signed. */
export function unpack<F extends Record<string, FieldType>>(
  layout: Struct<F>,
  bytes: Uint8Array,
): Record<keyof F & string, number> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  const values: Record<string, number> = {};
  for (const [field, type] of Object.entries(layout.fields)) {
    const at = layout.offset[field]!;
    if (isLong(type)) values[field] = Number(view.getBigInt64(at));
    else if (type === "u8") values[field] = view.getUint8(at);
    else if (type === "u16") values[field] = view.getUint16(at);
    else values[field] = view.getUint32(at);
  }
  return values as Record<keyof F & string, number>;
}
