#pragma once

// What each call stack did with the heap during some events, for any run of groups of
// four chunks: kept for every group, for every eight, for every sixty-four and so on, so
// that many are a few lists to add up.
//
//   level 2  [                ..
//   level 1  [       ][       ..     a list: stack and figures, by stack, packed
//   level 0  [][][][][][][][][][ ..
//
// Thread safety: as any container.

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "analyze/by_stack.h"

namespace memoir {

// Frees are counted where the block was made.
struct StackFlow {
  std::uint64_t allocations = 0, allocated_bytes = 0;
  std::uint64_t frees = 0, freed_bytes = 0;
  std::uint64_t temporary = 0;

  void add(const StackFlow& other) {
    allocations += other.allocations;
    allocated_bytes += other.allocated_bytes;
    frees += other.frees;
    freed_bytes += other.freed_bytes;
    temporary += other.temporary;
  }
  friend bool operator==(const StackFlow&, const StackFlow&) = default;
};

class StackFlows {
 public:
  static constexpr std::size_t kGroupChunks = 4;

  // The flows of the next group; they are taken out.
  void append(ByStack<StackFlow>& flows);
  // Adds those of the groups [first, end).
  void add_up(std::size_t first, std::size_t end, ByStack<StackFlow>& into) const;

  std::size_t groups() const { return levels_[0].size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  static constexpr std::size_t kFanOut = 8, kLevels = 8;
  using List = std::vector<std::uint8_t>;

  void put(std::size_t level, ByStack<StackFlow>& flows);
  static void unpack(const List& list, ByStack<StackFlow>& into);

  std::array<std::vector<List>, kLevels> levels_;
  std::size_t bytes_ = 0;
};

}  // namespace memoir
