// Four threads open, use and close a plugin of their own again and again, while two
// others allocate without a pause: plugins_in_a_race PLUGIN PLUGIN PLUGIN PLUGIN
#include <dlfcn.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdlib.h>

enum { kPlugins = 4, kRounds = 100 };

static atomic_int running = kPlugins;

static void* use_plugin(void* path) {
  void* failed = path;
  for (int i = 0; i < kRounds; ++i) {
    void* plugin = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    if (plugin == NULL) return failed;
    int (*work)(int) = (int (*)(int))dlsym(plugin, "work");
    if (work == NULL || work(i) != i || dlclose(plugin) != 0) return failed;
  }
  atomic_fetch_sub(&running, 1);
  return NULL;
}

static __attribute__((noinline)) void inner(void) { free(malloc(5)); }
static __attribute__((noinline)) void outer(void) { inner(); }

static void* keep_busy(void* unused) {
  while (running > 0) outer();
  return unused;
}

int main(int argc, char** argv) {
  if (argc != kPlugins + 1) return 2;
  pthread_t threads[kPlugins + 2];
  for (int i = 0; i < kPlugins + 2; ++i) {
    pthread_create(&threads[i], NULL, i < kPlugins ? use_plugin : keep_busy,
                   i < kPlugins ? argv[i + 1] : NULL);
  }
  int status = 0;
  for (int i = 0; i < kPlugins + 2; ++i) {
    void* failed = NULL;
    pthread_join(threads[i], &failed);
    if (failed != NULL) status = 1;
  }
  return status;
}
