#pragma once

// A map from non-zero 64-bit keys to 32-bit values in one flat array with linear probing:
// traces have many of them, and a node each would cost four times the memory.
//
// Thread safety: none.

#include <cstddef>
#include <cstdint>

#include "trace/zeroed_array.h"

namespace memoir {

// The number of a thing, and whether it was given just now.
template <typename Id>
struct Interned {
  Id id;
  bool is_new;
};

class FlatMap {
 public:
  FlatMap();

  // The value of `key`, which becomes `fallback` when it has none.
  Interned<std::uint32_t> insert(std::uint64_t key, std::uint32_t fallback);

 private:
  struct Slot {
    std::uint64_t key;
    std::uint32_t value;
  };

  void grow();
  Slot& find(std::uint64_t key);
  std::size_t home(std::uint64_t key) const {
    return (key * 0x9e3779b97f4a7c15U) >> 20 & (slots_.size() - 1);
  }

  ZeroedArray<Slot> slots_;  // a power of two of them, at most two thirds in use
  std::size_t used_ = 0;
};

}  // namespace memoir
