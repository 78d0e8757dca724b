/* A child makes and removes files without end, so it mostly holds their directory; its parent stops it,
   uses the directory, lets it go on, kills it. */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static int make(const char *name) {
  int file = open(name, O_CREAT | O_RDWR, 0644);
  if (file < 0) return -1;
  close(file);
  return unlink(name);
}

int main(void) {
  pid_t child = fork();
  if (child == 0)
    for (;;) make("child");
  struct timespec while_ = {0, 300000000};
  int made = 0, status;
  for (int i = 0; i < 8; i++) {
    nanosleep(&while_, 0);
    kill(child, SIGSTOP);
    if (make("parent") == 0) made++;
    kill(child, SIGCONT);
  }
  printf("made %d\n", made);
  kill(child, SIGKILL);
  printf("%d\n", waitpid(child, &status, 0) == child && WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL);
  return 0;
}
