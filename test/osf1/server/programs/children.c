/* Processes that fork, execute this program again and wait, so many times: what they leave behind. */
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

int main(int argc, char **argv) {
  if (argc < 2) return 7;
  int count = atoi(argv[1]), good = 0;
  char *const arguments[] = {"/program", NULL};
  for (int i = 0; i < count; i++) {
    int status = -1;
    pid_t child = fork();
    if (child == 0) {
      execv("/program", arguments);
      _exit(1);
    }
    if (waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 7) good++;
    printf("%d\n", i);
    fflush(stdout);
  }
  printf("good %d\n", good);
  return 0;
}
