// Accounts: what the counters counted for each space and privilege level.
//
// Whenever the current page's space or the level changes (flow.ts, at the arrival), what all counters
// gained since the last change goes to the account of who had run. The cycles of an interruption belong to
// the interrupted. Off unless the host asks; the sums are exact, since nothing is counted twice.
//
// Always kept, the same way: the cycles that were spent outside of level 0, for a kernel's timers.
import {
  CORE_LEVEL_SINCE, CORE_USER_CYCLES, CORE_USER_LEVEL,
  ACCOUNTS, ACCOUNT_COUNTED, ACCOUNT_LEVEL, ACCOUNT_SLOTS, ACCOUNT_SPACE, ACCOUNT_TOTALS, CORE_ACCOUNT,
  CORE_ACCOUNTING, CORE_FRONT_OFFSET, CORE_FRONT_SPACE, CORE_PRIVILEGE, CORE_SPACE, COUNT_INTERRUPTIONS, COUNT_STORE_BUSY, I_DTLB_MISS, I_DTLB_NON_ACCESS,
  I_ITLB_MISS, I_ITLB_NON_ACCESS, SIZEOF_ACCOUNT,
} from "./generated/abi";

/** 64-bit counters from COUNT_STORE_BUSY on; then cycles, interruptions, I-TLB and D-TLB misses. */
const COUNTERS: u32 = (COUNT_INTERRUPTIONS - COUNT_STORE_BUSY) >>> 3;

/** Levels are kept plus 1: 0 is a free slot. */
function find(space: u32, level: u32): u32 {
  for (let i: u32 = 0; i < ACCOUNT_SLOTS - 1; i++) {
    const slot = ACCOUNTS + ((space * 5 + level + i) % (ACCOUNT_SLOTS - 1)) * SIZEOF_ACCOUNT;
    const known = load<u32>(slot, ACCOUNT_LEVEL);
    if (known == level + 1 && load<u32>(slot, ACCOUNT_SPACE) == space) return slot;
    if (known) continue;
    store<u32>(slot, space, ACCOUNT_SPACE);
    store<u32>(slot, level + 1, ACCOUNT_LEVEL);
    return slot;
  }
  return ACCOUNTS + (ACCOUNT_SLOTS - 1) * SIZEOF_ACCOUNT;
}

function add(account: u32, index: u32, total: u64): void {
  const last = ACCOUNT_TOTALS + (index << 3), sum = account + (index << 3);
  if (account) store<u64>(sum, load<u64>(sum, ACCOUNT_COUNTED) + total - load<u64>(last), ACCOUNT_COUNTED);
  store<u64>(last, total);
}

/** The sum of all interruptions; TLB misses, of accesses and of others. */
function interruptions(number: u32): u64 { return load<u32>(COUNT_INTERRUPTIONS + (number << 2)); }

/** Closes the present account at `cycles`, all that ever were; 0 is none. */
export function settleAccount(cycles: u64): void {
  const account = load<u32>(0, CORE_ACCOUNT);
  for (let i: u32 = 0; i < COUNTERS; i++) add(account, i, load<u64>(COUNT_STORE_BUSY + (i << 3)));
  let all: u64 = 0;
  for (let number: u32 = 0; number < 32; number++) all += interruptions(number);
  add(account, COUNTERS, cycles);
  add(account, COUNTERS + 1, all);
  add(account, COUNTERS + 2, interruptions(I_ITLB_MISS) + interruptions(I_ITLB_NON_ACCESS));
  add(account, COUNTERS + 3, interruptions(I_DTLB_MISS) + interruptions(I_DTLB_NON_ACCESS));
}

/** At an arrival: goes on with the account of the space and level that run now. */
export function changeAccount(cycles: u64): void {
  const account = load<u32>(0, CORE_ACCOUNT), space = load<u32>(0, CORE_SPACE), level = load<u32>(0, CORE_PRIVILEGE);
  if (account && load<u32>(account, ACCOUNT_SPACE) == space && load<u32>(account, ACCOUNT_LEVEL) == level + 1) return;
  settleAccount(cycles);
  store<u32>(0, find(space, level), CORE_ACCOUNT);
}

/** At an arrival: what was spent outside of level 0 until it, if the level has changed from or to that. */
// @ts-ignore: decorator
@inline export function changeLevel(cycles: u64): void {
  const user = u32(load<u32>(0, CORE_PRIVILEGE) != 0);
  if (user == load<u32>(0, CORE_USER_LEVEL)) return;
  if (!user) store<u64>(0, load<u64>(0, CORE_USER_CYCLES) + cycles - load<u64>(0, CORE_LEVEL_SINCE), CORE_USER_CYCLES);
  store<u32>(0, user, CORE_USER_LEVEL);
  store<u64>(0, cycles, CORE_LEVEL_SINCE);
}

/** Starts or stops keeping accounts: all are empty, and whoever is at the queue's front has the first. */
export function openAccounts(on: bool, cycles: u64): void {
  memory.fill(ACCOUNTS, 0, ACCOUNT_SLOTS * SIZEOF_ACCOUNT);
  store<u32>(0, on, CORE_ACCOUNTING);
  store<u32>(0, 0, CORE_ACCOUNT);
  settleAccount(cycles);
  if (on) store<u32>(0, find(load<u32>(0, CORE_FRONT_SPACE), load<u32>(0, CORE_FRONT_OFFSET) & 3), CORE_ACCOUNT);
}
