// What Tables 7 and 8 count (R20, R21), of a shell's run: the server's own counts agree, the same calls come
// wherever it is, and who counts changes nothing. The numbers are this run's and emerge; they are not the paper's.
import { describe, expect, test } from "vitest";
import { CONFIGURATIONS, type Configuration } from "../../host/bench/configurations.ts";
import { ownPrograms } from "../../host/osf1/programs/programs.ts";
import { inputOf, runUnix } from "../../host/osf1/run.ts";

const INPUT = "echo hi\nnowhere\ncat /bin/echo\n";

async function run({ server, calls, kernel }: Configuration, count: boolean) {
  let requests = (): number => 0;
  const result = await runUnix({
    ...{ inKernel: server === "kernel", calls, kernel, count },
    files: await ownPrograms(),
    program: "/bin/sh",
    arguments: ["sh"],
    environment: [],
    seed: 1,
    streams: { ...inputOf(new TextEncoder().encode(INPUT)), write() {} },
    observe: (machine) => {
      requests = () => machine.osf1()!.requests.counts.sent;
    },
  });
  return { ...result, requests: requests() };
}

describe.each(CONFIGURATIONS)("$title", (configuration) => {
  test("is counted for nothing, by mechanism and by kind of message", async () => {
    const counted = await run(configuration, true);
    const plain = await run(configuration, false);
    expect(plain.communication).toBeUndefined();
    expect([counted.cycles, counted.counters]).toEqual([plain.cycles, plain.counters]);

    const { calls, communication } = counted;
    const { mechanisms, messages, besides } = communication!;
    const { user, server } = mechanisms;
    expect(user.inksTraps).toBe(calls.genericTraps + calls.routineTraps);
    expect(besides.userMessagesToServer).toBe(calls.genericMessages + calls.routineMessages);
    expect([besides.refusedInksTraps, besides.exceptions]).toEqual([0, 0]);
    const served = user.inksTraps + besides.userMessagesToServer;
    // Some calls the emulator answers alone; what it asks of the server besides, it traps for as well.
    expect(served).toBeGreaterThan(20);
    expect(user.emulationTraps).toBeGreaterThanOrEqual(served);

    expect(messages.user.syncSimple + messages.user.syncComplex).toBe(user.machMessages);
    const { syncSimple, syncComplex, asyncSend, asyncReceive } = messages.server;
    expect(syncSimple + syncComplex + asyncSend + asyncReceive).toBe(server.machMessages);
    expect(asyncSend).toBeGreaterThanOrEqual(counted.requests);
    expect(asyncReceive).toBeGreaterThanOrEqual(counted.requests);
    expect(counted.requests).toBeGreaterThan(0);
    expect(server.machTraps).toBeGreaterThan(0);
  });
});

test("what programs ask, and what the server tells devices, is the same everywhere", async () => {
  const runs = [];
  for (const each of CONFIGURATIONS) runs.push((await run(each, true)).communication!);
  const same = runs.map(({ mechanisms, messages }) => [
    mechanisms.user.emulationTraps,
    mechanisms.user.inksTraps + mechanisms.user.machMessages,
    messages.server.asyncSend,
    messages.server.asyncReceive,
  ]);
  expect(same[1]).toEqual(same[0]);
  expect(same[2]).toEqual(same[0]);
  // Without messages of clients the server needs no memory of theirs out of line.
  const complex = runs.map(({ messages }) => messages.server.syncComplex);
  expect(complex[2]!).toBeLessThan(complex[0]!);
});
