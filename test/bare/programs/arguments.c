/* argc, argv, environment (sorted here: an oracle reverses it) and auxiliary vector. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

extern char **environ;

static int compare(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

int main(int argc, char **argv, char **envp)
{
  int count = 0;

  for (int i = 1; i <= argc; i++)
    printf("argv[%d] = %s\n", i, argv[i] ? argv[i] : "(null)");
  printf("%d\n", environ == envp);
  while (environ[count])
    count++;
  qsort(environ, count, sizeof *environ, compare);
  for (int i = 0; i < count; i++)
    puts(environ[i]);
  printf("%s\n", getenv("HOME") ? getenv("HOME") : "no home");
  setenv("NEW", "1", 1);
  printf("%s\n", getenv("NEW"));
  printf("page %ld, ticks %ld\n", sysconf(_SC_PAGESIZE), sysconf(_SC_CLK_TCK));
  printf("secure %lu\n", getauxval(AT_SECURE));
  printf("%d %d\n", getauxval(AT_PHDR) != 0, getauxval(AT_RANDOM) != 0);
  printf("%d\n", (int)((unsigned long)__builtin_frame_address(0) % 8));
  return argc;
}
