#pragma once

// Pairs the frees of a process with their allocations, chunk by chunk in order, and
// writes what it finds into an index.
//
// Thread safety: one thread; the index's View must be kept away while add() runs.

#include <cstdint>
#include <span>
#include <unordered_map>
#include <vector>

#include "analyze/address_table.h"
#include "analyze/event_index.h"
#include "base/compiler.h"

namespace memoir {

class BlockPairing {
 public:
  explicit BlockPairing(EventIndexContents& contents) : contents_(contents) {}

  void add(const ChunkPlace& chunk, std::span<const TraceEvent> events);

 private:
  // In the table: a block of the chunk in work, by its number there; else a row of
  // `lasting`.
  static constexpr std::uint32_t kYoung = 1U << 31;

  struct Young {
    std::uint64_t size = 0;
    std::uint32_t event = 0;  // its place in the chunk
    std::uint32_t thread = 0;
    std::uint32_t flow = 0;  // its entry in flows_
    bool dead = false;
    std::size_t place = 0;  // in the table
  };
  // A block that ended when another was made there: its free is still to come.
  struct Owed {
    std::uint32_t thread = 0;  // of the other block
    std::uint64_t t = 0;
    std::uint32_t frees = 0;
  };
  struct EarlyFree {
    std::uint32_t thread = 0;
    std::uint64_t t = 0;
  };

  void make(std::uint32_t i);
  void release(std::uint64_t address, std::uint32_t i);
  bool pays_debt(std::uint64_t address, const TraceEvent& event, std::size_t place);
  bool was_freed_before(const TraceEvent& event);
  // Ends the block at `place` of the table at event i.
  void end_block(std::size_t place, std::uint64_t address, std::uint32_t i,
                 bool by_its_free);
  // Always inline: gcc takes a function that does nothing else for one that does nothing.
  MEMOIR_FAST_PATH void prefetch(std::uint32_t i) const;
  MEMOIR_FAST_PATH void prefetch_block(std::uint32_t i) const;
  void keep_survivors();
  void forget_old_debts();
  std::uint64_t& last_made(std::uint32_t thread);
  std::uint16_t tick(std::uint32_t i) const;

  EventIndexContents& contents_;
  AddressTable live_;
  std::vector<std::uint64_t> last_made_;  // by thread: the address of its last block
  std::uint64_t far_last_made_ = 0;
  std::unordered_map<std::uint64_t, Owed> owed_;
  std::unordered_map<std::uint64_t, EarlyFree> early_frees_;

  // Of the chunk in work.
  ChunkPlace chunk_;
  unsigned tick_log2_ = 0;
  std::span<const TraceEvent> events_;
  std::vector<Young> young_;

  ByStack<StackFlow> flows_;  // of the group of chunks that is not full yet
};

}  // namespace memoir
