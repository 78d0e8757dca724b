/* Limits of resources and their use; what the system says of itself. */
#include "transcript.h"
#include <sys/resource.h>
#include <sys/sysinfo.h>
#include <sys/utsname.h>

static char block[5000];

static void show(int resource)
{
  struct rlimit limit;
  if (getrlimit(resource, &limit) == -1)
    printf("limit: %s\n", strerrorname_np(errno));
  else if (limit.rlim_cur == RLIM_INFINITY)
    puts("limit: none");
  else
    printf("limit: %lu\n", (unsigned long)limit.rlim_cur);
}

static void setting(void)
{
  struct rlimit limit = {1000, 2000}, old;
  pid_t child;
  if (CHILD(child)) {
    T(setrlimit(RLIMIT_FSIZE, &limit));
    show(RLIMIT_FSIZE);
    limit.rlim_cur = 1500;
    T(setrlimit(RLIMIT_FSIZE, &limit));
    limit.rlim_cur = 2500;
    T(setrlimit(RLIMIT_FSIZE, &limit));
    show(RLIMIT_FSIZE);
    limit.rlim_cur = RLIM_INFINITY;
    limit.rlim_max = RLIM_INFINITY;
    T(setrlimit(RLIMIT_CPU, &limit));
    show(RLIMIT_CPU);
    limit.rlim_cur = 7;
    T(prlimit(0, RLIMIT_CORE, &limit, &old));
    T(prlimit(getpid(), RLIMIT_CORE, NULL, &old));
    printf("%lu\n", (unsigned long)old.rlim_cur);
    T(prlimit(1234567, RLIMIT_CORE, NULL, &old));
    T(getrlimit(99, &old));
    T(setrlimit(99, &old));
    leave(0);
  }
  reap("limits", child);
}

static void sizes(void)
{
  struct rlimit limit = {3000, 3000};
  pid_t child;
  if (CHILD(child)) {
    int file = open("large", O_WRONLY | O_CREAT, 0644);
    setrlimit(RLIMIT_FSIZE, &limit);
    T(write(file, block, 2000));
    T(write(file, block, 2000));
    signal(SIGXFSZ, SIG_IGN);
    T(write(file, block, 1));
    T(pwrite(file, block, 10, 0));
    T(ftruncate(file, 5000));
    signal(SIGXFSZ, SIG_DFL);
    write(file, block, 1);
    leave(0);
  }
  reap("too large", child);
}

static void processor(void)
{
  struct rlimit limit = {1, 5};
  pid_t child;
  if (CHILD(child)) {
    setrlimit(RLIMIT_CPU, &limit);
    alarm(60);
    for (;;)
      ;
  }
  reap("too long", child);
}

static void use(void)
{
  struct rusage usage, children;
  pid_t child;
  T(getrusage(RUSAGE_SELF, &usage));
  while (usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec == 0)
    getrusage(RUSAGE_SELF, &usage);
  SAY(usage.ru_utime.tv_usec >= 0 && usage.ru_utime.tv_usec < 1000000);
  if (CHILD(child)) {
    do
      getrusage(RUSAGE_SELF, &usage);
    while (usage.ru_utime.tv_sec * 1000000LL + usage.ru_utime.tv_usec == 0);
    leave(0);
  }
  reap("worker", child);
  T(getrusage(RUSAGE_CHILDREN, &children));
  SAY(children.ru_utime.tv_sec * 1000000LL + children.ru_utime.tv_usec > 0);
  T(getrusage(77, &usage));
}

static void priority(void)
{
  pid_t child;
  if (CHILD(child)) {
    T(getpriority(PRIO_PROCESS, 0));
    T(setpriority(PRIO_PROCESS, 0, 5));
    T(getpriority(PRIO_PROCESS, 0));
    T(nice(3));
    T(nice(100));
    T(getpriority(99, 0));
    T(getpriority(PRIO_PROCESS, 1234567));
    leave(0);
  }
  reap("nice", child);
}

static void system_itself(void)
{
  struct utsname name;
  struct sysinfo info;
  T(uname(&name));
  printf("%s %s\n", name.sysname, name.machine);
  T(sysinfo(&info));
  SAY(info.totalram > 0 && info.mem_unit > 0 && info.procs > 0);
  SAY(sysconf(_SC_PAGESIZE) == 4096);
}

int main(void)
{
  begin("limits");
  setting();
  sizes();
  processor();
  use();
  priority();
  system_itself();
  return 0;
}
