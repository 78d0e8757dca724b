/*
 * Calls with pages of a mapped file whose disk does not give them, or that are cut off meanwhile: they answer
 * EFAULT or EIO, and who looks there himself gets SIGBUS. "break" and "mend" are for the disk.
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 24

static sigjmp_buf back;

static void note(int signal) {
  (void)signal;
  siglongjmp(back, 1);
}

static void say(const char *what, long result) {
  if (result == -1)
    printf("%s: %s\n", what, strerrorname_np(errno));
  else
    printf("%s: %ld\n", what, result);
}

static void touch(const char *what, volatile char *address) {
  if (sigsetjmp(back, 1)) {
    printf("%s: fault\n", what);
    return;
  }
  printf("%s: %d\n", what, *address);
}

static void calls(char *page, int file, int other) {
  struct iovec parts[2] = {{"one", 3}, {page + PAGE, 100}};
  struct stat status;
  struct timespec time;
  int ends[2];
  pipe(ends);
  say("write", pwrite(other, page + 100, 5000, 0));
  say("short write", pwrite(other, page + 2 * PAGE + 4000, 3, 0));
  say("pipe", write(ends[1], page + 4 * PAGE, 100));
  say("writev", writev(ends[1], parts, 2));
  say("read into", pread(other, page + 10 * PAGE + 4000, 200, 0));
  say("read of", pread(file, &status, 10, 0));
  say("stat into", syscall(SYS_fstat64, file, page + 12 * PAGE + 4080));
  say("path", open(page + 14 * PAGE, O_RDONLY));
  say("sleep", syscall(SYS_nanosleep, page + 16 * PAGE, NULL));
  say("time", syscall(SYS_clock_gettime, CLOCK_REALTIME, page + 18 * PAGE));
  say("time here", clock_gettime(CLOCK_REALTIME, &time));
  close(ends[0]);
  close(ends[1]);
}

int main(void) {
  int file = open("/data", O_RDWR), other = open("other", O_RDWR | O_CREAT, 0644), wrong = 0, written = 0;
  static char full[PAGES * PAGE];
  char *private, *shared;
  setvbuf(stdout, NULL, _IOLBF, 0);
  signal(SIGBUS, note);
  memset(full, 1, sizeof full);
  if (pwrite(other, full, PAGE, 0) != PAGE) puts("other");
  private = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  shared = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  puts("break");
  calls(private, file, other);
  touch("private", private);
  calls(shared, file, other);
  touch("shared", shared);
  puts("mend");
  calls(private, file, other);
  touch("private", private);
  touch("shared", shared);
  /* Cut off and made longer again and again, while its pages are read and written by calls. */
  if (fork() == 0) {
    for (int i = 0; i < 12; i++) {
      ftruncate(file, (i % 3) * 3 * PAGE);
      ftruncate(file, PAGES * PAGE);
      pwrite(file, full, sizeof full, 0);
    }
    _exit(0);
  }
  for (int i = 0; waitpid(-1, NULL, WNOHANG) == 0; i++) {
    char *from = i % 2 ? private : shared;
    long count = pwrite(other, from + (i % 7) * PAGE, 16 * PAGE, 0);
    if (count == -1 && errno != EFAULT) wrong++;
    if (count >= 0) written++;
    count = pread(other, shared + (i % 5) * PAGE, 8 * PAGE, 0);
    if (count == -1 && errno != EFAULT) wrong++;
    if (count >= 0) written++;
    /* Who waits for the server gets it in the meantime. */
    usleep(1000);
  }
  printf("some: %d\n", written > 0);
  printf("wrong: %d\n", wrong);
  return 0;
}
