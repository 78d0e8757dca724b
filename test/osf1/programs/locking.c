/* Memory that stays: mlock and its kin. */
#include "transcript.h"
#include <sys/mman.h>
#include <sys/resource.h>

static char *pages(int count, int flags)
{
  return mmap(NULL, count * 4096, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);
}

static void ranges(void)
{
  char *memory = pages(4, 0);
  T(mlock(memory, 4 * 4096));
  T(mlock(memory + 1, 4096));
  memory[5000] = 5;
  T(munlock(memory + 4096, 4096));
  T(munlock(memory + 4096, 4096));
  T(mlock(memory, 0));
  T(mlock2(memory, 4096, 0));
  T(mlock2(memory, 4096, 77));
  T(munlock(memory, 4 * 4096));
  munmap(memory + 4096, 4096);
  T(mlock(memory, 4 * 4096));
  SAY(memory[0] == 0);
  munmap(memory, 4 * 4096);
}

/* What is locked can be used like all else. */
static void using(void)
{
  char *memory = pages(2, MAP_LOCKED), *file_pages;
  int file;
  pid_t child;
  SAY(memory != MAP_FAILED);
  strcpy(memory, "locked");
  T(madvise(memory, 4096, MADV_DONTNEED));
  if (CHILD(child)) {
    SAY(strcmp(memory, "locked") == 0);
    strcpy(memory, "the child's");
    T(munlock(memory, 4096));
    leave(0);
  }
  reap("child", child);
  puts(memory);
  T(mprotect(memory, 4096, PROT_READ));
  SAY(memory[0] == 'l');
  T(mprotect(memory, 4096, PROT_READ | PROT_WRITE));
  memory = mremap(memory, 2 * 4096, 4 * 4096, MREMAP_MAYMOVE);
  SAY(memory != MAP_FAILED);
  puts(memory);
  T(munmap(memory, 4 * 4096));
  put_file("file", "in a file");
  file = open("file", O_RDWR);
  file_pages = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
  T(mlock(file_pages, 4096));
  T(pwrite(file, "IN", 2, 0));
  puts(file_pages);
  file_pages[3] = 'A';
  {
    char text[10] = "";
    T(pread(file, text, 9, 0));
    puts(text);
  }
  T(munlock(file_pages, 4096));
  munmap(file_pages, 4096);
  close(file);
}

static void everything(void)
{
  T(mlockall(0));
  T(mlockall(MCL_ONFAULT));
  T(munlockall());
  T(mlockall(MCL_FUTURE));
  {
    char *memory = pages(1, 0);
    SAY(memory != MAP_FAILED);
    T(madvise(memory, 4096, MADV_DONTNEED));
    T(munlockall());
    T(madvise(memory, 4096, MADV_DONTNEED));
    munmap(memory, 4096);
  }
}

static void limits(void)
{
  struct rlimit limit = {4 * 4096, 4 * 4096};
  char *memory = pages(8, 0);
  T(setrlimit(RLIMIT_MEMLOCK, &limit));
  T(getrlimit(RLIMIT_MEMLOCK, &limit));
  SAY(limit.rlim_cur == 4 * 4096);
  if (getuid() == 0 && setuid(77) == -1)
    puts("setuid");
  T(mlock(memory, 4 * 4096));
  T(mlock(memory, 5 * 4096));
  T(mlock(memory + 4096, 4096));
  T(munlock(memory, 2 * 4096));
  T(mlock(memory + 4 * 4096, 2 * 4096));
  T(mlock(memory, 4096));
  SAY(pages(1, MAP_LOCKED) != MAP_FAILED);
  SAY(errno == EAGAIN);
  limit.rlim_cur = limit.rlim_max = 0;
  T(setrlimit(RLIMIT_MEMLOCK, &limit));
  T(mlock(memory, 4096));
  T(mlockall(MCL_CURRENT));
  SAY(pages(1, MAP_LOCKED) != MAP_FAILED);
  SAY(errno == EPERM);
  T(munlock(memory, 8 * 4096));
}

int main(void)
{
  begin("locking");
  ranges();
  using();
  everything();
  limits();
  return 0;
}
