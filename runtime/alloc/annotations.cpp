#include "alloc/annotations.h"

#include <atomic>

#if __has_include(<valgrind/memcheck.h>)
#include <valgrind/memcheck.h>
#else
#define RUNNING_ON_VALGRIND 0
#define VALGRIND_MAKE_MEM_NOACCESS(address, bytes) static_cast<void>(0)
#define VALGRIND_MAKE_MEM_DEFINED(address, bytes) static_cast<void>(0)
#endif

extern "C" {
[[gnu::weak]] void __asan_poison_memory_region(const volatile void* address,
                                               std::size_t bytes);
[[gnu::weak]] void __asan_unpoison_memory_region(const volatile void* address,
                                                 std::size_t bytes);
}

namespace memoir {
namespace {

std::atomic<bool> g_annotate{true};

}  // namespace

void annotate_pools(bool on) noexcept { g_annotate = on; }

namespace records {

annotations::annotations() {
  if (!g_annotate) return;
  address_sanitizer_ = &__asan_poison_memory_region != nullptr;
  memcheck_ = RUNNING_ON_VALGRIND != 0;
}

void annotations::forbid(const void* memory, std::size_t bytes) const {
  if (address_sanitizer_) __asan_poison_memory_region(memory, bytes);
  if (memcheck_) VALGRIND_MAKE_MEM_NOACCESS(memory, bytes);
}

void annotations::allow(const void* memory, std::size_t bytes) const {
  if (address_sanitizer_) __asan_unpoison_memory_region(memory, bytes);
  if (memcheck_) VALGRIND_MAKE_MEM_DEFINED(memory, bytes);
}

}  // namespace records

}  // namespace memoir
