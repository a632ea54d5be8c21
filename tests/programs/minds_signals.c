// Says "ready", waits for SIGINT or SIGTERM, says which one came, and exits with 21
// or 22. With the argument "ignore" it does not mind them and dies of what they do.
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static volatile sig_atomic_t came;
static void* volatile kept;

static void on_signal(int signal) { came = signal; }

static void say(const char* text) {
  if (write(STDOUT_FILENO, text, strlen(text)) < 0) _exit(99);
}

int main(int argc, char** argv) {
  sigset_t both, before;
  sigemptyset(&both);
  sigaddset(&both, SIGINT);
  sigaddset(&both, SIGTERM);
  sigprocmask(SIG_BLOCK, &both, &before);
  if (argc < 2 || strcmp(argv[1], "ignore") != 0) {
    signal(SIGINT, on_signal);
    signal(SIGTERM, on_signal);
  }
  kept = malloc(100);
  say("ready\n");
  while (came == 0) sigsuspend(&before);
  kept = malloc(200);  // the program goes on after the signal
  say(came == SIGINT ? "interrupted\n" : "terminated\n");
  return came == SIGINT ? 21 : 22;
}
