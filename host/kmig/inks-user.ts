/**
 * Trap client stubs (paper §3.3): "conventional system call traps" whose number is the routine's
 * msgh_id. The arguments stay where C put them, in r26–r23 and on the stack; nothing is marshalled.
 *
 * If the kernel answers MACH_SEND_INTERRUPTED, the message stub is entered with the same
 * arguments. That relies on the system call exit, which reloads r21–r26 from the saved state, and on
 * r2, which the gateway keeps; the stack arguments were only read.
 */
import { MACH_MSG_RETURN } from "../abi/mach.ts";
import { MEMORY_MAP } from "../abi/memory-map.ts";
import { Code, fits14, literal } from "./code.ts";
import type { Routine } from "./routine.ts";

/** Offset of the system call gate in the gateway page. */
const GATE = 4;

/** The trap, without the label; `message` is the label of the message stub. */
export function trapStub(routine: Routine, message: string): string {
  return trapTo(routine.requestId, message);
}

/** The same for any number. */
export function trapTo(id: number, message: string): string {
  const code = new Code();
  const number = literal(id);
  const small = fits14(id);
  if (!small) code.raw("ldil", `L%${number},%r22`, "msgh_id is the trap's number");
  code.raw("ldil", `L%${literal(MEMORY_MAP.GATEWAY)},%r1`);
  code.raw("ble", `${GATE}(%sr7,%r1)`);
  if (small) code.raw("ldi", `${number},%r22`, "msgh_id is the trap's number", true);
  else code.raw("ldo", `R%${number}(%r22),%r22`, "", true);
  const interrupted = literal(MACH_MSG_RETURN.MACH_SEND_INTERRUPTED);
  code.raw("ldil", `L%${interrupted},%r1`, "MACH_SEND_INTERRUPTED: send a message");
  code.raw("ldo", `R%${interrupted}(%r1),%r1`);
  code.raw("comb,=,n", `%r28,%r1,${message}`);
  code.raw("bv,n", "%r0(%r2)");
  return code.text();
}
