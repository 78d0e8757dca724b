/**
 * Where everything of the machine lies in the core's linear memory, and what the core and its host
 * say to each other. Guests cannot see any of it, so the assembler does not get these symbols.
 *
 *     0x000400 core state      0x010000 event ring          0x080000 I-cache tags
 *     0x000800 timing          0x020000 blank record page   0x0c0000 D-cache tags
 *     0x000a00 counters        0x028000 contexts            0x100000 page map (records of each page)
 *     0x000c00 arrival areas   0x02a000 empty front         0x140000 pool page owners
 *     0x001000 I-TLB, D-TLB    0x02c000 floating point      0x144000 accounts, translations
 *     0x009000 escapes, probes 0x030000 D fronts            0x180000 the compiler's own data
 *                              0x070000 I fronts            0x200000 guest memory, then record pool
 *
 * Words here are little-endian (WebAssembly's order); guest memory is big-endian bytes.
 */
import { numbers, struct, words } from "./struct.ts";

/** Architected state, and the state of the run loop between two calls. 64-bit items are pairs. */
export const coreState = struct(
  "core_state",
  "CORE",
  {
    /** r0 to r31, and one slot that takes what is written to r0. */
    gr: ["u32", 34],
    /** Totals: cycles, and carries of the last addition as the 33-bit word a ^ b ^ sum. */
    cycles: ["u32", 2],
    carries: ["u32", 2],
    /** Cycle at which the interval timer asks for an interrupt; all ones: never. */
    timer: ["u32", 2],
    /** Cycle at which run() must return. */
    end: ["u32", 2],
    shadow: ["u32", 8],
    sr: ["u32", 8],
    cr: ["u32", 32],
    /** CPU diagnose registers, reached by MTCPU and MFCPU. */
    dr: ["u32", 32],
    /** PSW without N, B, V and C/B, which are kept as nullified, the queue's shape, v, carries. */
    ...words("psw", "v", "nullified"),
    /** Interruption queues' back elements; the fronts are CR17 and CR18. */
    ...words("iia_space_back", "iia_offset_back"),
    /** PCOQ between two calls of run(). The low two bits of an offset are the privilege level. */
    ...words("front_space", "front_offset", "back_space", "back_offset"),
    /** What PCOQ's addresses do not tell: a taken branch left them (1), and the back is not near (2). */
    ...words("shape"),
    /** Current code page: space, privilege, records, physical page, next record to run and after. */
    ...words("space", "privilege", "page", "page_physical", "rp", "nrp"),
    /** Base for program counters and line numbers of the current page; tag of its lines. */
    ...words("pc_base", "line_base", "line_tag"),
    /** Where the two arrival areas lead. */
    area_space: ["u32", 2],
    area_offset: ["u32", 2],
    /** D front and I front of the current protection context; 0 when it must be looked up. */
    ...words("front", "fetch_front", "context", "next_context"),
    /** Interruption about to be taken, with its ISR and IOR; register whose load is unresolved. */
    ...words("trap", "fault_space", "fault_offset", "pending"),
    /** Cycles for which the D-cache stays busy, of a flush; limits of the current call, relative to it. */
    ...words("bias", "start", "busy", "stall", "stop", "limit", "attention"),
    /** Escape that ended run(). */
    ...words("escape_number", "escape_address", "halt_interruption"),
    /** Next victim of each TLB; next record page; events written and taken away, ever. */
    ...words("itlb_next", "dtlb_next", "pool_next", "event_count", "event_read"),
    /** Block entries that diagnose registers 8 and 9 chose last, by side and parity. */
    block_chosen: ["u32", 4],
    /** Whether every instruction is decoded each time that it runs, as the oracle engine does. */
    ...words("classic"),
    /** Inspecting: whether every instruction is logged; cycle at which a breakpoint is passed. */
    ...words("traced"),
    pass: ["u32", 2],
    /** Watchpoints in use; the one that was met plus 1, and its access: address, space, bytes, WRITE. */
    ...words(
      "watch_count",
      "watch_met",
      "watch_address",
      "watch_space",
      "watch_size",
      "watch_wanted",
    ),
    /** Address of the instruction that met it, with its level. */
    ...words("watch_at"),
    /** Interruptions that the world outside asks for, a bit for each number: 1, 2 and 5. */
    ...words("requests"),
    /** Whether counters are kept for each space and level; the present account. */
    ...words("accounting", "account"),
    /** Cycles at levels 1 to 3 before the present time at one of them or at 0; when that began; which. */
    user_cycles: ["u32", 2],
    level_since: ["u32", 2],
    ...words("user_level"),
    /** Cycles between two looks at where taken branches lead, and how much makes a place hot; 0: never. */
    ...words("sample", "hot_after"),
    /** The place that is hot now, and its page of records. */
    ...words("hot", "hot_page"),
    /** Whether the present call ended in translated code. */
    ...words("translated"),
  },
  { at: { gr: 0x400 }, size: 0x800 },
);

