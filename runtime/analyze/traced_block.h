#pragma once

// One block of the heap, from its allocation to its free.

#include <cstdint>
#include <limits>

#include "base/allocation_api.h"
#include "trace/event_codec.h"

namespace memoir {

struct TracedBlock {
  static constexpr std::uint64_t kNever = std::numeric_limits<std::uint64_t>::max();

  std::uint64_t seq = 0;  // of the event that made it: names the block in its process
  std::uint64_t address = 0, size = 0;
  std::uint64_t t = 0;              // ns since the trace began
  std::uint64_t free_seq = kNever;  // of the event that freed it
  std::uint64_t free_t = kNever;
  std::uint32_t stack = 0, thread = 0;  // that made it
  Api api = Api::kUnknown;
  bool temporary = false;  // freed by that thread before it made another

  bool is_leaked() const { return free_seq == kNever; }
  // `end`: the time of the process's last event.
  std::uint64_t life(std::uint64_t end) const {
    const std::uint64_t to = is_leaked() ? end : free_t;
    return to > t ? to - t : 0;
  }

  friend bool operator==(const TracedBlock&, const TracedBlock&) = default;
};

// As far as the event tells that made it.
inline TracedBlock made_block(const TraceEvent& event, std::uint64_t seq) {
  TracedBlock block;
  block.seq = seq;
  block.address = event.address;
  block.size = event.size;
  block.t = event.t;
  block.stack = event.stack;
  block.thread = event.thread;
  block.api = event.api;
  return block;
}

}  // namespace memoir
