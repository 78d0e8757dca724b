// Everything the host may call. State is read and written in linear memory by the layouts of
// host/abi/machine.ts; guest memory starts at RAM.
import { changeLevel, openAccounts, settleAccount } from "./account";
import { resetContexts } from "./context";
import { resetFetch, staleRecords } from "./fetch";
import { rights, protectionIds, tlbFind, tlbPhysical, tlbPurge } from "./tlb";
import { pswWord, setPswWord, setTimer } from "./interrupt";
import { refreshTrap, setStatus } from "./float/status";
import { dataAccess } from "./generated/dataAccess";
import { CORE_CYCLES, CORE_TIMER, D_TLB, I_TLB, TLBE_PROTECTION } from "./generated/abi";

export { run } from "./run";
export { refreshTrap, resetContexts, resetFetch, setStatus, staleRecords, setTimer };
export { dropContext } from "./context";
export { forgetTranslations, setTranslation, translatedOp } from "./translated";

/** Makes a machine whose memory is zero ready: blank records, empty fronts, no timer. */
export function reset(): void {
  store<u64>(0, u64.MAX_VALUE, CORE_TIMER);
  resetFetch();
  resetContexts();
  setStatus(0);
}

/** The PSW as a word, without N and B, which are PCOQ's shape. */
export function psw(): u32 { return pswWord(); }
export function setPsw(word: u32): void { setPswWord(word); }

/** For debuggers: the TLB entry that translates an address, 0 when it would miss. */
export function findEntry(instruction: bool, space: u32, address: u32): u32 {
  return tlbFind(instruction ? I_TLB : D_TLB, space, address);
}

/** For debuggers: READ 1, WRITE 2, EXECUTE 4 that an entry allows at a privilege level. */
export function allowed(entry: u32, privilege: u32, checkIds: bool): u32 {
  const protection = load<u32>(entry, TLBE_PROTECTION);
  const bits = rights(protection, privilege);
  return checkIds ? protectionIds(protection, bits) : bits;
}

/** The host has changed the level. */
export function settleLevel(): void { changeLevel(load<u64>(0, CORE_CYCLES)); }

/** Closes the present account, so that all of them add up to the counters. */
export function settleAccounts(): void { settleAccount(load<u64>(0, CORE_CYCLES)); }

export function keepAccounts(on: bool): void { openAccounts(on, load<u64>(0, CORE_CYCLES)); }

export { dataAccess, tlbPhysical, tlbPurge };
