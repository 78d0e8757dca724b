// Floating-point conversions (PA-RISC 1.1 manual, chapter 6), for every operand, mode and trap.
//
// Formats are in the clauses' names, source first. A word is a signed integer in half a register, a
// double word one in a whole register.
import { doubleWord, word, DoubleSource, DoubleTarget, Raised, SingleSource, SingleTarget } from "../float/registers";
import { converted, fromInteger, toInteger } from "../float/convert";
import { deliverDouble, deliverSingle } from "../float/deliver";
import { clearRaised } from "../float/status";

export function floatToFloatSingleDouble(fa: SingleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, converted(word(fa), true));
}
export function floatToFloatDoubleSingle(fa: DoubleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, converted(doubleWord(fa), false));
}

export function fixedToFloatSingleSingle(fa: SingleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, fromInteger(<i32>word(fa), true));
}
export function fixedToFloatSingleDouble(fa: SingleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, fromInteger(<i32>word(fa), false));
}
export function fixedToFloatDoubleSingle(fa: DoubleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, fromInteger(<i64>doubleWord(fa), true));
}
export function fixedToFloatDoubleDouble(fa: DoubleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, fromInteger(<i64>doubleWord(fa), false));
}

export function floatToFixedSingleSingle(fa: SingleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, toInteger(word(fa), true, true, false));
}
export function floatToFixedSingleDouble(fa: SingleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, toInteger(word(fa), true, false, false));
}
export function floatToFixedDoubleSingle(fa: DoubleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, toInteger(doubleWord(fa), false, true, false));
}
export function floatToFixedDoubleDouble(fa: DoubleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, toInteger(doubleWord(fa), false, false, false));
}

export function floatToFixedTruncateSingleSingle(fa: SingleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, toInteger(word(fa), true, true, true));
}
export function floatToFixedTruncateSingleDouble(fa: SingleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, toInteger(word(fa), true, false, true));
}
export function floatToFixedTruncateDoubleSingle(fa: DoubleSource, ft: SingleTarget): Raised {
  clearRaised();
  return deliverSingle(ft, toInteger(doubleWord(fa), false, true, true));
}
export function floatToFixedTruncateDoubleDouble(fa: DoubleSource, ft: DoubleTarget): Raised {
  clearRaised();
  return deliverDouble(ft, toInteger(doubleWord(fa), false, false, true));
}
