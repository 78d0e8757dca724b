/* Calls made directly, for their results and errors. */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/futex.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <termios.h>
#include <unistd.h>

#define TRY(call) (errno = 0, printf("%s: %d %d\n", #call, (int)(call), errno))

int main(void)
{
  struct utsname name;
  struct rlimit limit;
  struct timespec soon = {0, 1000000};
  char buffer[64] = {0};
  int word = 5;
  struct pollfd polled[2] = {{1, POLLOUT, 0}, {99, POLLIN, 0}};

  TRY(uname(&name));
  printf("%s %s\n", name.sysname, name.machine);
  TRY(getpid() == (int)syscall(SYS_gettid));
  TRY(getppid() > 0);
  TRY(getuid() == geteuid());
  TRY(getrlimit(RLIMIT_STACK, &limit));
  TRY(getrlimit(77, &limit));
  TRY(getrandom(buffer, 20, 0));
  TRY(getentropy(buffer, 20));
  TRY(memcmp(buffer, buffer + 32, 20) != 0);
  TRY(write(1, "direct\n", 7));
  TRY(write(1, (void *)16, 3));
  TRY(write(77, "x", 1));
  TRY(write(1, buffer, 0));
  TRY(close(77));
  TRY(syscall(SYS_futex, &word, FUTEX_WAIT, 6, NULL));
  TRY(syscall(SYS_futex, &word, FUTEX_WAIT, 5, &soon));
  TRY(syscall(SYS_futex, &word, FUTEX_WAKE, 1));
  TRY(poll(polled, 2, 0));
  printf("%x %x\n", polled[0].revents, polled[1].revents);
  TRY(poll(NULL, 0, 5));
  TRY(syscall(SYS_set_robust_list, NULL, 3));
  TRY(syscall(450 + 1000));
  TRY(sysconf(_SC_OPEN_MAX) > 100);
  TRY(umask(077) >= 0);
  TRY(umask(022));
  TRY(syscall(SYS_clock_gettime, 99, &soon));
  return 0;
}
