// The end of a floating-point operation: its result is written, unless an exception that traps forbids
// it, and exceptions become flags or the code of a trap.
import { setDoubleWord, setWord, DoubleTarget, Raised, SingleTarget } from "./registers";
import { keepsTarget, settleExceptions } from "./status";

export function deliverSingle(ft: SingleTarget, result: u64): Raised {
  if (!keepsTarget()) setWord(ft, <u32>result);
  return settleExceptions();
}

export function deliverDouble(ft: DoubleTarget, result: u64): Raised {
  if (!keepsTarget()) setDoubleWord(ft, result);
  return settleExceptions();
}
