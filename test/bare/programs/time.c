/* Clocks agree with each other, sleeping takes its time, dates are computed. */
#include <stdio.h>
#include <sys/resource.h>
#include <sys/select.h>
#include <sys/time.h>
#include <sys/times.h>
#include <time.h>
#include <unistd.h>

static double seconds(struct timespec t)
{
  return t.tv_sec + t.tv_nsec / 1e9;
}

static double now(int clock)
{
  struct timespec t;
  clock_gettime(clock, &t);
  return seconds(t);
}

int main(void)
{
  struct timespec wait = {0, 30000000};
  struct timeval day, pause = {0, 10000};
  struct tms used;
  struct rusage usage;
  char text[64];

  double start = now(CLOCK_MONOTONIC), cpu = now(CLOCK_PROCESS_CPUTIME_ID);
  nanosleep(&wait, NULL);
  double slept = now(CLOCK_MONOTONIC) - start;
  printf("%d %d\n", slept >= 0.03, slept < 1);
  printf("%d\n", now(CLOCK_PROCESS_CPUTIME_ID) - cpu < 0.03);
  start = now(CLOCK_MONOTONIC);
  select(0, NULL, NULL, NULL, &pause);
  usleep(1000);
  printf("%d\n", now(CLOCK_MONOTONIC) - start >= 0.011);
  gettimeofday(&day, NULL);
  printf("%d\n", now(CLOCK_REALTIME) - day.tv_sec < 2);
  printf("%d\n", time(NULL) - day.tv_sec <= 1);
  printf("%d\n", times(&used) >= 0);
  printf("%d\n", getrusage(RUSAGE_SELF, &usage));
  printf("%d\n", clock() >= 0);
  printf("%d\n", clock_getres(CLOCK_MONOTONIC, &wait));
  time_t t = 735177600 + 86399;
  strftime(text, sizeof text, "%Y-%m-%d %H:%M:%S %a %j", gmtime(&t));
  puts(text);
  struct tm tm = {.tm_year = 93, .tm_mon = 13, .tm_mday = 35};
  printf("%ld\n", (long)timegm(&tm));
  return 0;
}
