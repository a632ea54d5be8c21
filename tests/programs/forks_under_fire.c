// Forks twenty times while four threads allocate: at any moment of their recording. Each
// child allocates at once, starts a thread, and ends; nobody waits for ever.
// THREADS: 45
#include <pthread.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

enum { kThreads = 4, kRounds = 20000, kForks = 20 };

static void* volatile kept;
static pthread_barrier_t ready;

static void* churn(void* unused) {
  pthread_barrier_wait(&ready);
  for (int i = 0; i < kRounds; ++i) free(malloc(48));  // ALLOC: malloc 80000 x 48
  return unused;
}

static void* lose(void* unused) {
  kept = malloc(33);  // ALLOC: malloc 20 x 33, leaked 20
  return unused;
}

static int child(void) {
  for (int i = 0; i < 5; ++i) kept = malloc(22);  // ALLOC: malloc 100 x 22, leaked 100
  pthread_t thread;
  if (pthread_create(&thread, NULL, lose, NULL) != 0) return 1;
  return pthread_join(thread, NULL);
}

int main(void) {
  pthread_t threads[kThreads];
  pthread_barrier_init(&ready, NULL, kThreads + 1);
  for (int i = 0; i < kThreads; ++i) pthread_create(&threads[i], NULL, churn, NULL);
  pthread_barrier_wait(&ready);
  for (int i = 0; i < kForks; ++i) {
    const pid_t pid = fork();
    if (pid == 0) _exit(child());
    int status = 0;
    if (waitpid(pid, &status, 0) != pid || status != 0) return 1;
  }
  for (int i = 0; i < kThreads; ++i) pthread_join(threads[i], NULL);
  return 0;
}
