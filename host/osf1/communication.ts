/**
 * The rows of the paper's Tables 7 and 8 for a run on this Unix: who called whom, how, and with what kinds
 * of messages. What comes out is counted, and says nothing of the paper's own run of Andrew.
 */
import { Communication, type CommunicationCounts, type System } from "../mach/interface.ts";
import type { Osf1 } from "./server/osf1.ts";

export interface Communicated {
  /** Table 7, by the paper's rows. */
  readonly mechanisms: {
    readonly user: {
      readonly emulationTraps: number;
      readonly inksTraps: number;
      readonly machTraps: number;
      readonly machMessages: number;
    };
    readonly server: { readonly machTraps: number; readonly machMessages: number };
  };
  /** Table 8. */
  readonly messages: {
    readonly user: { readonly syncSimple: number; readonly syncComplex: number };
    readonly server: {
      readonly syncSimple: number;
      readonly syncComplex: number;
      readonly asyncSend: number;
      readonly asyncReceive: number;
    };
  };
  /** What is in neither table, or a part of a row. */
  readonly besides: {
    /** Of the users' messages, those to the server. */
    readonly userMessagesToServer: number;
    readonly userAsyncSend: number;
    /** Traps that the server's port would not have, so that a message follows. */
    readonly refusedInksTraps: number;
    /** Messages by which the server's threads wake each other. */
    readonly serverWakeups: number;
    readonly exceptions: number;
  };
}

/** Counts from now on. @returns how much it is so far */
export function countCommunication(
  { server, counts }: Osf1,
  kernel: System["kernel"],
): () => Communicated {
  const communication = Communication.of(kernel, server.task);
  const before = { ...counts };
  return () => {
    const { user, server: its } = communication;
    const asyncReceive = counts.oneWay - before.oneWay;
    return {
      mechanisms: {
        user: {
          emulationTraps: user.emulationTraps,
          inksTraps: user.inksTraps,
          machTraps: user.machTraps,
          machMessages: rpcs(user),
        },
        server: {
          machTraps: its.machTraps,
          machMessages: rpcs(its) + its.asyncSend + asyncReceive,
        },
      },
      messages: {
        user: { syncSimple: user.syncSimple, syncComplex: user.syncComplex },
        server: {
          syncSimple: its.syncSimple,
          syncComplex: its.syncComplex,
          asyncSend: its.asyncSend,
          asyncReceive,
        },
      },
      besides: {
        userMessagesToServer: user.toTasks,
        userAsyncSend: user.asyncSend,
        refusedInksTraps: user.refusedTraps,
        serverWakeups: its.toSelf,
        exceptions: counts.exceptions - before.exceptions,
      },
    };
  };
}

const rpcs = ({ syncSimple, syncComplex }: CommunicationCounts): number => syncSimple + syncComplex;