/**
 * The floating-point unit. Times are cycles without I stalls, from an epoch of their own
 * (assembly/float/timing.ts).
 */
export const floatState = struct(
  "float_state",
  "FLOAT",
  {
    /** Registers, as pairs with the right half first; register 0 stays 0. */
    fr: ["u32", 64],
    /** For each register: when an operation, and when a store, may read it whole. */
    whole_ready: ["u32", 64],
    /** For each half, at its register's handle: when an operation, when a store may read it. */
    half_ready: ["u32", 64],
    half_stored: ["u32", 64],
    /** When each unit takes the next operation, and when FTEST may read the last comparison. */
    ...words("alu_free", "multiplier_free", "test_ready"),
    /** What must be added to a cycle of the present call to make it a time. */
    ...words("epoch"),
    /** FR0: status, and exception register 1; what follows from it (assembly/float/status.ts). */
    ...words("status", "exception", "mode", "trap"),
    /** Exceptions of the operation at hand. */
    ...words("raised"),
  },
  { at: { fr: 0x2c000 } },
);

/** Geometry and cycles; written by the host from a MachineConfig, read by the core. */
export const timing = struct(
  "timing",
  "TIME",
  {
    ...words("load_use", "store_busy", "d_miss", "i_miss", "write_back", "interruption"),
    ...words("mispredict", "branch_register"),
    ...words("mfctl", "mtctl", "mfsp", "mtsp", "ldsid", "rsm", "ssm", "mtsm", "mtcpu", "mfcpu"),
    ...words("gate", "be", "ble", "rfi"),
    ...words("probe", "tlb_insert", "tlb_purge", "flush", "flush_hit", "sync", "semaphore"),
    /** Latencies of the floating-point unit: cycles from issue to issue. */
    ...words("float_load", "float_load_store", "float_result", "float_bypass", "float_distance"),
    ...words("float_test", "divide_single", "divide_double", "root_single", "root_double"),
    /** (size − 1) with the low five bits clear, of each cache. */
    ...words("i_mask", "d_mask"),
    /** Left shift of the space identifier that is folded into cache indexes; 32 is "not folded". */
    ...words("hash_shift", "i_hash", "d_hash"),
    ...words("itlb_entries", "dtlb_entries", "block_entries"),
    /** Whether both TLBs are the D-TLB; whether causes of interruption 18 are 26 to 28. */
    ...words("unified_tlb", "split_protection"),
    ...words("memory_size", "pool_base", "pool_pages"),
    /** Whether an interruption with PSW Q = 0 stops the machine. */
    ...words("halt_without_q"),
    /** Cycles that the fast loop may take between two looks at its limits, at most. */
    ...words("margin"),
  },
  { at: { load_use: 0x800 }, size: 0xa00 },
);

const pairs = <const N extends string>(...names: N[]): Record<N, ["u32", 2]> =>
  Object.fromEntries(names.map((name) => [name, ["u32", 2]])) as unknown as Record<N, ["u32", 2]>;

/**
 * 64-bit counters. Stalls that all cost the same are counted as events, and the host multiplies; the
 * others are cycles. Instructions are not counted: they are the cycles that are left.
 */
export const counters = struct(
  "counters",
  "COUNT",
  {
    ...pairs("store_busy", "control", "flush", "fpu", "declared", "idle"),
    ...pairs("load_uses", "d_misses", "i_misses", "write_backs", "mispredicts"),
    ...pairs("register_branches"),
    interruptions: ["u32", 32],
  },
  { at: { store_busy: 0xa00 }, size: 0xc00 },
);

/** One TLB entry. `mask` selects the bits of an address that must equal `page`. */
export const tlbEntry = struct(
  "tlb_entry",
  "TLBE",
  words("space", "page", "mask", "physical", "protection", "state", "next"),
  { size: 32 },
);

/** One entry of a D front: what a translation already proved for this protection context. */
export const frontEntry = struct(
  "front_entry",
  "FRONT",
  {
    read_tag: ["u32", 2],
    write_tag: ["u32", 2],
    ...words("delta", "lines", "line_tag"),
  },
  { size: 32 },
);

