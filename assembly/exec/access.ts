// Transfers of memory instructions (PA-RISC 1.1 manual, chapter 5).
//
// When a clause runs, the address has been made, checked and translated, the cache has been looked up
// and paid for: `at` points at the bytes, big-endian. What is left is the transfer.
import { gr, setGr, Byte, Pointer, Source, Target } from "../state";

// @ts-ignore: decorator
@inline export function loadWord(t: Target, at: Pointer): void { setGr(t, bswap<u32>(load<u32>(at))); }
// @ts-ignore: decorator
@inline export function loadHalf(t: Target, at: Pointer): void { setGr(t, <u32>bswap<u16>(load<u16>(at))); }
// @ts-ignore: decorator
@inline export function loadByte(t: Target, at: Pointer): void { setGr(t, <u32>load<u8>(at)); }
// @ts-ignore: decorator
@inline export function loadWordAbsolute(t: Target, at: Pointer): void { setGr(t, bswap<u32>(load<u32>(at))); }

/** LDCW: the semaphore instruction; one processor, so it is a load and a store. */
// @ts-ignore: decorator
@inline export function loadAndClearWord(t: Target, at: Pointer): void {
  const word = bswap<u32>(load<u32>(at));
  store<u32>(at, 0);
  setGr(t, word);
}

// @ts-ignore: decorator
@inline export function storeWord(r: Source, at: Pointer): void { store<u32>(at, bswap<u32>(gr(r))); }
// @ts-ignore: decorator
@inline export function storeHalf(r: Source, at: Pointer): void { store<u16>(at, bswap<u16>(<u16>gr(r))); }
// @ts-ignore: decorator
@inline export function storeByte(r: Source, at: Pointer): void { store<u8>(at, <u8>gr(r)); }
// @ts-ignore: decorator
@inline export function storeWordAbsolute(r: Source, at: Pointer): void { store<u32>(at, bswap<u32>(gr(r))); }

/**
 * STBYS: the rightmost bytes of r to the end of the word at `at` (`ab` 0, begin), or its leftmost
 * bytes up to, but without, the byte at `at` (`ab` 1, end).
 */
// @ts-ignore: decorator
@inline export function storeBytes(r: Source, ab: Byte, at: Pointer): void {
  const word = at & ~3;
  const tail = <u32>0xffffffff >>> ((at & 3) << 3);
  const mask = ab ? ~tail : tail;
  store<u32>(word, bswap<u32>((bswap<u32>(load<u32>(word)) & ~mask) | (gr(r) & mask)));
}
