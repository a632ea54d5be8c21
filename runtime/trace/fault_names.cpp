#include "trace/fault_names.h"

#include <cstddef>
#include <iterator>

namespace memoir {
namespace {

constexpr std::string_view kAccessNames[] = {"", "read", "write", "free"};
constexpr std::string_view kPlaceNames[] = {
    "", "block", "stack", "global", "mapping", "unmapped", "real_allocator"};

// The place of a name in a list; 0, which is "", when it is not there.
template <typename Enum, std::size_t N>
Enum place_of(const std::string_view (&names)[N], std::string_view name) {
  for (std::size_t i = 0; i < N; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return Enum{};
}

}  // namespace

std::string_view fault_name(FaultKind kind) {
  switch (kind) {
#define MEMOIR_FAULT(enumerator, number, name, title) \
  case FaultKind::enumerator:                         \
    return name;
#include "base/fault_kind.inc"
#undef MEMOIR_FAULT
    case FaultKind::kNone:
      break;
  }
  return {};
}

std::string_view access_name(FaultAccess access) {
  const auto number = static_cast<std::size_t>(access);
  return number < std::size(kAccessNames) ? kAccessNames[number] : "";
}

std::string_view place_name(MemoryPlace place) {
  const auto number = static_cast<std::size_t>(place);
  return number < std::size(kPlaceNames) ? kPlaceNames[number] : "";
}

std::string_view api_name(Api api) {
  switch (api) {
#define MEMOIR_API(enumerator, number, name) \
  case Api::enumerator:                      \
    return name;
#include "base/allocation_api.inc"
#undef MEMOIR_API
  }
  return "unknown";
}

FaultKind fault_kind(std::string_view name) {
#define MEMOIR_FAULT(enumerator, number, text, title) \
  if (name == (text)) return FaultKind::enumerator;
#include "base/fault_kind.inc"
#undef MEMOIR_FAULT
  return FaultKind::kNone;
}

FaultAccess fault_access(std::string_view name) {
  return place_of<FaultAccess>(kAccessNames, name);
}

MemoryPlace memory_place(std::string_view name) {
  return place_of<MemoryPlace>(kPlaceNames, name);
}

}  // namespace memoir
