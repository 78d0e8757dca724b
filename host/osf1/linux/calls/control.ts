/** Linux's prctl: what a process says about itself. Options that are not here are unknown: EINVAL. */
import { PROCESS_CONTROL } from "../../../abi/linux/constants.ts";
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { LAST_SIGNAL } from "../../unix/constants.ts";
import { pathBytes } from "../../unix/files/path.ts";
import { self } from "../../unix/process/identity.ts";
import type { Unix } from "../../unix/unix.ts";
import { linuxSignal, unixSignal } from "../signals.ts";
import { putWords } from "../../caller-words.ts";
import { type LinuxTable, zero } from "../work.ts";

/** Bytes of a process's name, with its NUL. */
const NAME_SIZE = 16;

/** The beginning of a longer name is the name. @throws UnixError EFAULT */
function* nameAt(call: Call, address: number): Blocking<string> {
  try {
    return String.fromCharCode(...(yield* call.copyinstr(address, NAME_SIZE)));
  } catch (error) {
    if (!(error instanceof UnixError && error.errno === "ENAMETOOLONG")) throw error;
    const bytes = new Uint8Array(NAME_SIZE - 1);
    yield* call.copyin(address, bytes);
    return String.fromCharCode(...bytes);
  }
}

/** Something that is on or off. @throws UnixError EINVAL */
function checkFlag(value: number): void {
  if (value > 1) throw new UnixError("EINVAL");
}

function* control(
  unix: Unix,
  call: Call,
  option: number,
  value: number,
  second: number,
  third: number,
  fourth: number,
): Blocking<number> {
  const process = yield* self(unix, call);
  const settings = process.control;
  const none = second === 0 && third === 0 && fourth === 0;
  switch (option) {
    case PROCESS_CONTROL.PR_SET_PDEATHSIG:
      if (value > LAST_SIGNAL) throw new UnixError("EINVAL");
      settings.parentDeathSignal = value === 0 ? 0 : unixSignal(value);
      return 0;
    case PROCESS_CONTROL.PR_GET_PDEATHSIG: {
      const { parentDeathSignal: signal } = settings;
      return yield* zero(putWords(call, value, signal === 0 ? 0 : linuxSignal(signal)));
    }
    case PROCESS_CONTROL.PR_GET_DUMPABLE:
      return settings.dumpable;
    case PROCESS_CONTROL.PR_SET_DUMPABLE:
      checkFlag(value);
      settings.dumpable = value;
      return 0;
    case PROCESS_CONTROL.PR_SET_NAME:
      process.command = yield* nameAt(call, value);
      return 0;
    case PROCESS_CONTROL.PR_GET_NAME: {
      const bytes = new Uint8Array(NAME_SIZE);
      bytes.set(pathBytes(process.command).subarray(0, NAME_SIZE - 1));
      return yield* zero(call.copyout(bytes, value));
    }
    case PROCESS_CONTROL.PR_SET_CHILD_SUBREAPER:
      settings.isSubreaper = value !== 0;
      return 0;
    case PROCESS_CONTROL.PR_GET_CHILD_SUBREAPER:
      return yield* zero(putWords(call, value, Number(settings.isSubreaper)));
    case PROCESS_CONTROL.PR_SET_NO_NEW_PRIVS:
      if (value !== 1 || !none) throw new UnixError("EINVAL");
      settings.noNewPrivileges = true;
      return 0;
    case PROCESS_CONTROL.PR_GET_NO_NEW_PRIVS:
      if (value !== 0 || !none) throw new UnixError("EINVAL");
      return Number(settings.noNewPrivileges);
    default:
      throw new UnixError("EINVAL");
  }
}

export const CONTROL_CALLS: LinuxTable = { prctl: control };
