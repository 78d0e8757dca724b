// What a load or store leaves when it takes the assist emulation trap: its address, in ISR and IOR, for
// whoever emulates it. (Operations leave no address; raise() writes IIR for all.)
import { setCr } from "../state";
import { CORE_PSW, CR_IOR, CR_ISR, PSW_Q } from "../generated/abi";

/** Bit 16 of diagnose register 0: FSTQ stores (OSF's kernel sets it on the S-chip). */
export const QUAD_STORE_ENABLE: u32 = 0x8000;

export function keepAddress(space: u32, address: u32): void {
  if (!(load<u32>(0, CORE_PSW) & PSW_Q)) return;
  setCr(CR_ISR, space);
  setCr(CR_IOR, address);
}
