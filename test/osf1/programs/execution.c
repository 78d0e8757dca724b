/* execve: what it refuses, what lasts through it and what does not. */
#include "transcript.h"
#include <dirent.h>

static char *self;

static int compare(const void *a, const void *b)
{
  return strcmp(*(char *const *)a, *(char *const *)b);
}

/* The program when it was executed again. */
static int again(int argc, char **argv, char **environment)
{
  struct sigaction action;
  sigset_t set;
  char *sorted[32];
  int count = 0, file = atoi(argv[2]);
  setvbuf(stdout, NULL, _IOLBF, 0);
  for (int i = 3; i < argc; i++)
    printf("argument %d: '%s'\n", i, argv[i]);
  printf("name: %s\n", argv[0]);
  for (; environment[count] != NULL; count++)
    sorted[count] = environment[count];
  qsort(sorted, count, sizeof *sorted, compare);
  for (int i = 0; i < count; i++)
    if (strncmp(sorted[i], "EMULATOR", 8) != 0)
      printf("environment: %s\n", sorted[i]);
  T(fcntl(file, F_GETFD));
  T(fcntl(file + 1, F_GETFD));
  T(lseek(file, 0, SEEK_CUR));
  sigaction(SIGUSR1, NULL, &action);
  printf("caught: %s\n", action.sa_handler == SIG_DFL ? "default" : "not");
  sigaction(SIGUSR2, NULL, &action);
  printf("ignored: %s\n", action.sa_handler == SIG_IGN ? "ignored" : "not");
  sigprocmask(SIG_BLOCK, NULL, &set);
  printf("blocked: %d %d\n", sigismember(&set, SIGHUP), sigismember(&set, SIGINT));
  sigpending(&set);
  printf("pending: %d %d\n", sigismember(&set, SIGHUP), sigismember(&set, SIGINT));
  printf("umask: %o\n", umask(0));
  return 42;
}

static void handler(int signal)
{
  (void)signal;
}

static void lasting(void)
{
  char number[16];
  char *arguments[] = {"a name", "again", number, "first", "", "third one", NULL};
  char *environment[] = {"B=2", "A=1", "EMPTY=", NULL, NULL};
  char emulator[256];
  sigset_t set;
  pid_t child;
  int file;
  if (getenv("EMULATOR")) {
    snprintf(emulator, sizeof emulator, "EMULATOR=%s", getenv("EMULATOR"));
    environment[3] = emulator;
  }
  if (CHILD(child)) {
    put_file("data", "0123456789");
    file = open("data", O_RDONLY);
    fcntl(file, F_DUPFD_CLOEXEC, file + 1);
    lseek(file, 4, SEEK_SET);
    snprintf(number, sizeof number, "%d", file);
    signal(SIGUSR1, handler);
    signal(SIGUSR2, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGHUP);
    sigprocmask(SIG_BLOCK, &set, NULL);
    raise(SIGHUP);
    umask(027);
    execute(self, arguments, environment);
    printf("execute: %s\n", strerrorname_np(errno));
    leave(1);
  }
  reap("executed", child);
}

static void refusals(void)
{
  char *none[] = {NULL};
  char *one[] = {"x", NULL};
  static char *large[40];
  char *text = malloc(140000);
  put_file("plain", "just text\n");
  T(execve("missing", one, none));
  T(execve("plain", one, none));
  T(execve("", one, none));
  T(execve("plain/x", one, none));
  T(execve(".", one, none));
  T(execve("data/..", one, none));
  chmod("plain", 0755);
  T(execve("plain", one, none));
  put_file("empty", "");
  chmod("empty", 0755);
  T(execve("empty", one, none));
  memset(text, 'x', 139999);
  text[139999] = 0;
  for (int i = 0; i < 39; i++)
    large[i] = text;
  T(execve(self, large, none));
  T(execve((char *)4, one, none));
  T(execve(self, (char **)4, none));
  T(symlink("loop", "loop"));
  T(execve("loop", one, none));
  free(text);
}

static void path_search(void)
{
  char *arguments[] = {"nothing", NULL};
  T(execvp("surely-not-there", arguments));
  T(fexecve(-1, arguments, environ));
}

int main(int argc, char **argv)
{
  if (argc > 2 && strcmp(argv[1], "again") == 0)
    return again(argc, argv, environ);
  self = realpath(argv[0], NULL);
  begin("execution");
  lasting();
  refusals();
  path_search();
  return 0;
}
