#include "symbolize/frame_role.h"

#include <algorithm>
#include <iterator>

namespace memoir {
namespace {

constexpr std::string_view kAllocatorFunctions[] = {
#define MEMOIR_ALLOCATOR_FUNCTION(name) name,
#define MEMOIR_ALLOCATOR_PREFIX(name)
#define MEMOIR_LIBC_GIVER(name)
#include "symbolize/skipped_functions.inc"
#undef MEMOIR_ALLOCATOR_FUNCTION
#undef MEMOIR_ALLOCATOR_PREFIX
#undef MEMOIR_LIBC_GIVER
};

constexpr std::string_view kAllocatorPrefixes[] = {
#define MEMOIR_ALLOCATOR_FUNCTION(name)
#define MEMOIR_ALLOCATOR_PREFIX(name) name,
#define MEMOIR_LIBC_GIVER(name)
#include "symbolize/skipped_functions.inc"
#undef MEMOIR_ALLOCATOR_FUNCTION
#undef MEMOIR_ALLOCATOR_PREFIX
#undef MEMOIR_LIBC_GIVER
};

constexpr std::string_view kLibcGivers[] = {
#define MEMOIR_ALLOCATOR_FUNCTION(name)
#define MEMOIR_ALLOCATOR_PREFIX(name)
#define MEMOIR_LIBC_GIVER(name) name,
#include "symbolize/skipped_functions.inc"
#undef MEMOIR_ALLOCATOR_FUNCTION
#undef MEMOIR_ALLOCATOR_PREFIX
#undef MEMOIR_LIBC_GIVER
};

bool contains(const auto& list, std::string_view name) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

// Namespace std or __gnu_cxx, from the outermost name of the Itanium mangling: after _Z
// and, for a nested name, N and its qualifiers. Ss, Sa and so on are std's shorthands.
// Functions that were inlined everywhere may have a name in the source alone.
bool is_std(std::string_view name) {
  if (name.starts_with("std::") || name.starts_with("__gnu_cxx::")) return true;
  if (!name.starts_with("_Z")) return false;
  name.remove_prefix(2);
  if (name.starts_with('N')) {
    name.remove_prefix(1);
    while (!name.empty() && std::string_view("rVKRO").find(name[0]) != name.npos) {
      name.remove_prefix(1);
    }
  }
  if (name.starts_with("9__gnu_cxx")) return true;
  return name.size() >= 2 && name[0] == 'S' &&
         std::string_view("tabsiod").find(name[1]) != name.npos;
}

std::string_view file_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

}  // namespace

FrameRole frame_role(std::string_view module_path, std::string_view linkage_name) {
  const std::string_view file = file_name(module_path);
  if (file.starts_with("libmemoir_")) return FrameRole::kMemoir;
  const bool in_libc = file.starts_with("libc.so") || file.starts_with("libc-2.");
  if (linkage_name.empty()) {
    return in_libc ? FrameRole::kLibcInternal : FrameRole::kProgram;
  }
  if (contains(kAllocatorFunctions, linkage_name) || is_std(linkage_name)) {
    return FrameRole::kAllocator;
  }
  for (const std::string_view prefix : kAllocatorPrefixes) {
    if (linkage_name.starts_with(prefix)) return FrameRole::kAllocator;
  }
  // Those of libc, and the runtime's in front of them, which may be in the program
  // itself.
  return contains(kLibcGivers, linkage_name) ? FrameRole::kLibcGiver
                                             : FrameRole::kProgram;
}

}  // namespace memoir
