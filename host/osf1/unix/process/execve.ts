/**
 * execve: from a path to a program that runs. What is in the file is the server's to understand
 * (`Tasks.exec`); here are rights, scripts, arguments, and what of a process outlives its program.
 */
import { UnixError } from "../../errno.ts";
import type { Blocking } from "../../ufs/device.ts";
import { MODE } from "../../ufs/layout.ts";
import { EXECUTE } from "../../ufs/permission.ts";
import type { Call, Image } from "../call.ts";
import { ARG_MAX } from "../constants.ts";
import { closeAll } from "../files/descriptors.ts";
import { pathOf } from "../files/getcwd.ts";
import { pathBytes, resolve } from "../files/path.ts";
import type { Vnode } from "../files/vnode.ts";
import { synchroniseFile } from "../memory/coherence.ts";
import { FileObject } from "../memory/file-object.ts";
import type { ProcessCredentials, Process } from "../process.ts";
import type { Unix } from "../unix.ts";
import { deletePosixTimers } from "../time/posix-timers.ts";
import { resetControl } from "./control.ts";
import { leaveExecutable, releaseVforkParent } from "./exit.ts";

/** How much of a script's first line counts. */
const INTERPRETER_LINE = 128;
/** Scripts whose interpreter is a script, one after the other. */
const INTERPRETERS_MOST = 4;

/** A program as it has been found: its file, held, and its arguments. */
interface Found {
  readonly vnode: Vnode;
  readonly path: string;
  readonly arguments: readonly Uint8Array[];
  /** Rights of the process when it runs. */
  readonly credentials: ProcessCredentials;
}

/** Bytes that strings take in a new process: themselves, a NUL and a pointer each. */
const room = (strings: readonly Uint8Array[]): number =>
  strings.reduce((sum, { length }) => sum + length + 1 + 4, 4);

/**
 * Reads a vector of strings, its end a null pointer: argv or envp, in the pointers of 32 bits that all
 * binary interfaces here have. A null vector is an empty one.
 * @throws UnixError EFAULT, E2BIG
 */
export function* copyinStrings(call: Call, address: number): Blocking<Uint8Array[]> {
  const strings: Uint8Array[] = [];
  const pointer = new Uint8Array(4);
  let left = ARG_MAX;
  for (let at = address; address !== 0; at += 4) {
    yield* call.copyin(at >>> 0, pointer);
    const where = new DataView(pointer.buffer).getUint32(0);
    if (where === 0) break;
    strings.push(yield* copyinArgument(call, where, left));
    left -= strings.at(-1)!.length + 5;
  }
  return strings;
}

function* copyinArgument(call: Call, address: number, most: number): Blocking<Uint8Array> {
  try {
    if (most <= 0) throw new UnixError("E2BIG");
    return (yield* call.copyinstr(address, most)).slice();
  } catch (error) {
    if (error instanceof UnixError && error.errno === "ENAMETOOLONG") throw new UnixError("E2BIG");
    throw error;
  }
}

/** @throws UnixError EACCES, ENOEXEC, ETXTBSY */
function* checkProgram(vnode: Vnode, who: ProcessCredentials): Blocking<FileObject> {
  if (vnode.type !== MODE.IFREG) throw new UnixError("EACCES");
  vnode.checkAccess(EXECUTE, who);
  if (vnode.writers > 0) throw new UnixError("ETXTBSY");
  const { size } = yield* vnode.attributes();
  if (size === 0) throw new UnixError("ENOEXEC");
  return FileObject.of(vnode);
}

/** Set-uid and set-gid of a file, and what is saved. */
function* credentialsFor(
  vnode: Vnode,
  { credentials: before, control }: Process,
): Blocking<ProcessCredentials> {
  if (control.noNewPrivileges) return { ...before, savedUid: before.uid, savedGid: before.gid };
  const attributes = yield* vnode.attributes();
  const uid = (vnode.mode & MODE.ISUID) !== 0 ? attributes.uid : before.uid;
  // Set-gid without the right to execute for the group meant mandatory locks.
  const isSetgid = (vnode.mode & MODE.ISGID) !== 0 && (vnode.mode & 0o010) !== 0;
  const gid = isSetgid ? attributes.gid : before.gid;
  return { ...before, uid, gid, savedUid: uid, savedGid: gid };
}

/** What a script's first line says: its interpreter, and at most one argument. */
function interpreterOf(head: Uint8Array): { path: string; argument?: string } | undefined {
  const text = String.fromCharCode(...head);
  if (!text.startsWith("#!")) return undefined;
  const [line] = text.slice(2).split("\n");
  const match = /^[ \t]*([^ \t]+)(?:[ \t]+(.*?))?[ \t]*$/.exec(line!);
  if (match === null) throw new UnixError("ENOEXEC");
  return {
    path: match[1]!,
    ...(match[2] !== undefined && match[2] !== "" && { argument: match[2] }),
  };
}

