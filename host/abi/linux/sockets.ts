/** Linux/hppa's numbers for sockets (asm/socket.h). test/abi compares each with the compiler's headers. */

export const SOCKET = {
  AF_UNIX: 1,
  SOCK_STREAM: 1,
  SOCK_CLOEXEC: 0o10000000,
  SOCK_NONBLOCK: 0x40000000,
  MSG_DONTWAIT: 0x40,
  MSG_NOSIGNAL: 0x4000,
} as const;
