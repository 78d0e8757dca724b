/* Calls with wild pointers, sizes, descriptors and paths: the right errno, and the process lives on. */
#include "transcript.h"
#include <poll.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#define CALL(name, ...) N(#name " " #__VA_ARGS__, syscall(SYS_##name, __VA_ARGS__))

static char *page, *end;
static int file;

/* Its last byte is the last that may be touched. */
static char *before_end(size_t length)
{
  return end - length;
}

static void *const null = NULL;
#define wild ((void *)0xfffffff0ul)

static void buffers(void)
{
  struct iovec vector = {null, 10};
  CALL(read, file, null, 10);
  CALL(read, file, wild, 10);
  CALL(read, file, page, 0);
  CALL(read, file, null, 0);
  CALL(read, file, before_end(4), 4);
  CALL(write, file, null, 10);
  CALL(write, file, wild, 10);
  CALL(write, file, null, 0);
  CALL(pread64, file, null, 10, 0, 0);
  CALL(readv, file, null, 1);
  CALL(readv, file, &vector, 1);
  CALL(writev, file, wild, 1);
  CALL(writev, file, &vector, 1);
  CALL(getdents64, file, null, 100);
  CALL(getcwd, null, 100);
  CALL(getcwd, page, 1);
  CALL(readlink, "link", null, 10);
  CALL(getrandom, null, 10, 0);
  CALL(getrandom, page, 10, 99);
}

static void paths(void)
{
  static char long_path[5000];
  memset(long_path, 'x', 4999);
  CALL(openat, AT_FDCWD, null, O_RDONLY, 0);
  CALL(openat, AT_FDCWD, wild, O_RDONLY, 0);
  strcpy(before_end(5), "data");
  CALL(faccessat, AT_FDCWD, before_end(5), F_OK);
  memcpy(before_end(4), "data", 4);
  CALL(faccessat, AT_FDCWD, before_end(4), F_OK);
  CALL(openat, AT_FDCWD, long_path, O_RDONLY, 0);
  CALL(mkdir, null, 0777);
  CALL(rmdir, wild);
  CALL(unlink, null);
  CALL(rename, "data", null);
  CALL(rename, null, "data");
  CALL(link, "data", wild);
  CALL(symlink, null, "x");
  CALL(chdir, null);
  CALL(chmod, null, 0);
  CALL(truncate, null, 0);
  CALL(statx, AT_FDCWD, null, 0, 0x7ff, page);
  CALL(statx, AT_FDCWD, "data", 0, 0x7ff, null);
  CALL(fstat64, file, null);
  CALL(stat64, "data", wild);
  CALL(utimensat, AT_FDCWD, "data", wild, 0);
  CALL(execve, null, null, null);
}

static void descriptors(void)
{
  static const int odd[] = {-1, 50, 1000000, 0x7fffffff, (int)0x80000000};
  for (int i = 0; i < 5; i++) {
    N("read", syscall(SYS_read, odd[i], page, 1));
    N("write", syscall(SYS_write, odd[i], page, 1));
    N("close", syscall(SYS_close, odd[i]));
    N("dup", syscall(SYS_dup, odd[i]));
    N("dup2", syscall(SYS_dup2, file, odd[i]) >= 0 ? -2 : -1);
    N("lseek", syscall(SYS_lseek, odd[i], 0, 0));
    N("fcntl", syscall(SYS_fcntl64, odd[i], F_GETFD, 0));
    N("ioctl", syscall(SYS_ioctl, odd[i], 0x40245410, page));
    N("fsync", syscall(SYS_fsync, odd[i]));
    N("fchdir", syscall(SYS_fchdir, odd[i]));
    N("fstat64", syscall(SYS_fstat64, odd[i], page));
    N("ftruncate", syscall(SYS_ftruncate, odd[i], 0));
    N("fchmod", syscall(SYS_fchmod, odd[i], 0));
    N("getdents64", syscall(SYS_getdents64, odd[i], page, 100));
    N("flock", syscall(SYS_flock, odd[i], 1));
    N("openat", syscall(SYS_openat, odd[i], "x", 0, 0));
  }
}

