#include "unwind/libunwind_fallback.h"

#include <dlfcn.h>

// The local half of libunwind's interface; its functions are looked up by name below.
#define UNW_LOCAL_ONLY
#include <libunwind.h>

namespace memoir {
namespace {

struct LibunwindFunctions {
  int (*getcontext)(unw_tdep_context_t*) = nullptr;
  int (*init_local)(unw_cursor_t*, unw_context_t*) = nullptr;
  int (*step)(unw_cursor_t*) = nullptr;
  int (*get_reg)(unw_cursor_t*, unw_regnum_t, unw_word_t*) = nullptr;
  void (*flush_cache)(unw_addr_space_t, unw_word_t, unw_word_t) = nullptr;
  unw_addr_space_t* local_addr_space = nullptr;
};

constinit LibunwindFunctions g_libunwind;
constinit bool g_open = false;

template <typename Function>
bool find(void* library, const char* name, Function& function) {
  function = reinterpret_cast<Function>(dlsym(library, name));
  return function != nullptr;
}

}  // namespace

bool open_libunwind() {
  void* library = dlopen("libunwind.so.8", RTLD_LAZY | RTLD_LOCAL);
  if (library == nullptr) return false;
  LibunwindFunctions& f = g_libunwind;
  g_open = find(library, "_Ux86_64_getcontext", f.getcontext) &&
           find(library, "_ULx86_64_init_local", f.init_local) &&
           find(library, "_ULx86_64_step", f.step) &&
           find(library, "_ULx86_64_get_reg", f.get_reg) &&
           find(library, "_Ux86_64_flush_cache", f.flush_cache) &&
           find(library, "_ULx86_64_local_addr_space", f.local_addr_space);
  return g_open;
}

bool libunwind_is_open() { return g_open; }

std::size_t walk_with_libunwind(std::uint64_t first_pc, std::uint64_t* pcs,
                                std::size_t capacity) {
  if (!g_open) return 0;
  unw_context_t context;
  unw_cursor_t cursor;
  if (g_libunwind.getcontext(&context) != 0) return 0;
  if (g_libunwind.init_local(&cursor, &context) != 0) return 0;
  std::size_t n = 0;
  do {
    unw_word_t pc = 0;
    if (g_libunwind.get_reg(&cursor, UNW_REG_IP, &pc) != 0 || pc == 0) break;
    if (n == 0 && pc != first_pc) continue;
    pcs[n++] = pc;
  } while (n < capacity && g_libunwind.step(&cursor) > 0);
  return n;
}

void flush_libunwind() {
  if (g_open) g_libunwind.flush_cache(*g_libunwind.local_addr_space, 0, 0);
}

}  // namespace memoir
