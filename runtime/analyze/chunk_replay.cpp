#include "analyze/chunk_replay.h"

#include <algorithm>

namespace memoir {
namespace {

// Whether a sorted list has the number, when asked for ever larger ones.
class Marked {
 public:
  Marked(const std::vector<std::uint64_t>& list, std::uint64_t from)
      : at_(std::lower_bound(list.begin(), list.end(), from)), end_(list.end()) {}

  bool has(std::uint64_t seq) {
    if (at_ == end_ || *at_ != seq) return false;
    ++at_;
    return true;
  }

 private:
  std::vector<std::uint64_t>::const_iterator at_, end_;
};

}  // namespace

const std::vector<ChunkReplay::Block>& ChunkReplay::run(const EventIndex::View& index,
                                                        std::size_t chunk) {
  index.source().load(index.source().chunks()[chunk], decoded_);
  return run(index, chunk, decoded_);
}

const std::vector<ChunkReplay::Block>& ChunkReplay::run(
    const EventIndex::View& index, std::size_t chunk,
    std::span<const TraceEvent> events) {
  events_ = events;
  blocks_.clear();
  live_.clear();
  for (const std::uint32_t thread : threads_) last_made_[thread] = 0;
  threads_.clear();
  const std::uint64_t first_seq = index.source().chunks()[chunk].first_seq;
  Marked late(index->late_frees, first_seq), stillborn(index->stillborn, first_seq);
  for (std::uint32_t i = 0; i < events.size(); ++i) {
    const TraceEvent& event = events[i];
    const std::uint64_t seq = first_seq + i;
    if (event.kind == TraceEventKind::kAlloc) {
      make(i, stillborn.has(seq));
    } else if (event.kind == TraceEventKind::kFree) {
      if (!late.has(seq)) release(event.address, i);
    } else if (event.kind == TraceEventKind::kRealloc) {
      if (!late.has(seq)) release(event.old_address, i);
      make(i, stillborn.has(seq));
    }
  }
  std::uint32_t row = index->first_lasting[chunk];
  for (Block& block : blocks_) {
    if (block.freed == kNotHere) block.lasting = row++;
  }
  return blocks_;
}

void ChunkReplay::make(std::uint32_t i, bool stillborn) {
  const TraceEvent& event = events_[i];
  if (event.address == 0) return;
  const std::size_t there = live_.find(event.address);
  if (there != AddressTable::kNowhere) {  // its free is still to come
    const std::uint32_t before = live_.number(there);
    live_.erase(there);
    Block& block = blocks_[before];
    block.freed = i;
    block.temporary = is_last(events_[block.made].thread, before);
  }
  const auto number = static_cast<std::uint32_t>(blocks_.size());
  blocks_.push_back({i, stillborn ? i : kNotHere});
  if (!stillborn) live_.insert(event.address, number);
  if (event.thread >= kMostThreads) return;
  if (event.thread >= last_made_.size()) last_made_.resize(std::size_t{event.thread} + 1);
  if (last_made_[event.thread] == 0) threads_.push_back(event.thread);
  last_made_[event.thread] = number + 1;
}

void ChunkReplay::release(std::uint64_t address, std::uint32_t i) {
  const std::size_t place = live_.find(address);
  if (place == AddressTable::kNowhere) return;
  const std::uint32_t number = live_.number(place);
  live_.erase(place);
  Block& block = blocks_[number];
  block.freed = i;
  const std::uint32_t thread = events_[block.made].thread;
  block.temporary = thread == events_[i].thread && is_last(thread, number);
}

TracedBlock ChunkReplay::block(const EventIndex::View& index, std::size_t chunk,
                               const Block& block) const {
  if (block.lasting != kNotHere) return index.block(block.lasting, chunk);
  const TraceEvent& made = events_[block.made];
  const std::uint64_t first_seq = index.source().chunks()[chunk].first_seq;
  TracedBlock traced;
  traced.seq = first_seq + block.made;
  traced.address = made.address;
  traced.size = made.size;
  traced.t = made.t;
  traced.free_seq = first_seq + block.freed;
  traced.free_t = events_[block.freed].t;
  traced.stack = made.stack;
  traced.thread = made.thread;
  traced.api = made.api;
  traced.temporary = block.temporary;
  return traced;
}

}  // namespace memoir
