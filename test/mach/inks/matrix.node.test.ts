/**
 * Old and new clients, servers and kernels in all combinations (paper §2.2). New clients trap and fall
 * back on messages, old ones only send messages; new servers register their tables, old ones do not;
 * a new kernel knows servers' traps, an old one refuses their numbers.
 */
import { expect, test } from "vitest";
import { KERN_RETURN, MACH_MSG_RETURN } from "../../../host/abi/mach.ts";
import { INKS_TRAP, UNOPTIMIZED } from "../../../host/bench/configurations.ts";
import { readWords, rpcBed } from "../../../host/bench/rpc/bed.ts";
import { testClient, testServer } from "./programs.ts";

const AGES = ["old", "new"] as const;
type Age = (typeof AGES)[number];
const PLACES = ["user", "kernel"] as const;

/** Both calls of a client through the stub in r13; the second one's sum is kept. */
const CALLS = `
	copy	%r3,%arg0
	ldi	40,%arg1
	ldi	2,%arg2
	ldil	L%buffer,%arg3
	ldo	R%buffer(%arg3),%arg3
	ble	0(%sr4,%r13)
	copy	%r31,%rp
	keep	%r28
	ldil	L%buffer,%r19
	ldw	R%buffer(%r19),%r20
	keep	%r20
`;
const choose = (stub: string) => `	ldil	L%${stub},%r13\n	ldo	R%${stub}(%r13),%r13\n`;
/**
 * The small effort that a new client makes for old kernels: a trap of a server's number to no port. A
 * new kernel asks for a message, an old one does not know the number; then message stubs are used.
 */
const PROBE = `
	copy	%r0,%arg0
	raw	9000
	copy	%r28,%r12
${choose("rpc_add")}	ldil	L%${MACH_MSG_RETURN.MACH_SEND_INTERRUPTED},%r19
	ldo	R%${MACH_MSG_RETURN.MACH_SEND_INTERRUPTED}(%r19),%r19
	comb,=,n	%r19,%r12,chosen
${choose("rpc_add_message")}chosen:
`;
const CLIENTS: Readonly<Record<Age, string>> = {
  old: choose("rpc_add_message") + CALLS,
  new: PROBE + CALLS,
};

const rows = AGES.flatMap((client) =>
  AGES.flatMap((server) =>
    AGES.flatMap((kernel) =>
      // An old kernel cannot take a server in.
      PLACES.filter((place) => kernel === "new" || place === "user").map((place) => ({
        client,
        server,
        kernel,
        place,
      })),
    ),
  ),
);

test.each(rows)(
  "$client client, $server server, $kernel kernel, server in $place space (C2, C3, C4)",
  async ({ client, server, kernel, place }) => {
    const image = await testServer();
    const programs = { client: await testClient(CLIENTS[client]), server: image };
    const configuration = place === "kernel" ? INKS_TRAP : UNOPTIMIZED;
    const bed = await rpcBed(configuration, { programs, kernel: { inks: kernel === "new" } });
    bed.kernel.run({ cycles: 5_000_000 });
    // An old server has never registered.
    if (server === "old" && place === "kernel")
      bed.kernel.inksServer(bed.server.task)!.table_count = 0;
    const before = bed.kernel.cpu.stack_handoffs;
    bed.kernel.start(bed.client, [bed.names.send]);
    expect(bed.kernel.run({ cycles: 5_000_000 })).toBe("idle");
    expect(Array.from(readWords(bed, "results", 2))).toEqual([0, 42]);
    const traps = client === "new" && server === "new" && place === "kernel";
    const calls = bed.kernel.inksServer(bed.server.task)?.calls ?? 0;
    expect(calls).toBe(traps ? 1 : 0);
    // Whatever is not a trap is a message, and its handoff and the reply's.
    expect(bed.kernel.cpu.stack_handoffs - before).toBe(traps ? 0 : 2);
    const registered = readWords(bed, "rpc_server_registered", 1, "server")[0];
    const { KERN_SUCCESS, KERN_FAILURE, KERN_INVALID_ARGUMENT } = KERN_RETURN;
    if (place === "kernel") expect(registered).toBe(KERN_SUCCESS);
    else expect([KERN_FAILURE, KERN_INVALID_ARGUMENT]).toContain(registered);
  },
);
