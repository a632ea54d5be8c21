// Two threads, each of which opens and closes a plugin of its own a thousand times, with
// its symbols for everybody: reopens_plugins PLUGIN PLUGIN
#include <dlfcn.h>
#include <pthread.h>
#include <stddef.h>

enum { kPlugins = 2, kRounds = 1000 };

static void* reopen(void* path) {
  for (int i = 0; i < kRounds; ++i) {
    void* plugin = dlopen(path, RTLD_NOW | RTLD_GLOBAL);
    if (plugin == NULL) return path;
    int (*work)(int) = (int (*)(int))dlsym(plugin, "work");
    if (work == NULL || work(i) != i || dlclose(plugin) != 0) return path;
  }
  return NULL;
}

int main(int argc, char** argv) {
  if (argc != kPlugins + 1) return 2;
  pthread_t threads[kPlugins];
  for (int i = 0; i < kPlugins; ++i)
    pthread_create(&threads[i], NULL, reopen, argv[i + 1]);
  int status = 0;
  for (int i = 0; i < kPlugins; ++i) {
    void* failed = NULL;
    pthread_join(threads[i], &failed);
    if (failed != NULL) status = 1;
  }
  return status;
}
