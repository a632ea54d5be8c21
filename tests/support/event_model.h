#pragma once

// What an index of events is asked, answered by going through all events one by one.

#include <cstdint>
#include <map>
#include <unordered_map>
#include <vector>

#include "analyze/moments.h"
#include "analyze/traced_block.h"
#include "trace/event_codec.h"

namespace memoir {

// The same questions, answered by going through all events one by one.
class EventModel {
 public:
  explicit EventModel(const std::vector<TraceEvent>& events) : events_(events) {
    std::unordered_map<std::uint64_t, std::size_t> live;
    std::unordered_map<std::uint32_t, std::size_t> last;
    const auto free = [&](std::uint64_t address, std::size_t i) {
      const auto found = live.find(address);
      if (found == live.end()) return;
      TracedBlock& block = blocks_[found->second];
      block.free_seq = i;
      block.free_t = events[i].t;
      block.temporary =
          block.thread == events[i].thread && last[block.thread] == found->second;
      live.erase(found);
    };
    for (std::size_t i = 0; i < events.size(); ++i) {
      const TraceEvent& event = events[i];
      if (event.kind == TraceEventKind::kFree) free(event.address, i);
      if (event.kind == TraceEventKind::kRealloc) free(event.old_address, i);
      if (event.kind == TraceEventKind::kFree) continue;
      live[event.address] = blocks_.size();
      last[event.thread] = blocks_.size();
      TracedBlock block;
      block.seq = i;
      block.address = event.address;
      block.size = event.size;
      block.t = event.t;
      block.stack = event.stack;
      block.thread = event.thread;
      block.api = event.api;
      blocks_.push_back(block);
    }
  }

  const std::vector<TracedBlock>& blocks() const { return blocks_; }
  std::vector<TracedBlock> live_at(std::uint64_t moment) const {
    std::vector<TracedBlock> live;
    for (const TracedBlock& block : blocks_) {
      if (block.seq < moment && block.free_seq >= moment) live.push_back(block);
    }
    return live;
  }
  std::map<std::uint32_t, StackChange> between(std::uint64_t begin,
                                               std::uint64_t end) const {
    std::map<std::uint32_t, StackChange> changes;
    for (const TracedBlock& block : blocks_) {
      if (block.seq >= begin && block.seq < end) {
        StackChange& change = changes[block.stack];
        ++change.flow.allocations;
        change.flow.allocated_bytes += block.size;
        if (block.free_seq >= end) {
          ++change.grown.blocks;
          change.grown.bytes += block.size;
        }
      }
      if (block.free_seq >= begin && block.free_seq < end) {
        StackFlow& flow = changes[block.stack].flow;
        ++flow.frees;
        flow.freed_bytes += block.size;
        flow.temporary += block.temporary ? 1 : 0;
      }
    }
    return changes;
  }

 private:
  const std::vector<TraceEvent>& events_;
  std::vector<TracedBlock> blocks_;
};

}  // namespace memoir
