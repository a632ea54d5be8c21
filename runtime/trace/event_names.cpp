#include <array>

#include "trace/event_codec.h"

namespace memoir {
namespace {

constexpr std::array<std::string_view, 10> kKindNames = {
    "unknown", "alloc", "free",       "realloc",   "map",
    "unmap",   "remap", "pool_alloc", "pool_free", "pool_reset",
};

}  // namespace

std::string_view api_name(std::uint8_t api) {
  switch (static_cast<Api>(api)) {
#define MEMOIR_API(enumerator, number, name) \
  case Api::enumerator:                      \
    return name;
#include "base/allocation_api.inc"
#undef MEMOIR_API
  }
  return api_name(0);
}

std::string_view event_kind_name(std::uint8_t kind) {
  return kKindNames[kind < kKindNames.size() ? kind : 0];
}

}  // namespace memoir
