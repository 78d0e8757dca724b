/*
 * What the programs of this folder share: a transcript of calls and what they answer, the same on every
 * run and every machine: no addresses, process numbers or times.
 */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static long last;

static void answer(const char *call, long result, int exact)
{
  if (result == -1)
    printf("%s: %s\n", call, strerrorname_np(errno));
  else if (exact)
    printf("%s: %ld\n", call, result);
  else
    printf("%s: ok\n", call);
}

/* A call and its answer. */
#define T(call) (errno = 0, last = (long)(call), answer(#call, last, 1), last)
/* The same, when the answer itself differs from run to run. */
#define OK(call) (errno = 0, last = (long)(call), answer(#call, last, 0), last)
/* The same, with words of its own. */
#define N(what, call) (errno = 0, last = (long)(call), answer(what, last, 1), last)
/* Something that should be so. */
#define SAY(what) printf("%s: %s\n", #what, (what) ? "yes" : "no")

static void wait_status(const char *what, int status)
{
  if (WIFEXITED(status))
    printf("%s: exited %d\n", what, WEXITSTATUS(status));
  else if (WIFSIGNALED(status))
    printf("%s: killed %s\n", what, sigabbrev_np(WTERMSIG(status)));
  else if (WIFSTOPPED(status))
    printf("%s: stopped %s\n", what, sigabbrev_np(WSTOPSIG(status)));
  else if (WIFCONTINUED(status))
    printf("%s: continued\n", what);
}

/* Waits for a child; says how it ended. */
static void reap(const char *what, pid_t child)
{
  int status = 0;
  if (waitpid(child, &status, 0) != child)
    printf("%s: %s\n", what, strerrorname_np(errno));
  else
    wait_status(what, status);
  fflush(stdout);
}

/* A child that runs the statements after it, up to its exit. */
#define CHILD(pid) (fflush(stdout), ((pid) = fork()) == 0)

static __attribute__((unused)) void leave(int status)
{
  fflush(stdout);
  _exit(status);
}

/* Lets some time pass: long enough for others to have done what they can do. */
static __attribute__((unused)) void pass(int milliseconds)
{
  struct timespec time = {milliseconds / 1000, milliseconds % 1000 * 1000000L};
  while (nanosleep(&time, &time) == -1 && errno == EINTR)
    ;
}

static __attribute__((unused)) void put_file(const char *path, const char *text)
{
  int file = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (file < 0 || write(file, text, strlen(text)) != (ssize_t)strlen(text))
    printf("put %s: %s\n", path, strerrorname_np(errno));
  close(file);
}

/* Begins a transcript: a fresh directory to work in, lines as they come. */
static void begin(const char *name)
{
  setvbuf(stdout, NULL, _IOLBF, 0);
  umask(022);
  if (mkdir(name, 0755) == -1 || chdir(name) == -1) {
    printf("begin: %s\n", strerrorname_np(errno));
    exit(99);
  }
}

/*
 * Executes this program again. An emulator of one program cannot execute another: the variable EMULATOR
 * names it then, and it begins what is to be executed.
 */
static __attribute__((unused)) int execute(const char *program, char **arguments, char **environment)
{
  const char *emulator = getenv("EMULATOR");
  char *prefixed[32] = {(char *)emulator, "-0", arguments[0], (char *)program};
  int count = 4;
  if (emulator == NULL)
    return execve(program, arguments, environment);
  for (int i = 1; arguments[i] != NULL; i++)
    prefixed[count++] = arguments[i];
  return execve(emulator, prefixed, environment);
}
#endif
