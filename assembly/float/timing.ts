// When floating-point operands and units are ready: the interlocks of the floating-point unit.
//
// Times are cycles without I stalls, counted from an epoch that never shows: FLOAT_EPOCH added to the
// cycle at which an instruction issues makes its time. An I stall moves the epoch back, as it moves
// `busy`, so it does not matter when a run's lines are looked up; the end of a call moves it forward.
// Each register has the time from which operations may read it whole and that from which a store may,
// each half the same: a store of the size that was written may issue sooner by the bypass. Rules and
// numbers: the schedule of GNU's compiler for the PA-7000 with its "Timex" unit (fields of MachineConfig).
// What that has and this has not: a load into a register that an operation under way still reads or
// writes waits for it.
import { count } from "../cache";
import { addBias, now } from "../loop-state";
import {
  COUNT_FPU, FLOAT_ALU_FREE, FLOAT_EPOCH, FLOAT_HALF_READY, FLOAT_HALF_STORED, FLOAT_MULTIPLIER_FREE,
  FLOAT_TEST_READY, FLOAT_WHOLE_READY, TIME_FLOAT_BYPASS, TIME_FLOAT_DISTANCE, TIME_FLOAT_LOAD,
  TIME_FLOAT_LOAD_STORE, TIME_FLOAT_TEST,
} from "../generated/abi";

/** Offset of a register's time for stores from that for operations. */
const STORE: u32 = 4;

/** Time at which the instruction before `nrp` issues. */
// @ts-ignore: decorator
@inline export function floatTime(nrp: u32): i32 { return now(nrp) + load<i32>(0, FLOAT_EPOCH); }

/** Stalls until `ready`; returns the time at which the instruction issues. */
// @ts-ignore: decorator
@inline export function floatIssue(nrp: u32, ready: i32): i32 {
  const time = floatTime(nrp);
  if (ready <= time) return time;
  count(COUNT_FPU, ready - time);
  addBias(ready - time);
  return ready;
}

// @ts-ignore: decorator
@inline export function wholeReady(handle: u32): i32 { return load<i32>(handle, FLOAT_WHOLE_READY); }
// @ts-ignore: decorator
@inline export function halfReady(handle: u32): i32 { return load<i32>(handle, FLOAT_HALF_READY); }
// @ts-ignore: decorator
@inline export function wholeStored(handle: u32): i32 { return load<i32>(handle, FLOAT_WHOLE_READY + STORE); }
// @ts-ignore: decorator
@inline export function halfStored(handle: u32): i32 { return load<i32>(handle, FLOAT_HALF_STORED); }
// @ts-ignore: decorator
@inline export function aluFree(): i32 { return load<i32>(0, FLOAT_ALU_FREE); }
// @ts-ignore: decorator
@inline export function multiplierFree(): i32 { return load<i32>(0, FLOAT_MULTIPLIER_FREE); }
// @ts-ignore: decorator
@inline export function testReady(): i32 { return load<i32>(0, FLOAT_TEST_READY); }

/** A time in both words of a pair. */
// @ts-ignore: decorator
@inline function twice(time: i32): u64 { return (<u64><u32>time << 32) | <u64><u32>time; }

/** A register will be ready for operations and for stores of it whole, of its halves. */
// @ts-ignore: decorator
@inline function setWhole(handle: u32, ready: i32, whole: i32, half: i32): void {
  store<i32>(handle, ready, FLOAT_WHOLE_READY);
  store<i32>(handle, whole, FLOAT_WHOLE_READY + STORE);
  store<u64>(handle, twice(ready), FLOAT_HALF_READY);
  store<u64>(handle, twice(half), FLOAT_HALF_STORED);
}

// @ts-ignore: decorator
@inline function setHalf(handle: u32, ready: i32, whole: i32, half: i32): void {
  store<i32>(handle, ready, FLOAT_HALF_READY);
  store<i32>(handle, half, FLOAT_HALF_STORED);
  const register = handle & ~7;
  store<i32>(register, max(ready, wholeReady(register)), FLOAT_WHOLE_READY);
  store<i32>(register, max(whole, wholeStored(register)), FLOAT_WHOLE_READY + STORE);
}

/** An operation issues that writes a register; `latency` is the address of its latency. */
// @ts-ignore: decorator
@inline export function wholeWritten(handle: u32, issue: i32, latency: u32): void {
  const ready = issue + load<i32>(latency);
  setWhole(handle, ready, ready - load<i32>(0, TIME_FLOAT_BYPASS), ready);
}

// @ts-ignore: decorator
@inline export function halfWritten(handle: u32, issue: i32, latency: u32): void {
  const ready = issue + load<i32>(latency);
  setHalf(handle, ready, ready, ready - load<i32>(0, TIME_FLOAT_BYPASS));
}

// @ts-ignore: decorator
@inline export function wholeLoaded(handle: u32, issue: i32): void {
  const stored = issue + load<i32>(0, TIME_FLOAT_LOAD_STORE);
  setWhole(handle, issue + load<i32>(0, TIME_FLOAT_LOAD), stored, stored);
}

// @ts-ignore: decorator
@inline export function halfLoaded(handle: u32, issue: i32): void {
  const stored = issue + load<i32>(0, TIME_FLOAT_LOAD_STORE);
  setHalf(handle, issue + load<i32>(0, TIME_FLOAT_LOAD), stored, stored);
}

/** An operation issues that keeps a unit until `busy`, the address of a number of cycles, has passed. */
// @ts-ignore: decorator
@inline export function useAlu(issue: i32): void {
  store<i32>(0, issue + load<i32>(0, TIME_FLOAT_DISTANCE), FLOAT_ALU_FREE);
}
// @ts-ignore: decorator
@inline export function useMultiplier(issue: i32, busy: u32): void {
  store<i32>(0, issue + load<i32>(busy), FLOAT_MULTIPLIER_FREE);
}

/** A comparison issues. */
// @ts-ignore: decorator
@inline export function testWritten(issue: i32): void {
  store<i32>(0, issue + load<i32>(0, TIME_FLOAT_TEST), FLOAT_TEST_READY);
}

/** When everything is done: what reads or writes the status waits for. */
export function allReady(): i32 {
  let ready = testReady();
  for (let handle: u32 = 0; handle < 256; handle += 8) ready = max(ready, wholeReady(handle));
  return ready;
}

/** Epochs beyond this are brought back, so that times never overflow. */
const FAR: i32 = 0x10000000;

/** Ends a call of the loops that took this many cycles, or lets time begin again. */
export function advanceEpoch(cycles: i32): void {
  const epoch = load<i32>(0, FLOAT_EPOCH) + cycles;
  store<i32>(0, epoch, FLOAT_EPOCH);
  if (epoch < FAR) return;
  store<i32>(0, 0, FLOAT_EPOCH);
  for (let at = FLOAT_WHOLE_READY; at <= FLOAT_TEST_READY; at += 4) store<i32>(at, max(load<i32>(at) - epoch, 0));
}
