#pragma once

// The heap at a moment, by address: regions of memory with their holes, and any window of
// addresses in as many cells as a picture has.
//
// Thread safety: made by one thread; a map never changes. Errors: throws Error (kTrace;
// kCancelled).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyze/event_index.h"
#include "analyze/job.h"
#include "analyze/mapped_pieces.h"

namespace memoir {

// Memory that lies together: no gap of a MiB, no border of a mapping inside.
struct HeapRegion {
  // Bucket b: holes of 2^(b-1) to 2^b - 1 bytes.
  static constexpr std::size_t kHoleBuckets = 22;
  struct Holes {
    std::uint64_t count = 0, bytes = 0;
  };

  std::uint64_t begin = 0, end = 0;  // from its first block to the end of its last
  std::uint64_t blocks = 0, live_bytes = 0;
  Holes holes;  // between blocks; what an allocator needs around each is none
  std::uint64_t largest_hole = 0;
  std::array<Holes, kHoleBuckets> by_size{};
  std::optional<MappedPiece> mapping;  // that it lies in, where the program made it

  // The part of it that is free and cannot be had in one piece, 0 to 1.
  double fragmentation() const {
    return holes.bytes == 0
               ? 0
               : 1 - static_cast<double>(largest_hole) / static_cast<double>(holes.bytes);
  }
};

struct HeapCell {
  std::uint64_t live_bytes = 0;
  std::uint32_t blocks = 0;    // that lie in it, also in part
  std::uint32_t stack = 0;     // that has the most bytes of it
  std::uint64_t newest_t = 0;  // when its youngest block was made
  std::uint64_t freed_t = 0;   // the last recent free in it; 0: none
};

class HeapMap {
 public:
  // Frees count as recent in the `recent` events before the moment.
  static HeapMap make(const EventIndex& index, std::uint64_t moment,
                      std::uint64_t recent = kChunkEvents, const Job& job = {});

  std::uint64_t moment() const { return moment_; }
  std::uint64_t t() const { return t_; }
  const std::vector<HeapRegion>& regions() const { return regions_; }  // by address
  std::size_t blocks() const { return blocks_.size(); }
  std::uint64_t live_bytes() const { return live_bytes_; }

  // [begin, end) in `count` equal cells. What it costs grows with the blocks in there.
  std::vector<HeapCell> cells(std::uint64_t begin, std::uint64_t end,
                              std::size_t count) const;
  // The live block that holds the address.
  std::optional<TracedBlock> block_at(std::uint64_t address) const;
  // The nearest live blocks by address: at most `count` that begin before it and as many
  // that begin at it or after.
  std::vector<TracedBlock> around(std::uint64_t address, std::size_t count) const;

 private:
  struct Freed {
    std::uint64_t address = 0, size = 0, t = 0;
  };

  void find_regions(const std::vector<MappedPiece>& pieces);

  std::uint64_t moment_ = 0, t_ = 0, live_bytes_ = 0;
  std::vector<TracedBlock> blocks_;  // by address
  std::vector<Freed> freed_;         // by address
  std::uint64_t largest_freed_ = 0;
  std::vector<HeapRegion> regions_;
};

}  // namespace memoir
