/* Files in shared memory: who sees what of whom, with read and write, over fork, at the file's end. */
#include "faults.h"
#include <sys/mman.h>

#define PAGE 4096

static char *map(int file, int pages, int flags)
{
  return mmap(NULL, pages * PAGE, PROT_READ | PROT_WRITE, flags, file, 0);
}

/* A file of so many pages, each of a letter. */
static int letters(const char *path, int pages)
{
  static char page[PAGE];
  int file = open(path, O_RDWR | O_CREAT | O_TRUNC, 0644), i;
  for (i = 0; i < pages; i++) {
    memset(page, 'a' + i, PAGE);
    if (write(file, page, PAGE) != PAGE)
      printf("letters: %s\n", strerrorname_np(errno));
  }
  return file;
}

static int byte_at(int file, off_t offset)
{
  char byte = '-';
  if (pread(file, &byte, 1, offset) != 1)
    return '-';
  return byte;
}

static void both_ways(void)
{
  int file = letters("both", 4), again = open("both", O_RDWR);
  char *one = map(file, 4, MAP_SHARED), *two = map(again, 4, MAP_SHARED);
  char *private = map(file, 4, MAP_PRIVATE), text[8] = "";
  close(again);
  SAY(one != MAP_FAILED && two != MAP_FAILED && private != MAP_FAILED && one != two);
  one[10] = '1';
  SAY(two[10] == '1' && byte_at(file, 10) == '1');
  T(pwrite(file, "written", 7, PAGE + 5));
  SAY(!memcmp(one + PAGE + 5, "written", 7) && !memcmp(private + PAGE + 4, "bwrittenb", 9));
  SAY(one[PAGE + 12] == 'b' && two[PAGE + 4] == 'b');
  /* A page that has been stored into keeps that when something else of it is written. */
  one[2 * PAGE] = '!';
  T(pwrite(file, "?", 1, 2 * PAGE + 1));
  two[2 * PAGE + 2] = '#';
  T(pwrite(file, "$", 1, 2 * PAGE + 3));
  T(pread(file, text, 5, 2 * PAGE));
  printf("'%s'\n", text);
  SAY(!memcmp(one + 2 * PAGE, "!?#$c", 5));
  private[3 * PAGE] = 'P';
  one[3 * PAGE + 1] = 'S';
  SAY(byte_at(file, 3 * PAGE) == 'd' && one[3 * PAGE] == 'd' && private[3 * PAGE] == 'P');
  SAY(byte_at(file, 3 * PAGE + 1) == 'S' && private[3 * PAGE + 1] == 'd');
  T(munmap(two, 4 * PAGE));
  T(munmap(one, 4 * PAGE));
  SAY(byte_at(file, 10) == '1' && byte_at(file, 3 * PAGE + 1) == 'S');
  T(munmap(private, 4 * PAGE));
  close(file);
}

/* write and read whose bytes are the file's own pages. */
static void own_pages(void)
{
  int file = letters("own", 6), other = letters("other", 6);
  char *page = map(file, 6, MAP_SHARED), *others = map(other, 6, MAP_SHARED);
  page[0] = 'A';
  T(pwrite(file, page, PAGE, PAGE));
  SAY(page[PAGE] == 'A' && page[PAGE + 1] == 'a');
  page[2 * PAGE + 1] = 'C';
  T(pwrite(file, page + 2 * PAGE, 2 * PAGE, 3 * PAGE + 1));
  SAY(page[3 * PAGE + 1] == 'c' && page[3 * PAGE + 2] == 'C' && page[4 * PAGE + 1] == 'd' && page[3 * PAGE] == 'd');
  T(pread(file, page + 5 * PAGE, PAGE, 0));
  SAY(page[5 * PAGE] == 'A' && byte_at(file, 5 * PAGE) == 'A');
  others[7] = '7';
  T(pwrite(file, others, 6 * PAGE, 0));
  SAY(page[7] == '7' && page[0] == 'a' && page[3 * PAGE] == 'd');
  page[8] = '8';
  T(pread(other, page + PAGE, 4 * PAGE, 0));
  SAY(page[PAGE + 7] == '7' && page[8] == '8' && byte_at(file, 3 * PAGE) == 'c');
  munmap(page, 6 * PAGE);
  munmap(others, 6 * PAGE);
  close(file);
  close(other);
}

