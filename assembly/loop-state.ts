// State of the run loop that is not its position: time, the run of I lines, exits and traps.
//
// What each item means is told at the head of loop.template.ts. All of it is in memory (rp and nrp, the
// position, are the loop's locals), so slow paths are plain functions.
import { count, fetchLines } from "./cache";
import { OP_DECODE } from "./generated/operations";
import {
  CORE_BIAS, CORE_BUSY, CORE_FRONT, CORE_LIMIT, CORE_NRP, CORE_PAGE, CORE_PC_BASE, CORE_PENDING, CORE_RP,
  CORE_START, CORE_STOP, COUNT_CONTROL, COUNT_LOAD_USES, COUNT_MISPREDICTS, COUNT_STORE_BUSY, RECORD_MASK,
  TIME_LOAD_USE, TIME_MISPREDICT,
} from "./generated/abi";

/** No run of sequential records in the current page; greater than any record pointer. */
export const NONE: u32 = 0xffffffff;
/** Bytes of a record: its cycle, when it is stepped over. */
export const OP_BYTES: u32 = 16;
/** Distance of the record that displacement 0 leads to: less is backward. */
export const FORWARD: i32 = 32;

// @ts-ignore: decorator
@inline export function page(): u32 { return load<u32>(0, CORE_PAGE); }
// @ts-ignore: decorator
@inline export function pcBase(): u32 { return load<u32>(0, CORE_PC_BASE); }
// @ts-ignore: decorator
@inline export function front(): u32 { return load<u32>(0, CORE_FRONT); }
// @ts-ignore: decorator
@inline export function stop(): i32 { return load<i32>(0, CORE_STOP); }
// @ts-ignore: decorator
@inline export function limit(): i32 { return load<i32>(0, CORE_LIMIT); }
/** Keeps a position for the next frame; returns 0. */
// @ts-ignore: decorator
@inline export function stay(rp: u32, nrp: u32): u32 {
  store<u32>(0, rp, CORE_RP);
  store<u32>(0, nrp, CORE_NRP);
  return 0;
}

// @ts-ignore: decorator
@inline export function start(): u32 { return load<u32>(0, CORE_START); }
// @ts-ignore: decorator
@inline export function setStart(record: u32): void { store<u32>(0, record, CORE_START); }
// @ts-ignore: decorator
@inline export function busy(): i32 { return load<i32>(0, CORE_BUSY); }
// @ts-ignore: decorator
@inline export function setBusy(cycle: i32): void { store<i32>(0, cycle, CORE_BUSY); }
// @ts-ignore: decorator
@inline export function addBias(stall: i32): void { store<i32>(0, load<i32>(0, CORE_BIAS) + stall, CORE_BIAS); }

/** The cycle, since the loop was entered, at which the instruction before `nrp` issues. */
// @ts-ignore: decorator
@inline export function now(nrp: u32): i32 { return load<i32>(0, CORE_BIAS) + <i32>(nrp >>> 4); }

/** Looks up the lines of some records of the current page and stalls for the misses. */
// @ts-ignore: decorator
@inline export function stallForLines(first: u32, last: u32): void {
  const stall = fetchLines(first, last);
  addBias(stall);
  setBusy(busy() + stall);
}

/** Looks up the run's lines up to rp, which is the present instruction. */
// @ts-ignore: decorator
@inline export function lookUpLines(rp: u32, nrp: u32): void {
  if (nrp == rp + OP_BYTES && start() <= rp) stallForLines(start(), rp);
}

/** Looks up the run's lines before rp, so that `now` is the cycle of the boundary before it. */
// @ts-ignore: decorator
@inline export function lookUpPast(rp: u32, nrp: u32): void {
  if (nrp != rp + OP_BYTES || start() > rp - OP_BYTES) return;
  stallForLines(start(), rp - OP_BYTES);
  setStart(rp);
}

// @ts-ignore: decorator
@inline export function usesRegister(record: u32, handle: u32): u32 { return (load<u32>(record, RECORD_MASK) >>> (handle >>> 2)) & 1; }

/** The load at hand stalls its successor, unless that one is not decoded yet and must be asked later. */
// @ts-ignore: decorator
@inline export function interlock(next: u32, handle: u32): u32 {
  if (<u32>load<u16>(next) >= OP_DECODE) {
    store<u32>(0, handle, CORE_PENDING);
    return 0;
  }
  return loadUseStall();
}

// @ts-ignore: decorator
@inline export function loadUseStall(): u32 {
  count(COUNT_LOAD_USES, 1);
  return load<u32>(0, TIME_LOAD_USE);
}

// @ts-ignore: decorator
@inline export function busyStall(stall: u32): u32 {
  count(COUNT_STORE_BUSY, stall);
  return stall;
}

// @ts-ignore: decorator
@inline export function mispredictStall(): u32 {
  count(COUNT_MISPREDICTS, 1);
  return load<u32>(0, TIME_MISPREDICT);
}

// @ts-ignore: decorator
@inline export function chargeControl(cost: u32): u32 {
  const stall = load<u32>(cost);
  count(COUNT_CONTROL, stall);
  return stall;
}
