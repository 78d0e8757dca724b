/* Memory: mappings of files and of nothing, protection, the break, what children share. */
#include "faults.h"
#include <sys/mman.h>

static char *map(size_t length, int protection, int flags, int file, off_t offset)
{
  return mmap(NULL, length, protection, flags, file, offset);
}

static void anonymous(void)
{
  char *page = map(3 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  SAY(page != MAP_FAILED && (unsigned long)page % 4096 == 0);
  SAY(page[0] == 0 && page[3 * 4096 - 1] == 0);
  memset(page, 7, 3 * 4096);
  T(mprotect(page + 4096, 4096, PROT_READ));
  touch("read protected", page + 4096, 0);
  touch("write protected", page + 4096, 1);
  touch("write beside", page + 8192, 1);
  T(mprotect(page + 4096, 4096, PROT_NONE));
  touch("read forbidden", page + 4096, 0);
  T(mprotect(page + 4096, 4096, PROT_READ | PROT_WRITE));
  SAY(page[4096] == 7);
  T(munmap(page + 4096, 4096));
  touch("read unmapped", page + 4096, 0);
  touch("read beside", page, 0);
  T(munmap(page + 4096, 4096));
  T(munmap(page + 1, 4096));
  T(munmap(page, 0));
  T(mprotect(page + 1, 4096, PROT_READ));
  SAY(mmap(page + 4096, 4096, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) == page + 4096);
  SAY(page[4096] == 0 && page[0] == 7);
  T(munmap(page, 3 * 4096));
  OK(map(0, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
  OK(map(4096, PROT_READ, MAP_ANONYMOUS, -1, 0));
  OK(map(4096, PROT_READ, MAP_PRIVATE, -1, 0));
  OK(mmap((void *)0x40000001, 4096, PROT_READ, MAP_FIXED | MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
}

static void files(void)
{
  char text[16] = "", *private, *shared, *end;
  int file, reader, writer;
  put_file("data", "the contents of a file");
  file = open("data", O_RDWR);
  private = map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  printf("'%s'\n", private);
  SAY(private[22] == 0 && private[4095] == 0);
  memcpy(private, "THE", 3);
  T(pread(file, text, 3, 0));
  printf("'%s'\n", text);
  shared = map(4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  memcpy(shared + 4, "CONTENTS", 8);
  T(msync(shared, 4096, MS_SYNC));
  T(pread(file, text, 12, 0));
  printf("'%s'\n", text);
  T(munmap(private, 4096));
  T(munmap(shared, 4096));
  T(pread(file, text, 12, 0));
  printf("'%s'\n", text);
  T(ftruncate(file, 3 * 4096 + 100));
  shared = map(5 * 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  end = shared + 3 * 4096;
  end[99] = 'e';
  touch("behind the end, in its page", end + 200, 1);
  T(munmap(shared, 5 * 4096));
  T(pread(file, text, 5, 3 * 4096 + 99));
  printf("'%c'\n", text[0]);
  private = map(4096, PROT_READ, MAP_PRIVATE, file, 3 * 4096);
  SAY(private[99] == 'e');
  munmap(private, 4096);
  OK(map(4096, PROT_READ, MAP_PRIVATE, file, 100));
  reader = open("data", O_RDONLY);
  writer = open("data", O_WRONLY);
  OK(map(4096, PROT_READ | PROT_WRITE, MAP_SHARED, reader, 0));
  OK(map(4096, PROT_READ, MAP_PRIVATE, writer, 0));
  private = map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE, reader, 0);
  SAY(private != MAP_FAILED);
  shared = map(4096, PROT_READ, MAP_SHARED, reader, 0);
  T(mprotect(shared, 4096, PROT_READ | PROT_WRITE));
  T(mprotect(private, 4096, PROT_READ));
  close(reader);
  SAY(shared[4] == 'C');
  OK(map(4096, PROT_READ, MAP_PRIVATE, 99, 0));
  int directory = open(".", O_RDONLY), ends[2];
  OK(map(4096, PROT_READ, MAP_PRIVATE, directory, 0));
  pipe(ends);
  OK(map(4096, PROT_READ, MAP_PRIVATE, ends[0], 0));
}

/* Private mappings are of the file as it is until they are written; behind its end is nothing. */
static void paged(void)
{
  static char block[8192];
  char *page, *again, text[8] = "";
  int file = open("paged", O_RDWR | O_CREAT, 0644), i;
  pid_t child;
  for (i = 0; i < 12; i++) {
    memset(block, 'a' + i, sizeof block);
    write(file, block, sizeof block);
  }
  page = map(16 * 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE, file, 0);
  again = map(8192, PROT_READ, MAP_PRIVATE, file, 4 * 8192);
  SAY(page[0] == 'a' && page[11 * 8192 + 8191] == 'l' && page[5 * 8192] == 'f');
  page[4 * 8192] = '!';
  SAY(again[0] == 'e' && again[8191] == 'e');
  T(pread(file, text, 1, 4 * 8192));
  printf("'%s'\n", text);
  touch("behind the end", page + 12 * 8192, 0);
  touch("write behind the end", page + 15 * 8192, 1);
  OK(write(file, page + 13 * 8192, 10));
  OK(pread(file, page + 13 * 8192, 10, 0));
  T(pwrite(file, "NEW", 3, 4 * 8192));
  SAY(!memcmp(again, "NEW", 3) && page[4 * 8192] == '!' && page[4 * 8192 + 1] == 'e');
  T(pread(file, page + 6 * 8192, 3, 4 * 8192));
  T(pwrite(file, page + 7 * 8192, 8192, 7 * 8192));
  T(pread(file, page + 8 * 8192, 8192, 8 * 8192));
  SAY(!memcmp(page + 6 * 8192, "NEWg", 4) && page[7 * 8192 + 100] == 'h' && page[8 * 8192 + 100] == 'i');
  if (CHILD(child)) {
    page[9 * 8192] = '?';
    printf("child: %c%c%c\n", page[4 * 8192], page[9 * 8192], page[10 * 8192]);
    leave(0);
  }
  reap("child", child);
  printf("parent: %c%c\n", page[9 * 8192], page[10 * 8192]);
  T(ftruncate(file, 4 * 8192 + 1));
  touch("cut off the file", again + 4096, 0);
  SAY(again[0] == 'N' && again[1] == 0 && page[4 * 8192] == '!');
  T(unlink("paged"));
  close(file);
  SAY(page[3 * 8192] == 'd');
  T(munmap(page, 16 * 8192));
  T(munmap(again, 8192));
}

static void children(void)
{
  int *shared = (int *)map(4096, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  int *private = (int *)map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int file = open("shared", O_RDWR | O_CREAT, 0644);
  char *mapped;
  pid_t child;
  ftruncate(file, 4096);
  mapped = map(4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  *shared = *private = 1;
  if (CHILD(child)) {
    ++*shared;
    ++*private;
    strcpy(mapped, "from the child");
    printf("child: %d %d\n", *shared, *private);
    leave(0);
  }
  reap("child", child);
  printf("parent: %d %d '%s'\n", *shared, *private, mapped);
}

static void moving(void)
{
  char *page = map(2 * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0), *moved;
  memset(page, 5, 2 * 4096);
  moved = mremap(page, 2 * 4096, 6 * 4096, MREMAP_MAYMOVE);
  SAY(moved != MAP_FAILED);
  SAY(moved[0] == 5 && moved[8191] == 5 && moved[8192] == 0);
  SAY(moved[5 * 4096] == 0);
  SAY(mremap(moved, 6 * 4096, 4096, 0) == moved);
  touch("cut off", moved + 4096, 0);
  OK(mremap(moved + 1, 4096, 8192, MREMAP_MAYMOVE));
  munmap(moved, 4096);
}

static void heap(void)
{
  char *start = sbrk(0), *more;
  SAY(sbrk(100000) == start);
  SAY(sbrk(0) == start + 100000);
  SAY(start[99999] == 0);
  memset(start, 3, 100000);
  SAY(sbrk(-100000) == start + 100000);
  SAY(sbrk(0) == start);
  more = sbrk(100000);
  SAY(more == start && (more[50000] == 0));
  T(brk((void *)16));
  SAY(sbrk(0) == start + 100000);
}

static void code_pages(void)
{
  /* bv %r0(%r2); ldi 42,%r28 */
  unsigned *text = (unsigned *)map(4096, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  text[0] = 0xe840c000;
  text[1] = 0x341c0054;
  __asm__ volatile("fdc 0(%0)\n\tsync\n\tfic 0(%%sr4,%0)\n\tsync" ::"r"(text) : "memory");
  printf("made here: %d\n", ((int (*)(void))text)());
}

/* What gcc makes of a barrier: LDCW at a multiple of 8, here on pages that fork has made copy-on-write. */
static void semaphores(void)
{
  volatile int *word = (int *)map(4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  int at;
  for (at = 0; at < 4; at++) {
    int child, old;
    word[at] = 7 + at;
    fflush(stdout);
    child = fork();
    __asm__ volatile("ldcw 0(%1),%0" : "=r"(old) : "r"(word + at) : "memory");
    if (child == 0) {
      printf("LDCW at %d in the child: %d, then %d\n", 4 * at, old, word[at]);
      leave(0);
    }
    reap("child", child);
    printf("in the parent: %d, then %d\n", old, word[at]);
  }
}

int main(void)
{
  note_faults();
  begin("memory");
  anonymous();
  files();
  paged();
  children();
  moving();
  heap();
  code_pages();
  semaphores();
  return 0;
}
