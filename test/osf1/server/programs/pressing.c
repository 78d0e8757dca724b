/*
 * Files in memory that is smaller than they are: one mapped shared, one private, both stored into here and
 * there by two processes, and by write. Says what is in them in the end.
 */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#define PAGE 4096
#define PAGES 384
#define STEPS 150
/* Pages that are read and written at a time. */
#define PIECE 16

static unsigned seed = 1993;

static unsigned chosen(unsigned count) {
  seed = seed * 1664525 + 1013904223;
  return (seed >> 8) % count;
}

static unsigned sum(const unsigned *words) {
  unsigned result = 0;
  for (int i = 0; i < PAGES * PAGE / 4; i += 64) result = result * 31 + words[i] + words[i + 63];
  return result;
}

static unsigned words[PIECE * PAGE / 4];

static unsigned file_sum(int file) {
  unsigned result = 0;
  for (int page = 0; page < PAGES; page += PIECE) {
    if (pread(file, words, sizeof words, (off_t)page * PAGE) != sizeof words) puts("short");
    for (int i = 0; i < PIECE * PAGE / 4; i += 64) result = result * 31 + words[i] + words[i + 63];
  }
  return result;
}

static int make(const char *name) {
  int file = open(name, O_RDWR | O_CREAT | O_TRUNC, 0644);
  for (unsigned page = 0; page < PAGES; page += PIECE) {
    for (unsigned i = 0; i < PIECE * PAGE / 4; i += 16) words[i] = page * 7919 + i;
    if (write(file, words, sizeof words) != sizeof words) puts("full");
  }
  return file;
}

/* Stores into every second page from the first or second on. */
static void store(unsigned *shared, unsigned *private, int file, int which) {
  for (int step = 0; step < STEPS; step++) {
    unsigned page = 2 * chosen(PAGES / 2) + which, word = chosen(PAGE / 4), value = chosen(1u << 24);
    shared[page * (PAGE / 4) + word] += value;
    private[chosen(PAGES) * (PAGE / 4) + word] ^= value;
    if (step % 16 == 0 && pwrite(file, &value, 4, (off_t)page * PAGE + 4 * chosen(PAGE / 4)) != 4)
      puts("not written");
    if (step % 64 == 63 && msync(shared, (size_t)PAGES * PAGE, MS_SYNC)) puts("not synchronised");
  }
}

static void round_of(void) {
  int one = make("one"), two = make("two");
  unsigned *shared = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, one, 0);
  unsigned *private = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE, two, 0);
  unsigned *anonymous = mmap(NULL, PAGES * PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  printf("%08x %08x\n", sum(shared), sum(private));
  for (int page = 0; page < PAGES; page++) anonymous[page * (PAGE / 4)] = page;
  pid_t child = fork();
  if (child == 0) {
    seed = 42;
    store(shared, private, one, 1);
    printf("child %08x\n", sum(private));
    exit(0);
  }
  waitpid(child, NULL, 0);
  store(shared, private, one, 0);
  printf("parent %08x\n", sum(private));
  for (int page = 0; page < PAGES; page++)
    if (anonymous[page * (PAGE / 4)] != (unsigned)page) puts("lost");
  printf("shared %08x, file %08x, other file %08x\n", sum(shared), file_sum(one), file_sum(two));
  munmap(shared, PAGES * PAGE);
  printf("left %08x\n", file_sum(one));
  munmap(private, PAGES * PAGE);
  munmap(anonymous, PAGES * PAGE);
  close(one);
  close(two);
  unlink("one");
  unlink("two");
}

int main(void) {
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int round = 0; round < 3; round++) {
    round_of();
    sync();
    usleep(100000);
    puts("done");
  }
  return 0;
}
