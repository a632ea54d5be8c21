// Asks the system what it was told about signals, in every way there is, and handles
// faults of its own in every way there is. Exits with 0 when everything is as documented;
// otherwise with the number of the check that failed.
#include <errno.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <ucontext.h>
#include <unistd.h>

#pragma GCC diagnostic ignored "-Wdeprecated-declarations"

#define CHECK(condition) \
  if (!(condition)) fail(__LINE__)

static void fail(int line) {
  const char digits[] = {(char)('0' + line / 100 % 10), (char)('0' + line / 10 % 10),
                         (char)('0' + line % 10), '\n'};
  if (write(STDOUT_FILENO, digits, sizeof digits) < 0) _exit(2);
  _exit(1);
}

static sigjmp_buf home;
static volatile int came, code, was_blocked, other_blocked, on_other_stack;
static void* volatile touched;
static char other_stack[65536];

static int is_default(int number) {
  struct sigaction now;
  CHECK(sigaction(number, NULL, &now) == 0);
  return now.sa_handler == SIG_DFL;
}

static void note_mask(void) {
  sigset_t now;
  pthread_sigmask(SIG_SETMASK, NULL, &now);
  was_blocked = sigismember(&now, SIGSEGV);
  other_blocked = sigismember(&now, SIGUSR1);
  const char* here = (const char*)__builtin_frame_address(0);
  on_other_stack = here >= other_stack && here < other_stack + sizeof other_stack;
}

static void jump(int number) {
  came = number;
  note_mask();
  siglongjmp(home, 1);
}

static void jump_with_info(int number, siginfo_t* info, void* context) {
  const ucontext_t* interrupted = context;
  CHECK(!sigismember(&interrupted->uc_sigmask, SIGSEGV));
  came = number;
  code = info->si_code;
  touched = info->si_addr;
  note_mask();
  siglongjmp(home, 1);
}

static void count(int number) { came += number; }

// As virtual machines check for null: the access is skipped.
static void skip(int number, siginfo_t* info, void* context) {
  came = number;
  touched = info->si_addr;
  ((ucontext_t*)context)->uc_mcontext.gregs[REG_RIP] += 2;
}

// As collectors find out what is written to.
static void unprotect(int number, siginfo_t* info, void* context) {
  (void)context;
  came = number;
  char* page = (char*)((uintptr_t)info->si_addr & ~(uintptr_t)4095);
  CHECK(mprotect(page, 4096, PROT_READ | PROT_WRITE) == 0);
}

static void set(int number, void (*handler)(int), int flags, int masked) {
  struct sigaction action = {.sa_handler = handler, .sa_flags = flags}, now;
  if (masked != 0) sigaddset(&action.sa_mask, masked);
  CHECK(sigaction(number, &action, NULL) == 0);
  CHECK(sigaction(number, NULL, &now) == 0);
  CHECK(now.sa_handler == handler);
  CHECK((now.sa_flags & ~0x04000000) == flags);
  CHECK(masked == 0 || sigismember(&now.sa_mask, masked) == 1);
  CHECK(sigismember(&now.sa_mask, SIGTERM) == 0);
}

static void set_with_info(int number, void (*handler)(int, siginfo_t*, void*)) {
  struct sigaction action = {.sa_sigaction = handler, .sa_flags = SA_SIGINFO};
  CHECK(sigaction(number, &action, NULL) == 0);
}

static void touch_null(void) {
  if (sigsetjmp(home, 1) == 0) {
    came = 0;
    *(volatile int*)16 = 1;
    CHECK(0);
  }
  CHECK(came == SIGSEGV);
}