static void appended(void)
{
  int file = open("log", O_RDWR | O_CREAT | O_APPEND, 0644), i;
  char *page, text[16] = "";
  T(write(file, "0123", 4));
  page = map(file, 3, MAP_SHARED);
  SAY(!memcmp(page, "0123\0", 5));
  page[1] = 'x';
  page[100] = 'y';
  T(write(file, "4567", 4));
  SAY(!memcmp(page, "0x234567\0", 9));
  T(pread(file, text, 15, 0));
  printf("'%s'\n", text);
  touch("behind the end", page + PAGE, 0);
  touch("write behind the end", page + PAGE, 1);
  for (i = 0; i < 10; i++)
    write(file, "a line of the log that is long enough to fill pages, again and again, until there is more", 500);
  touch("no more", page + PAGE, 0);
  SAY(page[100] != 'y' && byte_at(file, 5007) == page[5007]);
  munmap(page, 3 * PAGE);
  close(file);
}

static void cut(void)
{
  int file = letters("cut", 6);
  char *page = map(file, 6, MAP_SHARED), *private = map(file, 6, MAP_PRIVATE);
  memset(page + 2 * PAGE, 'x', 3 * PAGE);
  T(ftruncate(file, 3 * PAGE + 10));
  SAY(page[3 * PAGE + 9] == 'x' && page[3 * PAGE + 10] == 0 && page[2 * PAGE] == 'x');
  touch("cut off", page + 4 * PAGE, 0);
  touch("cut off, written", page + 4 * PAGE, 1);
  touch("cut off, private", private + 5 * PAGE, 0);
  T(pread(file, page, PAGE, 4 * PAGE));
  page[3 * PAGE + 20] = 'y';
  T(ftruncate(file, 6 * PAGE));
  touch("there again", page + 4 * PAGE, 0);
  SAY(page[4 * PAGE] == 0 && page[3 * PAGE + 9] == 'x' && byte_at(file, 5 * PAGE) == 0);
  page[5 * PAGE] = 'z';
  SAY(byte_at(file, 5 * PAGE) == 'z');
  T(ftruncate(file, 0));
  touch("nothing left", page, 0);
  T(pwrite(file, "new", 3, 0));
  SAY(!memcmp(page, "new\0", 4));
  close(open("cut", O_WRONLY | O_TRUNC));
  touch("nothing again", page, 1);
  munmap(page, 6 * PAGE);
  munmap(private, 6 * PAGE);
  close(file);
}

/* Memory gives a file blocks that it did not have. */
static void holes(void)
{
  int file = open("holes", O_RDWR | O_CREAT, 0644);
  struct stat status;
  char *page;
  T(ftruncate(file, 64 * PAGE));
  page = map(file, 64, MAP_SHARED);
  SAY(page[40 * PAGE] == 0 && page[41 * PAGE + 1] == 0);
  page[40 * PAGE + 5] = 'h';
  page[63 * PAGE + 4095] = 'e';
  T(fsync(file));
  fstat(file, &status);
  SAY(status.st_size == 64 * PAGE && status.st_blocks > 0 && status.st_blocks < 64 * 8);
  SAY(byte_at(file, 40 * PAGE + 5) == 'h' && byte_at(file, 63 * PAGE + 4095) == 'e' && byte_at(file, 40 * PAGE + 4) == 0);
  munmap(page, 64 * PAGE);
  SAY(byte_at(file, 40 * PAGE + 5) == 'h');
  close(file);
}

static void synchronised(void)
{
  int file = letters("sync", 3);
  char *page = map(file, 3, MAP_SHARED);
  page[0] = '0';
  page[PAGE] = '1';
  T(msync(page, PAGE, MS_ASYNC));
  T(msync(page, 3 * PAGE, MS_SYNC));
  SAY(page[0] == '0' && page[PAGE] == '1');
  T(msync(page, PAGE, 64));
  T(msync(page + 1, PAGE, MS_SYNC));
  page[PAGE] = '2';
  T(munmap(page + PAGE, PAGE));
  SAY(byte_at(file, PAGE) == '2');
  T(munmap(page, 3 * PAGE));
  SAY(byte_at(file, 0) == '0' && byte_at(file, 2 * PAGE) == 'c');
  close(file);
}