/** Finds the program, through scripts. */
function* find(call: Call, path: string, argv: readonly Uint8Array[]): Blocking<Found> {
  const { credentials } = call.process;
  let current = path;
  let args = argv;
  for (let scripts = 0; ; scripts++) {
    const vnode = yield* resolve(call, current);
    try {
      const object = yield* checkProgram(vnode, credentials);
      yield* synchroniseFile(vnode);
      const head = new Uint8Array(Math.min(INTERPRETER_LINE, object.size));
      yield* object.read(0, head);
      const interpreter = interpreterOf(head);
      if (interpreter === undefined) {
        const rights = yield* credentialsFor(vnode, call.process);
        return { vnode: vnode.hold(), path: current, arguments: args, credentials: rights };
      }
      if (scripts === INTERPRETERS_MOST) throw new UnixError("ELOOP");
      const { argument } = interpreter;
      args = [
        pathBytes(interpreter.path),
        ...(argument === undefined ? [] : [pathBytes(argument)]),
        pathBytes(current),
        ...args.slice(1),
      ];
      current = interpreter.path;
    } finally {
      yield* vnode.put();
    }
  }
}

/**
 * Begins a program. On success the call does not return to the old one.
 * @param argv strings without their NULs; so is `environment`.
 * @throws UnixError E2BIG, EACCES, ELOOP, ENOEXEC, ENOMEM, ETXTBSY, and as a path does
 */
export function* execve(
  unix: Unix,
  call: Call,
  path: string,
  argv: readonly Uint8Array[],
  environment: readonly Uint8Array[],
): Blocking<void> {
  const { process } = call;
  yield* call.charge("program-load");
  if (room(argv) + room(environment) > ARG_MAX) throw new UnixError("E2BIG");
  const found = yield* find(call, path, argv);
  const { vnode } = found;
  vnode.executions++;
  let image: Image;
  try {
    if (room(found.arguments) + room(environment) > ARG_MAX) throw new UnixError("E2BIG");
    const object = FileObject.of(vnode);
    const { uid, gid } = found.credentials;
    image = yield* unix.system.tasks.exec(call, {
      object,
      size: object.size,
      path: found.path,
      arguments: found.arguments,
      environment,
      secure: uid !== process.credentials.realUid || gid !== process.credentials.realGid,
    });
  } catch (error) {
    vnode.executions--;
    yield* vnode.put();
    throw error;
  }
  yield* become(unix, process, found, image);
}

/** The process is the new program: what does not outlive the old one goes. */
function* become(unix: Unix, process: Process, found: Found, image: Image): Blocking<void> {
  const { vnode, path } = found;
  yield* process.memory.clear();
  for (const { address, length, protection, offset, paged = length, kind } of image.regions)
    process.memory.add({
      start: address,
      end: address + length,
      protection,
      shared: false,
      mayWrite: true,
      ...(offset !== undefined && { file: { vnode: vnode.hold(), offset } }),
      pagedEnd: address + paged,
      kind,
    });
  process.memory.brkStart = image.brk;
  process.memory.brk = image.brk;
  yield* leaveExecutable(process);
  process.executable = { path: yield* absolute(unix, process, path), vnode };
  const { uid, gid } = process.credentials;
  const { credentials } = found;
  resetControl(process, credentials.uid !== uid || credentials.gid !== gid);
  process.credentials = credentials;
  const text = (bytes: Uint8Array): string => String.fromCharCode(...bytes);
  process.command = path.slice(path.lastIndexOf("/") + 1).slice(0, 15);
  process.commandLine = found.arguments.map((argument) => `${text(argument)}\0`).join("");
  process.hasExecuted = true;
  process.clearOnExit = 0;
  process.robustList = 0;
  deletePosixTimers(unix, process);
  const { signals } = process;
  for (const [signal, { handler }] of signals.actions)
    if (typeof handler === "number") signals.actions.delete(signal);
  signals.alternateStack = { address: 0, size: 0, enabled: false };
  signals.restoreMask = undefined;
  yield* closeAll(unix, process, ({ closeOnExec }) => closeOnExec);
  releaseVforkParent(unix, process);
}

/** A path from the root, for /proc/self/exe. */
function* absolute(unix: Unix, process: Process, path: string): Blocking<string> {
  if (path.startsWith("/")) return path;
  try {
    const directory = yield* pathOf(unix, process.root, process.cwd);
    return `${directory === "/" ? "" : directory}/${path.replace(/^(\.\/+)+/, "")}`;
  } catch (error) {
    if (error instanceof UnixError) return path;
    throw error;
  }
}
