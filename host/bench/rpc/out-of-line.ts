/**
 * What client and server of a measured interface do with memory out of line: the client sends one
 * element from its argument area, the server gives back the one it received, or one of its own, and each deallocates
 * what came to it, as any program of MIG's must. The pages themselves nobody touches. How much goes is what an
 * element has: of `^array[] of struct[4096] of int`, 16 KB. Text for interface-calls.ts.
 */
import { isPortRight, MACH_MSG_TYPE_POLYMORPHIC } from "../../kmig/message-names.ts";
import { argumentHome, passArguments } from "../../kmig/calling.ts";
import type { Routine, RoutineArgument } from "../../kmig/routine.ts";

/** Room of `argument` in the client, and of `pages_out_of_line` in the server. */
const MOST_BYTES = 2 ** 20;

/** Arguments that travel out of line. */
export function outOfLine({ arguments: list }: Routine): RoutineArgument[] {
  return list.filter(({ type, request, reply }) => (request || reply) && !type.inLine);
}

/** Bytes of one element. */
export const bytesOf = ({ type }: RoutineArgument): number => type.element?.typeSize ?? 0;

/** Whether it is the count of an argument out of line. */
export function countsOutOfLine(routine: Routine, argument: RoutineArgument): boolean {
  const { identity, parent } = argument;
  return identity === "count" && !routine.arguments[parent]!.type.inLine;
}

/** Why a routine with memory out of line is not measured; undefined when it is. */
export function whyNotOutOfLine(routine: Routine): string | undefined {
  for (const { type, name, request, reply } of routine.arguments) {
    if (!request && !reply) continue;
    if (isPortRight(type.inName) || isPortRight(type.outName)) return `port right: ${name}`;
    if (type.inName === MACH_MSG_TYPE_POLYMORPHIC || type.outName === MACH_MSG_TYPE_POLYMORPHIC)
      return `polymorphic: ${name}`;
    if (type.inTrans !== "" || type.outTrans !== "" || type.destructor !== "")
      return `translated: ${name}`;
  }
  const list = outOfLine(routine);
  if (list.length > 1) return `more than one argument out of line: ${list[1]!.name}`;
  for (const argument of list) {
    const { type, name, dealloc } = argument;
    // The number in the descriptor is 0 then, in MIG as here.
    if (!type.varying) return `out-of-line memory of fixed size, of which MIG sends none: ${name}`;
    if (dealloc !== "no") return `out-of-line memory that is given away: ${name}`;
    if (bytesOf(argument) > MOST_BYTES) return `more than ${MOST_BYTES} bytes out of line: ${name}`;
  }
  return undefined;
}

/** Bytes of the largest, 0 when there is none. */
export function largestOutOfLine(routines: readonly Routine[]): number {
  return Math.max(0, ...routines.flatMap(outOfLine).map(bytesOf));
}

/** libmach's `vm_deallocate`, the trap alone; for programs that link no stubs of the kernel's interface. */
export const DEALLOCATE = `
	.text
deallocate_out_of_line:
	ldil	L%GATEWAY,%r1
	ble	4(%sr7,%r1)
	ldi	TRAP_VM_DEALLOCATE,%r22
	bv,n	%r0(%rp)
`;

/** Deallocates what \`load\` leaves the address of in %arg1. */
const deallocate = (load: string, bytes: number): string => `	bl	mach_task_self,%rp
	nop
	copy	%r28,%arg0
${load}
	ldil	L%${bytes},%arg2
	bl	deallocate_out_of_line,%rp
	ldo	R%${bytes}(%arg2),%arg2
`;

/** The client, before and after the two readings of its clock: r8 is its argument area. */
export function clientOutOfLine(routine: Routine): { before: string; after: string } {
  const list = outOfLine(routine);
  const both = list.some(({ request, reply }) => request && reply);
  const received = list.filter(({ reply }) => reply);
  return {
    // What goes both ways is passed as the address of its address, and of its count.
    before: both ? "\tstw\t%r8,0(%r8)\n\tldi\t1,%r1\n\tstw\t%r1,4(%r8)\n" : "",
    after: received.map((each) => deallocate("\tldw\t0(%r8),%arg1", bytesOf(each))).join(""),
  };
}

/** The client's count of what goes out of line: one, or where the number is left. */
export function clientCount(argument: RoutineArgument): string {
  return argument.byReferenceUser ? "\tldo\t4(%r8),%r1" : "\tldi\t1,%r1";
}

/** Bytes of the work function's frame. */
const FRAME = 128;

/** A work function that deallocates what it received: at once, or when the reply with it was sent. */
export function workOutOfLine(routine: Routine): string {
  const passed = passArguments(
    routine.arguments.filter(({ serverArg }) => serverArg),
    ({ byReferenceServer }) => byReferenceServer,
  );
  const homeOf = (argument: RoutineArgument | undefined) => {
    const { word } = passed.find((each) => each.argument === argument)!;
    return `${argumentHome(word) - FRAME}(%sp)`;
  };
  const parts = outOfLine(routine).map((argument) => {
    const home = homeOf(argument);
    const bytes = bytesOf(argument);
    if (!argument.reply) return deallocate(`\tldw\t${home},%arg1`, bytes);
    if (!argument.request)
      return `	ldw	${home},%r19
	ldil	L%pages_out_of_line,%r20
	ldo	R%pages_out_of_line(%r20),%r20
	stw	%r20,0(%r19)
	ldw	${homeOf(routine.arguments[argument.count])},%r19
	ldi	1,%r20
	stw	%r20,0(%r19)
`;
    return `	ldil	L%sent_out_of_line,%r19
	ldw	R%sent_out_of_line(%r19),%r20
	comib,=,n	0,%r20,1f
${deallocate("\tldil\tL%sent_out_of_line,%r19\n\tldw\tR%sent_out_of_line(%r19),%arg1", bytes)}1:
	ldw	${home},%r19
	ldw	0(%r19),%r20
	ldil	L%sent_out_of_line,%r19
	stw	%r20,R%sent_out_of_line(%r19)
`;
  });
  const spill = [0, 1, 2, 3].map((word) => `	stw	%arg${word},${argumentHome(word)}(%sp)\n`);
  return `	.globl	${routine.serverName}
${routine.serverName}:
	stw	%rp,-20(%sp)
${spill.join("")}	ldo	${FRAME}(%sp),%sp
${parts.join("")}	ldw	${-20 - FRAME}(%sp),%rp
	ldo	${-FRAME}(%sp),%sp
	bv	%r0(%rp)
	ldi	KERN_SUCCESS,%r28
`;
}

/** The server's pages, and the address of what its last reply had. */
export function serverDataOutOfLine(bytes: number): string {
  return `
	.data
	.align	4
sent_out_of_line:
	.word	0
	.bss
	.align	4096
pages_out_of_line:
	.block	${bytes}
`;
}
