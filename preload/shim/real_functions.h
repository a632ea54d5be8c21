#pragma once

// The functions the interposers stand in front of: those of the next library in the
// search order, be it glibc or an allocator the program brought along.
//
// Until they are found the table holds the bootstrap heap, which serves dlsym() itself.
//
// Thread safety: any thread. The first use finds them, most often before main().

#include <cstddef>
#include <cstdint>
#include <new>

#include "base/compiler.h"

namespace memoir {

struct RealFunctions {
  // Blocks come from the real allocator, not from the bootstrap heap.
  bool ready = false;
  // operator new and delete are the program's own, neither the C++ runtime's nor the
  // allocator's: they are called, not replaced.
  bool custom_new = false;
  void* (*malloc)(std::size_t);
  void* (*calloc)(std::size_t, std::size_t);
  void* (*realloc)(void*, std::size_t);
  void* (*memalign)(std::size_t, std::size_t);
  void (*free)(void*);
  std::size_t (*malloc_usable_size)(void*);
  int (*posix_memalign)(void**, std::size_t, std::size_t);
  void* (*aligned_alloc)(std::size_t, std::size_t);
  void* (*valloc)(std::size_t);
  void* (*pvalloc)(std::size_t);
  void* (*sbrk)(std::intptr_t) = nullptr;
  int (*brk)(void*) = nullptr;
};

extern constinit RealFunctions g_real;

MEMOIR_SLOW_PATH void find_real_functions();

MEMOIR_FAST_PATH const RealFunctions& real() {
  if (MEMOIR_UNLIKELY(!g_real.ready)) find_real_functions();
  return g_real;
}

// The next function of this name, nullptr when there is none. For what is not called
// often.
void* find_next(const char* name);

// The C++ runtime's function of this (mangled) name, also when the runtime was brought in
// by a library that was opened privately.
void* find_in_cxx_runtime(const char* name);

}  // namespace memoir
