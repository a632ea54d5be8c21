#pragma once

// The blocks that were made in one chunk, with their ends where those lie in the chunk,
// too: in agreement with the index, to the last late free.
//
// Thread safety: one thread; the memory of a replay is used again by the next.

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "analyze/address_table.h"
#include "analyze/event_index.h"

namespace memoir {

class ChunkReplay {
 public:
  static constexpr std::uint32_t kNotHere = std::numeric_limits<std::uint32_t>::max();

  struct Block {
    std::uint32_t made = 0;          // the event's place in the chunk
    std::uint32_t freed = kNotHere;  // that of its end, where that is in the chunk
    std::uint32_t lasting =
        kNotHere;            // its row in the index, where it outlived the chunk
    bool temporary = false;  // of those that ended in the chunk
  };

  // Decodes the chunk and pairs it. The blocks come in the order in which they were made.
  const std::vector<Block>& run(const EventIndex::View& index, std::size_t chunk);
  // The same of events that were decoded already, all of the chunk's.
  const std::vector<Block>& run(const EventIndex::View& index, std::size_t chunk,
                                std::span<const TraceEvent> events);

  std::span<const TraceEvent> events() const { return events_; }
  const std::vector<Block>& blocks() const { return blocks_; }
  // All of one of them.
  TracedBlock block(const EventIndex::View& index, std::size_t chunk,
                    const Block& block) const;

 private:
  void make(std::uint32_t i, bool stillborn);
  void release(std::uint64_t address, std::uint32_t i);
  // Whether the thread has made no other block since this one.
  bool is_last(std::uint32_t thread, std::uint32_t number) const {
    return thread < last_made_.size() && last_made_[thread] == number + 1;
  }

  std::vector<TraceEvent> decoded_;
  std::span<const TraceEvent> events_;
  std::vector<Block> blocks_;
  AddressTable live_;
  std::vector<std::uint32_t> last_made_;  // by thread: its last block's number + 1
  std::vector<std::uint32_t> threads_;    // that are in last_made_
};

}  // namespace memoir
