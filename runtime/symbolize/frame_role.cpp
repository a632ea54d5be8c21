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

// A mangled name of the Itanium C++ ABI from its outermost part on: without _Z and, for a
// nested name, N and its qualifiers. Empty for other names.
std::string_view from_outermost(std::string_view name) {
  if (!name.starts_with("_Z")) return {};
  name.remove_prefix(2);
  if (name.starts_with('N')) {
    name.remove_prefix(1);
    while (!name.empty() && std::string_view("rVKRO").find(name[0]) != name.npos) {
      name.remove_prefix(1);
    }
  }
  return name;
}

bool begins_with_one_of(std::string_view name, const auto& prefixes) {
  return std::any_of(
      std::begin(prefixes), std::end(prefixes),
      [name](std::string_view prefix) { return name.starts_with(prefix); });
}

// Namespace std or __gnu_cxx, whose containers allocate for who owns them, and the
// allocators, pools and buffers of include/memoir. Ss, Sa and so on are std's shorthands.
// Functions that were inlined everywhere, or seen in one source alone, may have a name in
// the source alone.
bool is_of_library(std::string_view name) {
  constexpr std::string_view kInSource[] = {"std::", "__gnu_cxx::", "memoir::tracked::",
                                            "memoir::plain::", "memoir::records::"};
  constexpr std::string_view kMangled[] = {"9__gnu_cxx", "6memoir7tracked",
                                           "6memoir5plain", "6memoir7records"};
  if (begins_with_one_of(name, kInSource)) return true;
  const std::string_view outermost = from_outermost(name);
  if (begins_with_one_of(outermost, kMangled)) return true;
  return outermost.size() >= 2 && outermost[0] == 'S' &&
         std::string_view("tabsiod").find(outermost[1]) != outermost.npos;
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
  if (contains(kAllocatorFunctions, linkage_name) || is_of_library(linkage_name)) {
    return FrameRole::kAllocator;
  }
  if (begins_with_one_of(linkage_name, kAllocatorPrefixes)) return FrameRole::kAllocator;
  // Those of libc, and the runtime's in front of them, which may be in the program
  // itself.
  return contains(kLibcGivers, linkage_name) ? FrameRole::kLibcGiver
                                             : FrameRole::kProgram;
}

}  // namespace memoir
