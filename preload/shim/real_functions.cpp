#include "shim/real_functions.h"

#include <dlfcn.h>

#include <atomic>
#include <cstring>

#include "shim/bootstrap_heap.h"
#include "shim/second_runtime.h"
#include "shim/signal_interposers.h"
#include "track/allocation_failures.h"
#include "track/checked_allocator.h"
#include "track/fault_signal.h"
#include "track/foreign_block.h"
#include "track/tracker.h"

namespace memoir {
namespace {

std::size_t bootstrap_usable_size(void* block) {
  return block == nullptr ? 0 : bootstrap_block_size(block);
}

int bootstrap_posix_memalign(void** block, std::size_t alignment, std::size_t size) {
  *block = bootstrap_memalign(alignment, size);
  return *block == nullptr ? 12 /* ENOMEM */ : 0;
}

void* bootstrap_valloc(std::size_t size) { return bootstrap_memalign(4096, size); }

// The file of the module that holds the function; empty when unknown.
const char* module_of(const void* function) {
  Dl_info module;
  if (function == nullptr || dladdr(function, &module) == 0) return "";
  return module.dli_fname == nullptr ? "" : module.dli_fname;
}

bool has_custom_new(const void* real_malloc) {
  const void* real_new = find_next("_Znwm");
  if (real_new == nullptr) return false;
  const char* module = module_of(real_new);
  if (strstr(module, "/libstdc++.so") != nullptr) return false;
  if (strstr(module, "/libc++.so") != nullptr) return false;
  if (strstr(module, "/libc++abi.so") != nullptr) return false;
  return strcmp(module, module_of(real_malloc)) != 0;
}

template <typename Function>
void find(const char* name, Function& function) {
  if (void* found = find_next(name)) function = reinterpret_cast<Function>(found);
}

constinit std::atomic<bool> g_finding{false};

}  // namespace

constinit RealFunctions g_real = {
    false,
    false,
    bootstrap_malloc,
    bootstrap_calloc,
    bootstrap_realloc,
    bootstrap_memalign,
    bootstrap_free,
    bootstrap_usable_size,
    bootstrap_posix_memalign,
    bootstrap_memalign,
    bootstrap_valloc,
    bootstrap_valloc,
    nullptr,
    nullptr,
};

void* find_next(const char* name) { return dlsym(RTLD_NEXT, name); }

void* find_in_cxx_runtime(const char* name) {
  if (void* found = find_next(name)) return found;
  for (const char* runtime : {"libstdc++.so.6", "libc++abi.so.1", "libc++.so.1"}) {
    void* library = dlopen(runtime, RTLD_LAZY | RTLD_LOCAL | RTLD_NOLOAD);
    if (library == nullptr) continue;
    if (void* found = dlsym(library, name)) return found;
  }
  return nullptr;
}

void find_real_functions() {
  // Whoever comes while another is at it, dlsym() first of all, gets the bootstrap heap.
  if (g_finding.exchange(true)) return;
  RealFunctions found = g_real;
  find("malloc", found.malloc);
  find("calloc", found.calloc);
  find("realloc", found.realloc);
  find("memalign", found.memalign);
  find("free", found.free);
  find("malloc_usable_size", found.malloc_usable_size);
  find("posix_memalign", found.posix_memalign);
  find("aligned_alloc", found.aligned_alloc);
  find("valloc", found.valloc);
  find("pvalloc", found.pvalloc);
  find("sbrk", found.sbrk);
  find("brk", found.brk);
  found.custom_new = has_custom_new(reinterpret_cast<void*>(found.malloc));
  g_real = found;
  const char* next = module_of(reinterpret_cast<void*>(found.malloc));
  // Behind a runtime that stands aside there is libc.
  set_real_allocator(strstr(next, "/libc.so") != nullptr ||
                     strstr(next, "/libmemoir_preload.so") != nullptr);
  if (is_second_runtime()) {
    track_stand_aside();
  } else {
    start_checking();
    start_making_fail();
    start_handling_faults(real_signal_functions());
  }
  std::atomic_signal_fence(std::memory_order_seq_cst);
  g_real.ready = true;
}

}  // namespace memoir
