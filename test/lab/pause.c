/* The process that holds a pod's namespaces. */
#include <signal.h>
#include <unistd.h>

static void end(int signal) { _exit(signal == SIGINT || signal == SIGTERM ? 0 : 1); }

int main(void) {
  struct sigaction reap = {.sa_handler = SIG_IGN, .sa_flags = SA_NOCLDWAIT};
  sigaction(SIGCHLD, &reap, 0);
  signal(SIGINT, end);
  signal(SIGTERM, end);
  for (;;) pause();
}
