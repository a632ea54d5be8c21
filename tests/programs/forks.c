// Forks without exec while other threads allocate; the child allocates, starts a thread
// and forks a grandchild. Everyone counts only what happened after it came to be.
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

static void* volatile kept;
static atomic_int stop;

static void* keep_busy(void* unused) {
  while (!stop) free(malloc(48));
  return unused;
}

static __attribute__((noinline)) void lose(int count, size_t size) {
  for (int i = 0; i < count; ++i) kept = malloc(size);
}

static void* lose_in_thread(void* unused) {
  lose(6, 60);
  return unused;
}

static int wait_for(pid_t child) {
  int status = 0;
  if (waitpid(child, &status, 0) != child || !WIFEXITED(status)) return -1;
  return WEXITSTATUS(status);
}

static int grandchild(void) {
  lose(2, 20);
  return 3;
}

static int child(void* inherited) {
  free(inherited);  // the parent's block, which lives on there
  lose(4, 40);
  pthread_t thread;
  pthread_create(&thread, NULL, lose_in_thread, NULL);
  pthread_join(thread, NULL);
  const pid_t pid = fork();
  if (pid == 0) _exit(grandchild());
  return wait_for(pid) == 3 ? 4 : 1;
}

int main(void) {
  pthread_t threads[3];
  for (int i = 0; i < 3; ++i) pthread_create(&threads[i], NULL, keep_busy, NULL);
  void* inherited = malloc(1000);
  lose(1, 10);
  const pid_t pid = fork();
  if (pid == 0) exit(child(inherited));
  const int status = wait_for(pid);
  lose(1, 10);
  stop = 1;
  for (int i = 0; i < 3; ++i) pthread_join(threads[i], NULL);
  free(inherited);
  return status == 4 ? 7 : 1;
}
