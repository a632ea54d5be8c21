#include "analyze/block_pairing.h"

#include <algorithm>

#include "trace/error.h"
#include "trace/event_columns.h"

namespace memoir {
namespace {

// What the collector gives a late event. After that a free or allocation is lost.
constexpr std::uint64_t kLateNs = 1'000'000'000;

}  // namespace

std::uint64_t& BlockPairing::last_made(std::uint32_t thread) {
  if (thread >= kMostThreads) {
    far_last_made_ = 0;
    return far_last_made_;
  }
  if (thread >= last_made_.size()) last_made_.resize(std::size_t{thread} + 1);
  return last_made_[thread];
}

std::uint16_t BlockPairing::tick(std::uint32_t i) const {
  const std::uint64_t t = std::max(events_[i].t, chunk_.t0);
  return static_cast<std::uint16_t>(
      std::min<std::uint64_t>((t - chunk_.t0) >> tick_log2_, 0xffff));
}

// Whatever is looked up is mostly in no cache: first its place in the table is fetched, a
// little later the block.
void BlockPairing::prefetch(std::uint32_t i) const {
  const TraceEvent& event = events_[i];
  live_.prefetch(event.address);
  if (event.kind == TraceEventKind::kRealloc) live_.prefetch(event.old_address);
}

void BlockPairing::prefetch_block(std::uint32_t i) const {
  const TraceEvent& event = events_[i];
  if (event.kind == TraceEventKind::kAlloc) return flows_.prefetch(event.stack);
  const std::size_t place =
      live_.find(event.kind == TraceEventKind::kFree ? event.address : event.old_address);
  if (place == AddressTable::kNowhere) return;
  const std::uint32_t number = live_.number(place);
  if ((number & kYoung) == 0) {
    contents_.lasting.prefetch(number);
  } else {
    __builtin_prefetch(&young_[number & ~kYoung], 1);
  }
}

void BlockPairing::add(const ChunkPlace& chunk, std::span<const TraceEvent> events) {
  if (chunk.end_seq() >= LastingBlocks::kNever) {
    throw Error("too many events in one process to index them");
  }
  chunk_ = chunk;
  tick_log2_ = chunk::tick_log2(chunk.t0, std::max(chunk.t0, chunk.t1));
  events_ = events;
  young_.clear();
  young_.reserve(events.size());
  const auto count = static_cast<std::uint32_t>(events.size());
  const std::uint32_t generation = live_.generation();
  for (std::uint32_t i = 0; i < count; ++i) {
    constexpr std::uint32_t kFar = 32, kNear = 12;
    if (i + kFar < count) prefetch(i + kFar);
    if (i + kNear < count) prefetch_block(i + kNear);
    const TraceEvent& event = events[i];
    switch (event.kind) {
      case TraceEventKind::kAlloc:
        make(i);
        break;
      case TraceEventKind::kFree:
        release(event.address, i);
        break;
      case TraceEventKind::kRealloc:
        release(event.old_address, i);
        make(i);
        break;
      default:
        if (!is_of_pool(event.kind))
          contents_.mappings.push_back({chunk.first_seq + i, event});
        break;
    }
  }
  if (live_.generation() != generation) {
    for (Young& block : young_) {
      if (!block.dead) block.place = live_.find(events[block.event].address);
    }
  }
  keep_survivors();
  contents_.first_lasting.push_back(contents_.lasting.size());
  if (contents_.chunks() % StackFlows::kGroupChunks == 0) contents_.flows.append(flows_);
  contents_.events = chunk.end_seq();
  contents_.end_time = std::max(contents_.end_time, chunk.t1);
  forget_old_debts();
}

void BlockPairing::make(std::uint32_t i) {
  const TraceEvent& event = events_[i];
  if (event.address == 0) return;
  const std::size_t there = live_.find(event.address);
  if (there != AddressTable::kNowhere) {
    Owed& owed = owed_[event.address];
    owed.thread = event.thread;
    owed.t = event.t;
    ++owed.frees;
    end_block(there, event.address, i, false);
  }
  EventIndexContents::Totals& totals = contents_.totals;
  const std::uint32_t flow = flows_.index_of(event.stack);
  StackFlow& figures = flows_.figures_at(flow);
  ++figures.allocations;
  figures.allocated_bytes += event.size;
  ++totals.allocations;
  totals.allocated_bytes += event.size;
  ++totals.live_blocks;
  totals.live_bytes += event.size;
  if (totals.live_bytes > contents_.peak.bytes) {
    contents_.peak = {chunk_.first_seq + i + 1, totals.live_bytes, event.t};
  }
  last_made(event.thread) = event.address;
  const auto number = static_cast<std::uint32_t>(young_.size());
  young_.push_back({event.size, i, event.thread, flow, false,
                    live_.insert(event.address, kYoung | number)});
  if (!early_frees_.empty() && was_freed_before(event)) {
    contents_.stillborn.push_back(chunk_.first_seq + i);
    end_block(young_.back().place, event.address, i, false);
  }
}

void BlockPairing::release(std::uint64_t address, std::uint32_t i) {
  if (address == 0) return;
  const TraceEvent& event = events_[i];
  const std::size_t place = live_.find(address);
  if (!owed_.empty() && pays_debt(address, event, place)) {
    contents_.late_frees.push_back(chunk_.first_seq + i);
    return;
  }
  if (place != AddressTable::kNowhere) return end_block(place, address, i, true);
  ++contents_.totals.unknown_frees;
  early_frees_[address] = {event.thread, event.t};
}

// A free ends the block that lies there now, unless it is older than that one. Of a
// realloc the time of its free is not known: it comes after all that its own thread did
// before.
bool BlockPairing::pays_debt(std::uint64_t address, const TraceEvent& event,
                             std::size_t place) {
  const auto owed = owed_.find(address);
  if (owed == owed_.end()) return false;
  const Owed& debt = owed->second;
  const bool is_late = event.t < debt.t;
  const bool may_be_late =
      event.kind == TraceEventKind::kRealloc && event.thread != debt.thread;
  if (place != AddressTable::kNowhere && !is_late && !may_be_late) return false;
  if (--owed->second.frees == 0) owed_.erase(owed);
  return true;
}

bool BlockPairing::was_freed_before(const TraceEvent& event) {
  const auto free = early_frees_.find(event.address);
  if (free == early_frees_.end()) return false;
  const bool is_its_own = free->second.t > event.t && free->second.thread != event.thread;
  early_frees_.erase(free);
  if (is_its_own) --contents_.totals.unknown_frees;
  return is_its_own;
}

void BlockPairing::end_block(std::size_t place, std::uint64_t address, std::uint32_t i,
                             bool by_its_free) {
  const TraceEvent& event = events_[i];
  const std::uint32_t number = live_.number(place);
  live_.erase(place);
  std::uint64_t size = 0;
  std::uint32_t thread = 0, flow = 0;
  const bool is_young = (number & kYoung) != 0;
  if (is_young) {
    Young& block = young_[number & ~kYoung];
    block.dead = true;
    size = block.size, thread = block.thread, flow = block.flow;
  } else {
    const LastingBlocks& lasting = contents_.lasting;
    size = lasting.size_of(number), thread = lasting.thread(number);
    flow = flows_.index_of(lasting.stack(number));
  }
  bool temporary = false;
  // Where its free is still to come, it will be one of the thread that made it: a
  // realloc.
  if ((!by_its_free || thread == event.thread) && last_made(thread) == address) {
    last_made(thread) = 0;
    temporary = true;
  }
  if (!is_young) {
    contents_.lasting.set_freed(number, static_cast<std::uint32_t>(chunk_.first_seq + i),
                                tick(i), temporary);
  }
  StackFlow& figures = flows_.figures_at(flow);
  ++figures.frees;
  figures.freed_bytes += size;
  figures.temporary += temporary ? 1 : 0;
  EventIndexContents::Totals& totals = contents_.totals;
  ++totals.frees;
  totals.temporary += temporary ? 1 : 0;
  totals.live_bytes -= size;
  --totals.live_blocks;
}

void BlockPairing::keep_survivors() {
  for (const Young& block : young_) {
    if (block.dead) continue;
    const TraceEvent& made = events_[block.event];
    LastingBlocks::Row row;
    row.address = made.address;
    row.size = made.size;
    row.stack = made.stack;
    row.thread = made.thread;
    row.position = static_cast<std::uint16_t>(block.event);
    row.tick = tick(block.event);
    row.api = made.api;
    live_.number(block.place) = contents_.lasting.append(row);
  }
}

void BlockPairing::forget_old_debts() {
  const auto is_old = [this](const auto& entry) {
    return entry.second.t + kLateNs < contents_.end_time;
  };
  std::erase_if(owed_, is_old);
  std::erase_if(early_frees_, is_old);
}

}  // namespace memoir
