// main() ends by pthread_exit() while others go on: the process lives until the last of
// them returns, and is recorded to there.
// THREADS: 4
#include <pthread.h>
#include <stdlib.h>

static void* volatile kept;
static pthread_t first;

static pthread_barrier_t main_is_gone;

static void* go_on(void* number) {
  if (number == NULL) pthread_join(first, NULL);
  pthread_barrier_wait(&main_is_gone);
  for (int i = 0; i < 1000; ++i) free(malloc(48));    // ALLOC: malloc 3000 x 48
  for (int i = 0; i < 10; ++i) kept = calloc(1, 20);  // ALLOC: calloc 30 x 20, leaked 30
  return number;
}

int main(void) {
  first = pthread_self();
  pthread_barrier_init(&main_is_gone, NULL, 3);
  for (size_t i = 0; i < 3; ++i) {
    pthread_t thread;
    pthread_create(&thread, NULL, go_on, (void*)i);
    pthread_detach(thread);
  }
  kept = malloc(10);  // ALLOC: malloc 1 x 10, leaked 1
  pthread_exit(NULL);
}