static void what_signal_answers(void) {
  static const int numbers[] = {SIGSEGV, SIGTERM, SIGUSR1, SIGABRT, SIGCHLD, SIGWINCH};
  for (unsigned i = 0; i < sizeof numbers / sizeof *numbers; ++i) {
    const int n = numbers[i];
    CHECK(is_default(n));
    CHECK(signal(n, count) == SIG_DFL);
    CHECK(signal(n, SIG_IGN) == count);
    CHECK(signal(n, count) == SIG_IGN);
    came = 0;
    CHECK(raise(n) == 0 && came == n);
    struct sigaction now;
    CHECK(sigaction(n, NULL, &now) == 0);
    CHECK((now.sa_flags & SA_RESTART) != 0 && (now.sa_flags & SA_SIGINFO) == 0);
    CHECK(siginterrupt(n, 1) == 0 && sigaction(n, NULL, &now) == 0);
    CHECK((now.sa_flags & SA_RESTART) == 0 && now.sa_handler == count);
    CHECK(siginterrupt(n, 0) == 0);
    CHECK(sysv_signal(n, count) == count);
    came = 0;
    CHECK(raise(n) == 0 && came == n);
    CHECK(is_default(n));  // once
    CHECK(signal(n, SIG_DFL) == SIG_DFL);
  }
  errno = 0;
  CHECK(signal(SIGKILL, count) == SIG_ERR && errno == EINVAL);
  CHECK(signal(77, count) == SIG_ERR && errno == EINVAL);
  CHECK(signal(SIGSEGV, SIG_ERR) == SIG_ERR && errno == EINVAL);
  CHECK(is_default(SIGSEGV));
}

static void faults(void) {
  for (int i = 0; i < 1000; ++i) {
    set(SIGSEGV, jump, 0, SIGUSR1);
    touch_null();
    CHECK(was_blocked == 1 && other_blocked == 1 && !on_other_stack);
  }
  set(SIGSEGV, jump, SA_NODEFER, 0);
  touch_null();
  CHECK(was_blocked == 0 && other_blocked == 0);
  set_with_info(SIGSEGV, jump_with_info);
  touch_null();
  CHECK(code == SEGV_MAPERR && touched == (void*)16);
  set(SIGSEGV, jump, (int)SA_RESETHAND, 0);
  touch_null();
  CHECK(is_default(SIGSEGV));
  set_with_info(SIGSEGV, skip);
  volatile int* nowhere = (int*)24;
  __asm__ volatile("movl %%eax, (%1)" : : "a"(1), "d"(nowhere) : "memory");
  CHECK(came == SIGSEGV && touched == (void*)24);
}

static void other_stacks(void) {
  stack_t mine = {.ss_sp = other_stack, .ss_size = sizeof other_stack}, now;
  CHECK(sigaltstack(NULL, &now) == 0 && now.ss_flags == SS_DISABLE);
  CHECK(sigaltstack(&mine, NULL) == 0);
  CHECK(sigaltstack(NULL, &now) == 0 && now.ss_sp == other_stack);
  set(SIGSEGV, jump, SA_ONSTACK, 0);
  touch_null();
  CHECK(on_other_stack);
  set(SIGSEGV, jump, 0, 0);
  touch_null();
  CHECK(!on_other_stack);
  mine.ss_flags = SS_DISABLE;
  CHECK(sigaltstack(&mine, NULL) == 0);
}

static void barriers(void) {
  set_with_info(SIGSEGV, unprotect);
  for (size_t size = 4096; size <= (1 << 20); size *= 16) {
    void* block = NULL;
    CHECK(posix_memalign(&block, 4096, size) == 0);
    CHECK(mprotect(block, size, PROT_READ) == 0);
    for (size_t i = 0; i < size; i += 4096) {
      came = 0;
      ((volatile char*)block)[i + 5] = 1;
      CHECK(came == SIGSEGV);
    }
    free(block);
  }
}