static void rights(void)
{
  int file, reader;
  char *page;
  close(letters("rights", 2));
  reader = open("rights", O_RDONLY);
  file = open("rights", O_RDWR);
  OK(mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0));
  page = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, reader, 0);
  SAY(page[0] == 'a');
  T(mprotect(page, PAGE, PROT_READ | PROT_WRITE));
  touch("read only", page, 1);
  T(pwrite(file, "new", 3, 0));
  SAY(!memcmp(page, "newa", 4));
  T(munmap(page, 2 * PAGE));
  page = mmap(NULL, 2 * PAGE, PROT_READ, MAP_SHARED, file, 0);
  touch("not yet", page, 1);
  T(mprotect(page, PAGE, PROT_READ | PROT_WRITE));
  touch("now", page, 1);
  touch("not there", page + PAGE, 1);
  SAY(byte_at(file, 0) == 1);
  T(mprotect(page, PAGE, PROT_NONE));
  touch("nothing", page, 0);
  SAY(byte_at(file, 0) == 1);
  T(munmap(page, 2 * PAGE));
  close(reader);
  close(file);
}

static void relatives(void)
{
  int file = letters("family", 4), ends[2];
  char *page = map(file, 4, MAP_SHARED), byte;
  pid_t child;
  pipe(ends);
  page[0] = 'P';
  if (CHILD(child)) {
    char *own = map(file, 4, MAP_SHARED);
    SAY(page[0] == 'P' && own[0] == 'P');
    page[1] = 'C';
    own[PAGE] = 'D';
    write(ends[1], "x", 1);
    while (((volatile char *)page)[2] != 'Q')
      pass(1);
    pwrite(file, "child", 5, 2 * PAGE);
    page[3 * PAGE] = 'L';
    leave(0);
  }
  read(ends[0], &byte, 1);
  SAY(page[1] == 'C' && page[PAGE] == 'D' && byte_at(file, 1) == 'C');
  page[2] = 'Q';
  reap("child", child);
  SAY(!memcmp(page + 2 * PAGE, "childc", 6) && page[3 * PAGE] == 'L' && byte_at(file, 3 * PAGE) == 'L');
  if (CHILD(child)) {
    page[10] = 'K';
    kill(getpid(), SIGKILL);
  }
  reap("killed", child);
  SAY(byte_at(file, 10) == 'K');
  T(munmap(page, 4 * PAGE));
  SAY(byte_at(file, 10) == 'K' && byte_at(file, 1) == 'C');
  /* What only a child had mapped is in the file when it has ended. */
  if (CHILD(child)) {
    char *own = map(file, 4, MAP_SHARED);
    own[20] = 'O';
    munmap(own + PAGE, PAGE);
    leave(0);
  }
  reap("child", child);
  SAY(byte_at(file, 20) == 'O');
  close(file);
}

/* Two processes count in one word, by memory; a third looks by reading. */
static void counters(void)
{
  int file = open("count", O_RDWR | O_CREAT, 0644), i, value;
  volatile int *words;
  pid_t one, two;
  ftruncate(file, PAGE);
  words = (volatile int *)map(file, 1, MAP_SHARED);
  if (CHILD(one)) {
    for (i = 0; i < 200; i++)
      words[0]++;
    leave(0);
  }
  if (CHILD(two)) {
    for (i = 0; i < 200; i++) {
      words[1]++;
      if (i % 20 == 0)
        pwrite(file, &i, sizeof i, 8);
    }
    leave(0);
  }
  for (i = 0; i < 10; i++)
    if (pread(file, &value, sizeof value, 0) != 4 || value < 0 || value > 200)
      printf("read %d\n", value);
  reap("one", one);
  reap("two", two);
  printf("%d %d %d\n", words[0], words[1], words[2]);
  munmap((void *)words, PAGE);
  pread(file, &value, sizeof value, 4);
  printf("%d\n", value);
  close(file);
}

static void nameless(void)
{
  int file = letters("nameless", 3);
  char *page = map(file, 3, MAP_SHARED), *moved;
  T(unlink("nameless"));
  page[PAGE] = 'N';
  SAY(byte_at(file, PAGE) == 'N');
  close(file);
  SAY(page[2 * PAGE] == 'c');
  moved = mremap(page, 2 * PAGE, 3 * PAGE, MREMAP_MAYMOVE);
  SAY(moved != MAP_FAILED && moved[0] == 'a' && moved[PAGE] == 'N' && moved[2 * PAGE] == 'c');
  T(madvise(moved, PAGE, MADV_DONTNEED));
  SAY(moved[0] == 'a');
  T(munmap(moved, 3 * PAGE));
}

int main(void)
{
  note_faults();
  begin("sharing");
  both_ways();
  own_pages();
  appended();
  cut();
  holes();
  synchronised();
  rights();
  relatives();
  counters();
  nameless();
  return 0;
}
