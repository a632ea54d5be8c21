#include <array>

#include "trace/event_codec.h"

namespace memoir {
namespace {

// By the values of Api.
constexpr std::array<std::string_view, 39> kApiNames = {
    "unknown",
    "malloc",
    "calloc",
    "realloc",
    "reallocarray",
    "free",
    "posix_memalign",
    "aligned_alloc",
    "memalign",
    "valloc",
    "pvalloc",
    "cfree",
    "free_sized",
    "free_aligned_sized",
    "operator new",
    "operator new[]",
    "operator new(nothrow)",
    "operator new[](nothrow)",
    "operator new(align)",
    "operator new[](align)",
    "operator new(align, nothrow)",
    "operator new[](align, nothrow)",
    "operator delete",
    "operator delete[]",
    "operator delete(nothrow)",
    "operator delete[](nothrow)",
    "operator delete(size)",
    "operator delete[](size)",
    "operator delete(align)",
    "operator delete[](align)",
    "operator delete(size, align)",
    "operator delete[](size, align)",
    "operator delete(align, nothrow)",
    "operator delete[](align, nothrow)",
    "mmap",
    "munmap",
    "mremap",
    "brk",
    "sbrk",
};
static_assert(kApiNames.size() == static_cast<std::size_t>(Api::kSbrk) + 1);

constexpr std::array<std::string_view, 7> kKindNames = {
    "unknown", "alloc", "free", "realloc", "map", "unmap", "remap",
};

}  // namespace

std::string_view api_name(std::uint8_t api) {
  return kApiNames[api < kApiNames.size() ? api : 0];
}

std::string_view event_kind_name(std::uint8_t kind) {
  return kKindNames[kind < kKindNames.size() ? kind : 0];
}

}  // namespace memoir