static void masks(void) {
  sigset_t segv, full, before, now;
  sigemptyset(&segv);
  sigaddset(&segv, SIGSEGV);
  CHECK(sigprocmask(SIG_BLOCK, NULL, &before) == 0 && !sigismember(&before, SIGSEGV));
  set(SIGSEGV, count, 0, 0);
  CHECK(pthread_sigmask(SIG_BLOCK, &segv, &now) == 0 && !sigismember(&now, SIGSEGV));
  CHECK(sigprocmask(SIG_BLOCK, NULL, &now) == 0 && sigismember(&now, SIGSEGV));
  came = 0;
  CHECK(raise(SIGSEGV) == 0 && came == 0);
  CHECK(sigpending(&now) == 0 && sigismember(&now, SIGSEGV));
  CHECK(pthread_sigmask(SIG_UNBLOCK, &segv, NULL) == 0 && came == SIGSEGV);
  sigfillset(&full);
  CHECK(sigprocmask(SIG_SETMASK, &full, NULL) == 0);
  CHECK(sigprocmask(SIG_SETMASK, NULL, &now) == 0);
  sigdelset(&full, SIGKILL);
  sigdelset(&full, SIGSTOP);
  for (int i = 1; i < 32; ++i) CHECK(sigismember(&now, i) == sigismember(&full, i));
  CHECK(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
  CHECK(sigprocmask(SIG_SETMASK, NULL, &now) == 0);
  for (int i = 1; i < 32; ++i) CHECK(sigismember(&now, i) == sigismember(&before, i));
  CHECK(sighold(SIGSEGV) == 0 && sigset(SIGSEGV, SIG_HOLD) == SIG_HOLD);
  CHECK(sigrelse(SIGSEGV) == 0 && sigset(SIGSEGV, SIG_DFL) == count);
}

// What a program finds that another one starts.
static void inherited(char** argv) {
  CHECK(signal(SIGSEGV, SIG_IGN) != SIG_ERR && signal(SIGTERM, SIG_IGN) != SIG_ERR);
  CHECK(raise(SIGSEGV) == 0 && raise(SIGTERM) == 0);
  CHECK(signal(SIGINT, count) == SIG_DFL);
  sigset_t segv;
  sigemptyset(&segv);
  sigaddset(&segv, SIGSEGV);
  CHECK(sigprocmask(SIG_BLOCK, &segv, NULL) == 0);
  const pid_t child = fork();
  if (child == 0) execl("/proc/self/exe", argv[0], "again", (char*)NULL);
  int status = 0;
  CHECK(waitpid(child, &status, 0) == child && status == 0);
  CHECK(sigprocmask(SIG_UNBLOCK, &segv, NULL) == 0);
  // A child of vfork has dispositions of its own, and our memory.
  const pid_t light = vfork();
  if (light == 0) {
    signal(SIGSEGV, SIG_DFL);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    _exit(is_default(SIGSEGV) && is_default(SIGINT) && is_default(SIGTERM) ? 0 : 1);
  }
  CHECK(waitpid(light, &status, 0) == light && status == 0);
  CHECK(signal(SIGSEGV, SIG_DFL) == SIG_IGN && signal(SIGTERM, SIG_DFL) == SIG_IGN);
  came = 0;
  CHECK(raise(SIGINT) == 0 && came == SIGINT);
}

static void was_started(void) {
  struct sigaction now;
  CHECK(sigaction(SIGSEGV, NULL, &now) == 0 && now.sa_handler == SIG_IGN);
  CHECK(sigaction(SIGTERM, NULL, &now) == 0 && now.sa_handler == SIG_IGN);
  CHECK(is_default(SIGINT));
  sigset_t mask;
  CHECK(sigprocmask(SIG_BLOCK, NULL, &mask) == 0 && sigismember(&mask, SIGSEGV));
  CHECK(!sigismember(&mask, SIGTERM) && !sigismember(&mask, SIGSTKFLT));
}

int main(int argc, char** argv) {
  void* volatile block = malloc(100);
  free(block);
  if (argc > 1) {
    was_started();
    return 0;
  }
  what_signal_answers();
  faults();
  other_stacks();
  barriers();
  masks();
  inherited(argv);
  return 0;
}
