/* More processes that wait in the server than it has stacks for: each reads from a pipe of its own; half
   of them are killed there, the rest get a byte. */
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#define COUNT 40

int main(void) {
  int ends[COUNT][2];
  pid_t children[COUNT];
  for (int i = 0; i < COUNT; i++) {
    if (pipe(ends[i]) != 0) return 2;
    children[i] = fork();
    if (children[i] < 0) return 3;
    if (children[i] == 0) {
      char byte = 0;
      close(ends[i][1]);
      _exit(read(ends[i][0], &byte, 1) == 1 ? byte : 99);
    }
    close(ends[i][0]);
  }
  usleep(100000);
  for (int i = 0; i < COUNT; i++)
    if (i % 2 == 0) kill(children[i], SIGKILL);
    else {
      char byte = (char)i;
      write(ends[i][1], &byte, 1);
    }
  int killed = 0, sum = 0;
  for (int i = 0; i < COUNT; i++) {
    int status;
    if (waitpid(children[i], &status, 0) != children[i]) return 4;
    if (WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL) killed++;
    else if (WIFEXITED(status)) sum += WEXITSTATUS(status);
  }
  printf("killed %d, sum %d\n", killed, sum);
  return 0;
}
