/** Linux/hppa calls on sockets: pairs of connected streams; there are no others. */
import { UnixError } from "../../errno.ts";
import { SOCKET } from "../../../abi/linux/sockets.ts";
import { msghdr } from "../../../abi/linux/structures.ts";
import type { Blocking } from "../../ufs/device.ts";
import type { Call } from "../../unix/call.ts";
import { closeDescriptor } from "../../unix/files/descriptors.ts";
import { receive, send, shutdown, socketpair } from "../../unix/files/socket-pair.ts";
import type { Segment } from "../../unix/files/uio.ts";
import type { Unix } from "../../unix/unix.ts";
import { putWords } from "../../caller-words.ts";
import { getStruct, type LinuxTable, zero } from "../work.ts";
import { getSegments } from "./files.ts";

const { AF_UNIX, SOCK_STREAM, SOCK_CLOEXEC, SOCK_NONBLOCK } = SOCKET;
const { MSG_DONTWAIT, MSG_NOSIGNAL } = SOCKET;

function* pair(
  unix: Unix,
  call: Call,
  family: number,
  type: number,
  protocol: number,
  address: number,
): Blocking<number> {
  const isStream = (type & ~(SOCK_CLOEXEC | SOCK_NONBLOCK)) === SOCK_STREAM;
  if (family !== AF_UNIX || !isStream || protocol !== 0) throw new UnixError("EOPNOTSUPP");
  const ends = yield* socketpair(unix, call, {
    nonblocking: (type & SOCK_NONBLOCK) !== 0,
    closeOnExec: (type & SOCK_CLOEXEC) !== 0,
  });
  try {
    yield* putWords(call, address, ...ends);
  } catch (error) {
    for (const end of ends) yield* closeDescriptor(unix, call.process, end);
    throw error;
  }
  return 0;
}

const HOW = ["receive", "send", "both"] as const;

function* shut(unix: Unix, call: Call, number: number, which: number): Blocking<number> {
  const how = HOW[which];
  if (how === undefined) throw new UnixError("EINVAL");
  return yield* zero(shutdown(unix, call, number, how));
}

const options = (flags: number) => ({
  dontWait: (flags & MSG_DONTWAIT) !== 0,
  noSignal: (flags & MSG_NOSIGNAL) !== 0,
});

const piece = (address: number, length: number): Segment[] => [{ address, length: length | 0 }];

/** Pieces of a message; with it no rights and no addresses go. */
function* message(call: Call, address: number): Blocking<Segment[]> {
  const { msg_iov, msg_iovlen } = yield* getStruct(call, address, msghdr);
  return yield* getSegments(call, msg_iov, msg_iovlen);
}

/** What came along with a message: nothing. */
function* noControl(call: Call, address: number): Blocking<void> {
  yield* putWords(call, address + msghdr.offset.msg_namelen, 0);
  yield* putWords(call, address + msghdr.offset.msg_controllen, 0, 0);
}

export const SOCKET_CALLS: LinuxTable = {
  // oxlint-disable-next-line require-yield
  *socket() {
    throw new UnixError("EOPNOTSUPP");
  },
  socketpair: pair,
  shutdown: shut,
  send: (unix, call, number, address, length, flags) =>
    send(unix, call, number, piece(address, length), options(flags)),
  sendto: (unix, call, number, address, length, flags) =>
    send(unix, call, number, piece(address, length), options(flags)),
  *sendmsg(unix, call, number, address, flags) {
    return yield* send(unix, call, number, yield* message(call, address), options(flags));
  },
  recv: (unix, call, number, address, length, flags) =>
    receive(unix, call, number, piece(address, length), options(flags)),
  recvfrom: (unix, call, number, address, length, flags) =>
    receive(unix, call, number, piece(address, length), options(flags)),
  *recvmsg(unix, call, number, address, flags) {
    const segments = yield* message(call, address);
    const count = yield* receive(unix, call, number, segments, options(flags));
    yield* noControl(call, address);
    return count;
  },
};
