// Does recording slow down exceptions? A C program, which loads no C++ runtime itself,
// opens a C++ plugin that throws: the case in which a preloaded library that brings an
// unwinder of its own takes over exception handling.
//   throwing_plugin PLUGIN THROWS
// prints nanoseconds per throw.
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

static double now_ns(void) {
  struct timespec t;
  clock_gettime(CLOCK_MONOTONIC, &t);
  return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

int main(int argc, char** argv) {
  if (argc != 3) {
    fprintf(stderr, "usage: throwing_plugin PLUGIN THROWS\n");
    return 2;
  }
  void* plugin = dlopen(argv[1], RTLD_NOW | RTLD_LOCAL);
  if (plugin == NULL) {
    fprintf(stderr, "throwing_plugin: %s\n", dlerror());
    return 1;
  }
  int (*throw_and_catch)(int) = (int (*)(int))dlsym(plugin, "throw_and_catch");
  const int throws = atoi(argv[2]);
  if (throw_and_catch == NULL || throws <= 0) return 1;

  throw_and_catch(1);  // the first throw fills caches
  const double start = now_ns();
  int caught = 0;
  for (int i = 0; i < throws; ++i) caught += throw_and_catch(10);
  const double spent = now_ns() - start;
  if (caught != throws) return 1;
  printf("%.0f ns per throw\n", spent / throws);
  return 0;
}
