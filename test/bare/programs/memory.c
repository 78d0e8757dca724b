/* Mappings: anonymous, protected, moved, of files; the break; much memory; a deep stack. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

static sigjmp_buf back;
static volatile int faults;

static void caught(int signal, siginfo_t *info, void *context)
{
  (void)context;
  faults++;
  printf("signal %d code %d\n", signal, info->si_code);
  siglongjmp(back, 1);
}

static int deep(int depth)
{
  volatile char room[1000];
  room[0] = (char)depth;
  return depth == 0 ? 0 : deep(depth - 1) + room[0] - room[0] + 1;
}

int main(void)
{
  struct sigaction action = {.sa_sigaction = caught, .sa_flags = SA_SIGINFO};
  int zero = 0;

  sigaction(SIGSEGV, &action, NULL);
  sigaction(SIGBUS, &action, NULL);
  char *p = mmap(NULL, 40000, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 40000; i++)
    zero |= p[i];
  printf("%d\n", zero);
  memset(p, 7, 40000);
  if (!sigsetjmp(back, 1)) {
    mprotect(p, 4096, PROT_READ);
    printf("%d\n", p[100]);
    p[100] = 1;
  }
  mprotect(p, 4096, PROT_READ | PROT_WRITE);
  p[100] = 8;
  mprotect(p + 8192, 4096, PROT_NONE);
  if (!sigsetjmp(back, 1))
    printf("%d\n", p[8192 + 5]);
  mprotect(p + 8192, 4096, PROT_READ);
  printf("%d %d\n", p[100], p[8192 + 5]);
  munmap(p + 12288, 4096);
  if (!sigsetjmp(back, 1))
    printf("%d\n", p[12288]);
  p = mremap(p, 8192, 400000, MREMAP_MAYMOVE);
  printf("%d %d %d\n", p[100], p[8191], p[399999]);
  munmap(p + 4096, 400000 - 4096);
  if (!sigsetjmp(back, 1))
    printf("%d\n", p[4096]);
  if (!sigsetjmp(back, 1))
    *(volatile int *)0x5000 = 1;
  if (!sigsetjmp(back, 1))
    ((void (*)(void))(p + 16))();
  printf("%d faults\n", faults);

  int fd = open("text", O_RDONLY);
  char *file = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, fd, 0);
  close(fd);
  printf("%.10s|%d\n", file, file[4000]);
  file[0] = 'X';
  printf("%.10s\n", file);
  void *none = mmap(NULL, 0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("%d\n", none == MAP_FAILED && errno == EINVAL);
  printf("%d %d\n", munmap((void *)1, 4096), errno);

  char *end = sbrk(0);
  printf("%d\n", sbrk(3000000) == end);
  end[2999999] = 5;
  printf("%d\n", sbrk(-3000000) == end + 3000000);
  printf("%d %d\n", brk((void *)0xffff0000), errno);

  unsigned sum = 0;
  char *big = mmap(NULL, 20 << 20, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  for (int i = 0; i < 20 << 20; i += 4096)
    big[i] = (char)(i >> 12);
  for (int i = 0; i < 20 << 20; i += 4096)
    sum += (unsigned char)big[i];
  printf("%u\n", sum);
  madvise(big, 20 << 20, MADV_DONTNEED);
  printf("%d\n", big[4096 * 5]);
  munmap(big, 20 << 20);
  printf("%d\n", deep(4000));
  return 0;
}