/** One predecoded instruction. `mask` has a bit for each general register that it reads. */
export const record = struct(
  "record",
  "RECORD",
  {
    op: "u16",
    bytes: ["u8", 4],
    real_op: "u16",
    wide: "u32",
    mask: "u32",
  },
  { size: 16 },
);

/** One event of the ring: a probe, or with id 0 an instruction that is about to run. */
export const event = struct(
  "event",
  "EVENT",
  { ...words("id", "address"), cycle: ["u32", 2], ...words("space", "word") },
  { size: 32 },
);

/** A watchpoint: a range of one space, of every space, or of physical memory. */
export const watch = struct("watch", "WATCH", words("first", "last", "space", "kind"));

/** How `kind` of a watchpoint is made: READ 1, WRITE 2, and whose addresses they are. */
export const WATCH_KIND = numbers("", { WATCH_ANY_SPACE: 4, WATCH_PHYSICAL: 8 });

/**
 * What one space at one level took. `counted` are totals of the counters, in their order, then of the
 * cycles, and of interruptions: all, and the TLBs' misses.
 */
export const account = struct(
  "account",
  "ACCOUNT",
  { ...words("space", "level"), counted: ["u32", 2 * 16] },
  { size: 160 },
);

export const REGION = numbers("", {
  ARRIVAL: 0x00000c00,
  /** Bytes of one arrival area, as a power of two. */
  ARRIVAL_SHIFT: 7,
  I_TLB: 0x00001000,
  D_TLB: 0x00004000,
  /** Entries of a TLB before its block entries, and of those. */
  TLB_CAPACITY: 256,
  BLOCK_CAPACITY: 16,
  I_HEADS: 0x00008000,
  D_HEADS: 0x00008400,
  ESCAPES: 0x00009000,
  ESCAPE_SLOTS: 1024,
  PROBES: 0x0000a000,
  PROBE_SLOTS: 1024,
  PROBE_OFFSETS: 0x0000e000,
  SCRATCH_ENTRY: 0x0000e800,
  WATCHES: 0x0000e900,
  WATCH_SLOTS: 32,
  EVENTS: 0x00010000,
  EVENT_SLOTS: 2048,
  BLANK_PAGE: 0x00020000,
  CONTEXTS: 0x00028000,
  CONTEXT_COUNT: 32,
  MEMBERS: 0x00029000,
  NO_FRONT: 0x0002a000,
  FRONTS: 0x00030000,
  FRONT_BYTES: 8192,
  FETCH_FRONTS: 0x00070000,
  FETCH_FRONT_BYTES: 1024,
  I_TAGS: 0x00080000,
  D_TAGS: 0x000c0000,
  CACHE_MAXIMUM: 0x00200000,
  PAGE_MAP: 0x00100000,
  MEMORY_MAXIMUM: 0x10000000,
  POOL_OWNERS: 0x00140000,
  POOL_MAXIMUM: 4096,
  /** Accounts by space and level; the last takes what has no other. Before them, the last totals. */
  ACCOUNT_TOTALS: 0x00144000,
  ACCOUNTS: 0x00144100,
  ACCOUNT_SLOTS: 256,
  /** Translated code: record and function of each, how often places were met, pages that have any. */
  TRANSLATIONS: 0x00150000,
  TRANSLATION_SLOTS: 1024,
  HOT_PLACES: 0x00154000,
  HOT_PLACE_SLOTS: 1024,
  TRANSLATED_PAGES: 0x00156000,
  /** Register branches and where they led: {record, target record + 1 when the slot was nullified}. */
  NOTED_TARGETS: 0x00157000,
  NOTED_TARGET_SLOTS: 1024,
  RAM: 0x00200000,
  /** 1024 records, then records that lead to the next page. */
  RECORD_PAGE_BYTES: 16512,
  LAST_RECORD: 16368,
});

/** What run() returns. */
export const EXIT = numbers("", {
  EXIT_LIMIT: 1,
  EXIT_ESCAPE: 2,
  EXIT_HALT: 3,
  /** Between the loop and run(): look at interrupts; at a taken branch look at the timer too. */
  EXIT_ATTENTION: 4,
  EXIT_BRANCH: 5,
  /** The event ring is full. */
  EXIT_EVENTS: 6,
  EXIT_BREAKPOINT: 7,
  EXIT_WATCHPOINT: 8,
  /** The host may translate a place. */
  EXIT_HOT: 9,
});

export const CORE_STRUCTS = [
  coreState, floatState, timing, counters, tlbEntry, frontEntry, record, event, watch, account,
]; // prettier-ignore
export const CORE_CONSTANTS = [REGION, WATCH_KIND, EXIT];
