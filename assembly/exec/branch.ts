// Branch clauses (PA-RISC 1.1 manual, chapter 5).
//
// A clause says whether a conditional branch is taken, or where a register branch goes; the loop owns
// displacement, delay slot, nullification, privilege and cycles. Links come in as operands.
import { gr, sar, setGr, setSr, Byte, Condition, Link, Offset, Small, Source, Taken, Target, Wide } from "../state";
import { addCondition, compareCondition, shiftCondition } from "./cond";

// @ts-ignore: decorator
@inline export function branchAndLink(t: Target, link: Link): void { setGr(t, link); }

/** BLR: `link` is eight bytes after the branch in the usual case, `here` the branch itself. */
// @ts-ignore: decorator
@inline export function branchAndLinkRegister(x: Source, t: Target, link: Link, here: Link): Offset {
  const target = here + 8 + (gr(x) << 3);
  setGr(t, link);
  return target;
}

// @ts-ignore: decorator
@inline export function branchVectored(b: Source, x: Source): Offset { return gr(b) + (gr(x) << 3); }

// @ts-ignore: decorator
@inline export function moveAndBranch(r: Source, t: Target, c: Condition): Taken {
  const low = gr(r);
  setGr(t, low);
  return shiftCondition(c, low);
}

// @ts-ignore: decorator
@inline export function moveImmediateAndBranch(im5: Small, t: Target, c: Condition): Taken {
  setGr(t, im5);
  return shiftCondition(c, im5);
}

// @ts-ignore: decorator
@inline export function compareAndBranch(a: Source, b: Source, c: Condition): Taken { return compareCondition(c, gr(a), gr(b)); }
// @ts-ignore: decorator
@inline export function compareImmediateAndBranch(im5: Small, b: Source, c: Condition): Taken { return compareCondition(c, im5, gr(b)); }

// @ts-ignore: decorator
@inline function addAndTest(x: u32, y: u32, target: Target, c: Condition): Taken {
  const sum = <u64>x + <u64>y;
  setGr(target, <u32>sum);
  return addCondition(c, x, y, sum);
}

// @ts-ignore: decorator
@inline export function addAndBranch(a: Source, b: Source, bOut: Target, c: Condition): Taken { return addAndTest(gr(a), gr(b), bOut, c); }
// @ts-ignore: decorator
@inline export function addImmediateAndBranch(im5: Small, b: Source, bOut: Target, c: Condition): Taken { return addAndTest(im5, gr(b), bOut, c); }

/** `f` is 1 for the completer >=: branch when the bit is 0. */
// @ts-ignore: decorator
@inline export function branchOnBit(r: Source, p: Byte, f: Byte): Taken { return ((gr(r) << p) >>> 31) ^ f; }
// @ts-ignore: decorator
@inline export function branchOnVariableBit(r: Source, f: Byte): Taken { return ((gr(r) << sar()) >>> 31) ^ f; }

// @ts-ignore: decorator
@inline export function branchExternal(b: Source, w17: Wide): Offset { return gr(b) + w17; }

/** BLE: the return point goes to sr0 and r31. */
// @ts-ignore: decorator
@inline export function branchAndLinkExternal(b: Source, w17: Wide, link: Link, linkSpace: Link): Offset {
  const target = gr(b) + w17;
  setGr(31 << 2, link);
  setSr(0, linkSpace);
  return target;
}
