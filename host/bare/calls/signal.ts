/** System calls on signals: actions, masks, sending, waiting, returning from a handler. */
import {
  CODE,
  LAST_SIGNAL,
  MINSIGSTKSZ,
  SIGNAL,
  SIGNAL_MASK,
  SIGNAL_STACK,
} from "../../abi/linux/signals.ts";
import { fail } from "../call-failed.ts";
import { pack, unpack } from "../../abi/linux/bytes.ts";
import { sigaction, siginfo, stackT } from "../../abi/linux/structures.ts";
import { type Answer, type Process, PROCESS_ID } from "../process.ts";
import { onSignalStack, signalStackFlags } from "../../abi/linux/signal-frame.ts";
import { leaveHandler } from "../signal-frame.ts";
import type { CallTable } from "./call.ts";

const SET_BYTES = 8;
const { SIG_BLOCK, SIG_UNBLOCK, SIG_SETMASK } = SIGNAL_MASK;

function readSet(p: Process, address: number, size: number): bigint {
  if (size !== SET_BYTES) fail("EINVAL");
  const view = new DataView(p.read(address, SET_BYTES).buffer);
  return (BigInt(view.getUint32(4)) << 32n) | BigInt(view.getUint32(0));
}

function writeSet(p: Process, address: number, set: bigint): void {
  const bytes = new Uint8Array(SET_BYTES);
  const view = new DataView(bytes.buffer);
  view.setUint32(0, Number(set & 0xffffffffn));
  view.setUint32(4, Number(set >> 32n));
  p.write(address, bytes);
}

function checkSignal(signal: number): void {
  if (signal < 1 || signal > LAST_SIGNAL) fail("EINVAL");
}

function setAction(p: Process, signal: number, wanted: number, old: number, size: number): number {
  if (size !== SET_BYTES) fail("EINVAL");
  checkSignal(signal);
  const before = p.signals.action(signal);
  if (wanted !== 0) {
    if (signal === SIGNAL.SIGKILL || signal === SIGNAL.SIGSTOP) fail("EINVAL");
    const bytes = p.read(wanted, sigaction.size);
    const { sa_handler: handler, sa_flags: flags } = unpack(sigaction, bytes);
    const mask = readSet(p, wanted + sigaction.offset.sa_mask, SET_BYTES);
    p.signals.setAction(signal, { handler, flags, mask });
  }
  if (old !== 0) {
    p.write(old, pack(sigaction, { sa_handler: before.handler, sa_flags: before.flags }));
    writeSet(p, old + sigaction.offset.sa_mask, before.mask);
  }
  return 0;
}

function setMask(p: Process, how: number, wanted: number, old: number, size: number): number {
  if (size !== SET_BYTES) fail("EINVAL");
  const before = p.signals.blocked;
  if (wanted !== 0) {
    const set = readSet(p, wanted, size);
    if (how === SIG_BLOCK) p.signals.blocked = before | set;
    else if (how === SIG_UNBLOCK) p.signals.blocked = before & ~set;
    else if (how === SIG_SETMASK) p.signals.blocked = set;
    else fail("EINVAL");
  }
  if (old !== 0) writeSet(p, old, before);
  return 0;
}

function send(p: Process, process: number, signal: number, code: number): number {
  if (signal > LAST_SIGNAL) fail("EINVAL");
  if (process !== PROCESS_ID) fail("ESRCH");
  if (signal !== 0) p.send(signal, code);
  return 0;
}

function kill(p: Process, process: number, signal: number): number {
  // Its own group, or everybody: that is only itself.
  const others = [0, -1, -PROCESS_ID].includes(process | 0);
  return send(p, others ? PROCESS_ID : process, signal, CODE.SI_USER);
}

function queue(p: Process, process: number, signal: number, address: number): number {
  checkSignal(signal);
  if (process !== PROCESS_ID) fail("ESRCH");
  const { si_code, si_pid, si_uid, si_value } = unpack(siginfo, p.read(address, siginfo.size));
  p.signals.send({ signal, code: si_code | 0, first: si_pid, second: si_uid, value: si_value });
  return 0;
}

/** Waits for a signal that enters a handler or ends the program; always fails with EINTR. */
function wait(p: Process, what: string): Answer {
  const slept = p.sleep(Number.POSITIVE_INFINITY, what);
  return typeof slept === "string" ? fail("EINTR") : slept;
}

function suspend(p: Process, address: number, size: number): Answer {
  const set = readSet(p, address, size);
  p.signals.maskToRestore = p.signals.blocked;
  p.signals.blocked = set;
  return wait(p, "sigsuspend");
}

function alternateStack(p: Process, wanted: number, old: number): number {
  const { base, size } = p.signals.alternate;
  const inUse = onSignalStack(p.signals.alternate, p.machine.gr(30));
  const chosen = wanted === 0 ? undefined : unpack(stackT, p.read(wanted, stackT.size));
  if (old !== 0) {
    const ss_flags = signalStackFlags(p.signals.alternate, p.machine.gr(30));
    p.write(old, pack(stackT, { ss_sp: base, ss_flags, ss_size: size }));
  }
  if (chosen === undefined) return 0;
  if (inUse) fail("EPERM");
  if (chosen.ss_flags & ~SIGNAL_STACK.SS_DISABLE) fail("EINVAL");
  if (chosen.ss_flags & SIGNAL_STACK.SS_DISABLE) p.signals.alternate = { base: 0, size: 0 };
  else if (chosen.ss_size < MINSIGSTKSZ) fail("ENOMEM");
  else p.signals.alternate = { base: chosen.ss_sp, size: chosen.ss_size };
  return 0;
}

function returnFromHandler(p: Process): Answer {
  if (leaveHandler(p)) return "resumed";
  const message = "segmentation fault: the signal frame is gone";
  return { kind: "signal", signal: SIGNAL.SIGSEGV, message };
}

export const SIGNAL_CALLS: CallTable = {
  pause: (p) => wait(p, "pause"),
  kill: kill,
  sigaltstack: alternateStack,
  rt_sigreturn: returnFromHandler,
  rt_sigaction: setAction,
  rt_sigprocmask: setMask,
  rt_sigpending: (p, address) => {
    writeSet(p, address, p.signals.pending);
    return 0;
  },
  rt_sigqueueinfo: queue,
  rt_sigsuspend: suspend,
  tkill: (p, thread, signal) => send(p, thread, signal, CODE.SI_TKILL),
  tgkill: (p, process, thread, signal) =>
    process === PROCESS_ID ? send(p, thread, signal, CODE.SI_TKILL) : fail("ESRCH"),
};
