#pragma once

// The live mappings of one process: what mmap, mremap, brk and sbrk made and what is left
// of it. A mapping over another replaces what it covers, as the kernel does.
//
// Thread safety: one thread.

#include <cstdint>
#include <map>
#include <unordered_map>

#include "collect/aggregates.h"

namespace memoir {

class Mappings {
 public:
  explicit Mappings(Aggregates& aggregates) : aggregates_(aggregates) {}

  void map(std::uint64_t address, std::uint64_t size, std::uint32_t site,
           std::uint64_t t);
  void unmap(std::uint64_t address, std::uint64_t size);

 private:
  struct Piece {
    std::uint64_t end = 0;
    std::uint32_t site = 0;
    std::uint64_t mapping = 0;
  };

  void cut(std::map<std::uint64_t, Piece>::iterator piece, std::uint64_t begin,
           std::uint64_t end);

  Aggregates& aggregates_;
  std::map<std::uint64_t, Piece> pieces_;                         // by begin, disjoint
  std::unordered_map<std::uint64_t, std::uint32_t> piece_count_;  // by mapping
  std::uint64_t last_mapping_ = 0;
};

}  // namespace memoir
