#pragma once

// The heap at a moment, and what happened to it between two, by call stack. A moment is a
// number of events that have happened; see EventIndex.
//
// Thread safety: functions of their arguments. What they cost: a pass over the blocks
// that lived long (a few ns each), and one or two chunks to decode. Errors: throws Error
// (kTrace; kCancelled).

#include <cstdint>
#include <vector>

#include "analyze/by_stack.h"
#include "analyze/event_index.h"
#include "analyze/job.h"
#include "analyze/stack_flows.h"

namespace memoir {

struct StackLive {
  std::uint64_t blocks = 0, bytes = 0;

  friend bool operator==(const StackLive&, const StackLive&) = default;
};

struct HeapMoment {
  std::uint64_t moment = 0, t = 0;  // the time of its last event
  std::uint64_t blocks = 0, bytes = 0;
  std::vector<ByStack<StackLive>::Entry> stacks;  // by stack
};

// Moments beyond what is indexed are taken for the last.
HeapMoment heap_at(const EventIndex& index, std::uint64_t moment, const Job& job = {});

// The blocks that were live at a moment, by the events that made them.
std::vector<TracedBlock> blocks_at(const EventIndex& index, std::uint64_t moment,
                                   const Job& job = {});

struct StackChange {
  StackFlow flow;   // what was allocated and freed between the two moments
  StackLive grown;  // made between them and still there at the second
};

struct HeapRange {
  std::uint64_t begin = 0, end = 0;  // moments
  StackChange total;
  std::vector<ByStack<StackChange>::Entry> stacks;  // by stack
};

HeapRange heap_between(const EventIndex& index, std::uint64_t begin, std::uint64_t end,
                       const Job& job = {});

}  // namespace memoir
