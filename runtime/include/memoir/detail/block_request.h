#pragma once

// What one allocator asks of another: so many bytes, and for what.

#include <cstddef>
#include <cstdint>
#include <type_traits>

#include "memoir/zero.h"

namespace memoir {

// What may lie in memory that nobody constructs or destroys objects in.
template <class T>
concept unmanaged =
    std::is_object_v<T> && std::is_same_v<T, std::remove_cv_t<T>> &&
    !std::is_array_v<T> &&
    std::is_trivially_copyable_v<T> && std::is_trivially_destructible_v<T>;

// What the elements of a block are, as far as it decides where they should lie.
enum class element_kind : std::uint8_t { bytes, ints, doubles, structs, other };

// As it stands in decisions and tables. Pure.
constexpr const char* name_of(element_kind kind) noexcept {
  switch (kind) {
    case element_kind::bytes:
      return "byte";
    case element_kind::ints:
      return "int";
    case element_kind::doubles:
      return "double";
    case element_kind::structs:
      return "struct";
    case element_kind::other:
      return "other";
  }
  return "unknown";
}

template <class T>
constexpr element_kind element_kind_of() noexcept {
  if constexpr (std::is_same_v<T, std::byte> || std::is_same_v<T, unsigned char> ||
                std::is_same_v<T, char> || std::is_same_v<T, signed char>) {
    return element_kind::bytes;
  } else if constexpr (std::is_same_v<T, int>) {
    return element_kind::ints;
  } else if constexpr (std::is_same_v<T, double>) {
    return element_kind::doubles;
  } else if constexpr (std::is_class_v<T> || std::is_union_v<T>) {
    return element_kind::structs;
  } else {
    return element_kind::other;
  }
}

struct block_request {
  std::size_t bytes = 0;  // never 0
  std::size_t alignment = alignof(std::max_align_t);
  zero content = zero::no;
  element_kind kind = element_kind::bytes;
  std::size_t element_size = 1;

  constexpr std::size_t count() const noexcept { return bytes / element_size; }
};

}  // namespace memoir
