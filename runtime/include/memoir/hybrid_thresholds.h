#pragma once

// Where a hybrid_allocator puts what: limits, and the decision that follows from them.
// All pure.
//
//   inline    up to inline_bytes   within the handle: small_buffer only
//   slab      up to the table      slots in chunks
//   system    between              the allocator below
//   large     from large_bytes on  pages, some of which are kept
//
// Thread safety: as a value.
// Design: the published table of ZiggyAlloc's HybridAllocator, whose small tier was the
// garbage collector's heap: in elements, by what they are.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <istream>
#include <ostream>
#include <string>

#include "memoir/detail/block_request.h"
#include "memoir/result.h"

namespace memoir {

enum class hybrid_tier : std::uint8_t { inlined, slab, system, large };

// As it stands in tables. Pure.
constexpr const char* name_of(hybrid_tier tier) noexcept {
  switch (tier) {
    case hybrid_tier::inlined:
      return "inline";
    case hybrid_tier::slab:
      return "slab";
    case hybrid_tier::system:
      return "system";
    case hybrid_tier::large:
      return "large";
  }
  return "unknown";
}

struct hybrid_thresholds {
  // The most elements that are small.
  std::size_t byte_elements = 1024;
  std::size_t int_elements = 512;
  std::size_t double_elements = 128;
  std::size_t struct_elements = 64;
  // Of other types: as many as these bytes hold, but at least and at most so many.
  std::size_t other_bytes = 1024;
  std::size_t other_least = 32;
  std::size_t other_most = 1024;
  // Not 0: what is small is said in bytes, for all types alike.
  std::size_t small_bytes = 0;
  std::size_t large_bytes = std::size_t{1} << 20;
  std::size_t inline_bytes = 64;

  // Slots in chunks are at most so large, whatever the table says.
  static constexpr std::size_t kLargestSlot = std::size_t{32} << 10;

  static constexpr hybrid_thresholds seed_defaults() noexcept { return {}; }

  constexpr std::size_t small_elements(element_kind kind,
                                       std::size_t element_size) const {
    if (small_bytes != 0) return small_bytes / element_size;
    switch (kind) {
      case element_kind::bytes:
        return byte_elements;
      case element_kind::ints:
        return int_elements;
      case element_kind::doubles:
        return double_elements;
      case element_kind::structs:
        return struct_elements;
      case element_kind::other:
        break;
    }
    return std::clamp(other_bytes / element_size, other_least, other_most);
  }

  bool operator==(const hybrid_thresholds&) const = default;
};

// Why a block lies where it does.
struct hybrid_decision {
  element_kind kind = element_kind::bytes;
  std::size_t count = 0;
  std::size_t bytes = 0;
  hybrid_tier tier = hybrid_tier::system;
  const char* rule = "";      // that decided
  std::size_t threshold = 0;  // its limit: in elements where the rule says so, or bytes
};

constexpr hybrid_decision decide(const hybrid_thresholds& limits,
                                 const block_request& request) {
  hybrid_decision made{request.kind, request.count(), request.bytes};
  const auto put = [&](hybrid_tier tier, const char* rule, std::size_t threshold) {
    made.tier = tier;
    made.rule = rule;
    made.threshold = threshold;
    return made;
  };
  if (request.bytes >= limits.large_bytes) {
    return put(hybrid_tier::large, "bytes, from the large threshold on",
               limits.large_bytes);
  }
  if (request.alignment > alignof(std::max_align_t)) {
    return put(hybrid_tier::system, "aligned to more than a slot is",
               alignof(std::max_align_t));
  }
  const std::size_t small = limits.small_elements(request.kind, request.element_size);
  if (made.count > small) {
    return put(hybrid_tier::system, "elements, above the table", small);
  }
  if (request.bytes > hybrid_thresholds::kLargestSlot) {
    return put(hybrid_tier::system, "bytes, above the largest slot",
               hybrid_thresholds::kLargestSlot);
  }
  return put(hybrid_tier::slab, "elements, within the table", small);
}

// One name and number a line, so that measured limits can be kept in a file.
inline std::ostream& operator<<(std::ostream& out, const hybrid_thresholds& limits) {
  return out << "byte_elements " << limits.byte_elements << "\nint_elements "
             << limits.int_elements << "\ndouble_elements " << limits.double_elements
             << "\nstruct_elements " << limits.struct_elements << "\nother_bytes "
             << limits.other_bytes << "\nother_least " << limits.other_least
             << "\nother_most " << limits.other_most << "\nsmall_bytes "
             << limits.small_bytes << "\nlarge_bytes " << limits.large_bytes
             << "\ninline_bytes " << limits.inline_bytes << "\n";
}

// What operator<< wrote; names that do not occur stay as by default. Fails with config.
inline result<hybrid_thresholds> read_thresholds(std::istream& in) {
  hybrid_thresholds limits;
  std::string name;
  for (std::size_t value = 0; in >> name;) {
    if (!(in >> value)) return errc::config;
    if (name == "byte_elements") {
      limits.byte_elements = value;
    } else if (name == "int_elements") {
      limits.int_elements = value;
    } else if (name == "double_elements") {
      limits.double_elements = value;
    } else if (name == "struct_elements") {
      limits.struct_elements = value;
    } else if (name == "other_bytes") {
      limits.other_bytes = value;
    } else if (name == "other_least") {
      limits.other_least = value;
    } else if (name == "other_most") {
      limits.other_most = value;
    } else if (name == "small_bytes") {
      limits.small_bytes = value;
    } else if (name == "large_bytes") {
      limits.large_bytes = value;
    } else if (name == "inline_bytes") {
      limits.inline_bytes = value;
    } else {
      return errc::config;
    }
  }
  if (limits.other_least > limits.other_most) return errc::config;
  return limits;
}

}  // namespace memoir
