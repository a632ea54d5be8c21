// Reads and writes beyond large blocks where it is hard to tell of it: with every signal
// blocked, in the handler of SIGSEGV, on a signal stack of the smallest size, in a thread
// that never allocated, and after somebody ignored SIGSEGV. Goes on each time.
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { kSize = 200000, kBeyond = kSize + 64 };

static sigjmp_buf home;
static volatile char sum;
static char* volatile block;
static char small_stack[8192];

static void touch(void) { sum += block[kBeyond]; }

static void with_all_blocked(void) {
  sigset_t full, before;
  sigfillset(&full);
  sigprocmask(SIG_SETMASK, &full, &before);
  touch();  // FAULT: 1
  sigprocmask(SIG_SETMASK, &before, NULL);
}

static void in_handler(int number) {
  touch();  // FAULT: 2
  siglongjmp(home, number);
}

static void on_small_stack(int number) {
  (void)number;
  touch();  // FAULT: 3
}

static void* in_thread(void* block_of_it) {
  sum += ((char*)block_of_it)[kBeyond];  // FAULT: 4
  return NULL;
}

static void replace_block(void) { block = malloc(kSize); }

int main(void) {
  replace_block();
  with_all_blocked();

  replace_block();
  signal(SIGSEGV, in_handler);
  if (sigsetjmp(home, 1) == 0) *(volatile int*)8 = 1;

  replace_block();
  stack_t mine = {.ss_sp = small_stack, .ss_size = sizeof small_stack};
  struct sigaction action = {.sa_handler = on_small_stack, .sa_flags = SA_ONSTACK};
  sigfillset(&action.sa_mask);
  sigaltstack(&mine, NULL);
  sigaction(SIGUSR1, &action, NULL);
  raise(SIGUSR1);

  replace_block();
  pthread_t thread;
  pthread_create(&thread, NULL, in_thread, block);
  pthread_join(thread, NULL);

  replace_block();
  signal(SIGSEGV, SIG_IGN);
  touch();  // FAULT: 5
  touch();  // its page is open now
  return write(STDOUT_FILENO, "went on\n", 8) == 8 ? 0 : 1;
}
