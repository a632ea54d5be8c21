// A C program opens a C++ plugin that throws. Says what was caught, and in which library
// the unwinder lies that the plugin's throws go through.
#include <dlfcn.h>
#include <stdio.h>
#include <string.h>

int main(int argc, char** argv) {
  void* plugin = argc == 2 ? dlopen(argv[1], RTLD_NOW | RTLD_LOCAL) : NULL;
  if (plugin == NULL) return 1;
  int (*throw_and_catch)(int) = (int (*)(int))dlsym(plugin, "throw_and_catch");
  if (throw_and_catch == NULL) return 1;
  long sum = 0;
  for (int i = 0; i < 2000; ++i) sum += throw_and_catch(i % 20);
  printf("%ld\n", sum);

  // As the dynamic linker binds it: the global scope first, then the plugin's own.
  void* raise = dlsym(RTLD_DEFAULT, "_Unwind_RaiseException");
  if (raise == NULL) raise = dlsym(plugin, "_Unwind_RaiseException");
  Dl_info library;
  if (raise == NULL || dladdr(raise, &library) == 0) return 1;
  printf("%s\n", strrchr(library.dli_fname, '/') + 1);
  return 0;
}
