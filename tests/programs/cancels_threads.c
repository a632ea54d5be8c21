// Threads that are cancelled wherever they are, which is most often in the recording of
// an event: their cleanup, and the threads that come after them, go on recording. Says
// how many mappings were made. The argument: how many threads, one after the other.
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { kPage = 4096 };

static atomic_int mapped;
static atomic_int running;

static void clean_up(void* block) { free(block); }

static void* work(void* number) {
  pthread_cleanup_push(clean_up, number);
  pthread_setcanceltype(PTHREAD_CANCEL_ASYNCHRONOUS, NULL);
  running = 1;
  for (;;) {
    void* page = mmap(NULL, kPage, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    ++mapped;
    munmap(page, kPage);
  }
  pthread_cleanup_pop(1);
  return number;
}

int main(int argc, char** argv) {
  const int threads = argc > 1 ? atoi(argv[1]) : 100;
  for (int i = 0; i < threads; ++i) {
    pthread_t thread;
    running = 0;
    if (pthread_create(&thread, NULL, work, malloc(100)) != 0) return 1;
    while (!running) sched_yield();
    for (int wait = mapped + i % 50; mapped < wait;) sched_yield();
    pthread_cancel(thread);
    void* result = NULL;
    if (pthread_join(thread, &result) != 0 || result != PTHREAD_CANCELED) return 2;
  }
  printf("%d\n", mapped);
  return 0;
}