static void structures(void)
{
  CALL(pipe, null);
  CALL(pipe2, wild, 0);
  CALL(rt_sigaction, SIGUSR1, null, wild, 8);
  CALL(rt_sigaction, SIGUSR1, wild, null, 8);
  CALL(rt_sigaction, SIGUSR1, null, null, 4);
  CALL(rt_sigprocmask, SIG_BLOCK, wild, null, 8);
  CALL(rt_sigprocmask, SIG_BLOCK, null, wild, 8);
  CALL(rt_sigprocmask, SIG_BLOCK, null, null, 16);
  CALL(rt_sigpending, wild, 8);
  CALL(rt_sigsuspend, wild, 8);
  CALL(rt_sigsuspend, page, 4);
  CALL(sigaltstack, wild, null);
  CALL(sigaltstack, null, wild);
  CALL(clock_gettime, CLOCK_MONOTONIC, wild);
  CALL(clock_gettime, -5, page);
  CALL(gettimeofday, wild, null);
  CALL(setitimer, 0, wild, null);
  CALL(getitimer, 0, wild);
  CALL(times, wild);
  CALL(getrlimit, 3, wild);
  CALL(setrlimit, 3, wild);
  CALL(prlimit64, 0, 3, null, wild);
  CALL(getrusage, 0, wild);
  CALL(uname, wild);
  CALL(sysinfo, wild);
  CALL(poll, wild, 1, 0);
  CALL(_newselect, 10, wild, null, null, null);
  CALL(getgroups, -1, page);
  CALL(setgroups, 100000, page);
  CALL(wait4, -1, wild, 0, null);
  CALL(fcntl64, file, F_GETLK64, wild);
  CALL(futex, wild, 0, 0, null);
  CALL(futex, page, 99, 0, null);
}

static void sizes(void)
{
  struct iovec vectors[3] = {{page, 0x7fffffff}, {page, 0x7fffffff}, {page, 4}};
  CALL(mmap2, null, 0xfffff000, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CALL(mmap2, null, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  CALL(munmap, page + 1, 4096);
  CALL(mprotect, 0x10000000, 0xf0000000, PROT_READ);
  CALL(readv, file, vectors, 100000);
  CALL(lseek, file, 0x7fffffff, 99);
  CALL(kill, 0x7fffffff, 0);
  CALL(sethostname, wild, 4);
  CALL(sethostname, page, -1);
  CALL(sched_getaffinity, 0, 1, page);
}

static void unknown(void)
{
  N("call 5000", syscall(5000));
  N("call -1", syscall(-1));
  N("call 251 + 300", syscall(551));
}

/* Threads of one library, in its own words: words of memory that are waited for. */
static void futexes(void)
{
  struct timespec time = {0, 10000000};
  int *word = (int *)page, *shared;
  pid_t child;
  *word = 5;
  CALL(futex, word, 0, 6, null);
  CALL(futex, word, 0, 5, &time);
  CALL(futex, word, 1, 10, null);
  CALL(futex, (char *)word + 1, 0, 5, &time);
  time.tv_nsec = -1;
  CALL(futex, word, 0, 5, &time);
  shared = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (CHILD(child)) {
    while (syscall(SYS_futex, shared, 0, 0, NULL) == 0 || *(volatile int *)shared == 0)
      ;
    pass(30);
    printf("woken: %d\n", *shared);
    leave(0);
  }
  pass(30);
  *shared = 1;
  T(syscall(SYS_futex, shared, 1, 1, NULL));
  reap("waiter", child);
}

int main(void)
{
  begin("hostile");
  put_file("data", "0123456789");
  symlink("data", "link");
  file = open("data", O_RDWR);
  page = mmap(NULL, 2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  end = page + 4096;
  munmap(end, 4096);
  buffers();
  paths();
  descriptors();
  structures();
  sizes();
  unknown();
  futexes();
  return 0;
}
