#pragma once

// The return addresses of one thread whose module is known and announced, and what names
// each in the depot. Direct mapped: a collision costs one look at the module registry.
//
// Holds until a module is unloaded. Generated code is never settled: a module may be
// mapped in its place later.
//
// Thread safety: one thread.

#include <cstddef>
#include <cstdint>

#include "base/compiler.h"

namespace memoir {

class SettledAddresses {
 public:
  // The key of the address (pc | tenant << kPcBits), 0 when it is not settled.
  MEMOIR_FAST_PATH std::uint64_t find(std::uint64_t pc) const {
    const Entry& entry = entries_[place_of(pc)];
    return entry.pc == pc ? entry.key : 0;
  }
  void put(std::uint64_t pc, std::uint64_t key) { entries_[place_of(pc)] = {pc, key}; }
  void clear() {
    for (Entry& entry : entries_) entry = {};
  }

 private:
  struct Entry {
    std::uint64_t pc;
    std::uint64_t key;
  };
  static constexpr unsigned kEntriesLog2 = 12;

  static std::size_t place_of(std::uint64_t pc) {
    return pc * 0x9e3779b97f4a7c15 >> (64 - kEntriesLog2);
  }

  Entry entries_[std::size_t{1} << kEntriesLog2];
};

}  // namespace memoir
