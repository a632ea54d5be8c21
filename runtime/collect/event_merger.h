#pragma once

// Takes events off all rings of a process and gives them out in the order of their times.
//
// Events younger than the watermark stay for the next round: by then everything that
// happened before them is in the rings. What arrives late all the same (a thread was
// stopped between taking the time and writing) comes out late; LiveBlocks copes.
//
// They come in batches, so that whoever handles them can fetch what a batch will need
// before it begins.
//
// Thread safety: one thread.

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "wire/ring.h"
#include "wire/session_memory.h"

namespace memoir {

struct MergedEvent {
  Event event;
  std::uint32_t thread = 0;  // whose it is
};

class EventMerger {
 public:
  static constexpr std::size_t kBatch = 64;

  explicit EventMerger(const SessionMemory& memory) : memory_(memory) {}

  // Calls visit(std::span<const MergedEvent>) with the events up to the watermark, in
  // order. The number of events taken off the rings: at most what the rings hold, since a
  // fast program must not keep us here. A time far beyond `now` cannot be true, and would
  // hold back its ring for ever: it is taken for `now`.
  template <typename Visit>
  std::size_t drain(std::uint64_t watermark, std::uint64_t now, Visit visit);

 private:
  // One ring, and the few events of it that were taken and not yet given out.
  struct Source {
    Source(const SessionMemory& memory, std::uint32_t ring) : reader(memory, ring) {}
    RingReader reader;
    std::uint32_t thread = 0;
    std::array<MergedEvent, kBatch> events;
    std::size_t next = 0, count = 0;
    std::size_t taken = 0;  // in this round

    bool empty() const { return next == count; }
    std::uint64_t time() const { return events[next].event.time; }
  };

  void find_rings();
  // Takes some more events of an empty source. False when there are none now.
  bool refill(Source& source, std::uint64_t now);

  SessionMemory memory_;
  std::vector<std::unique_ptr<Source>> sources_;  // by ring
  std::vector<Source*> heap_;  // scratch: those with events, oldest on top
  std::vector<MergedEvent> batch_;
};

template <typename Visit>
std::size_t EventMerger::drain(std::uint64_t watermark, std::uint64_t now, Visit visit) {
  const auto younger = [](const Source* a, const Source* b) {
    return a->time() > b->time();
  };
  find_rings();
  heap_.clear();
  for (const auto& source : sources_) {
    source->taken = 0;
    if (!source->empty() || refill(*source, now)) heap_.push_back(source.get());
  }
  std::make_heap(heap_.begin(), heap_.end(), younger);
  batch_.clear();
  const auto flush = [&] {
    if (!batch_.empty()) visit(std::span<const MergedEvent>(batch_));
    batch_.clear();
  };
  while (!heap_.empty() && heap_.front()->time() <= watermark) {
    std::pop_heap(heap_.begin(), heap_.end(), younger);
    Source& source = *heap_.back();
    heap_.pop_back();
    // A ring goes on until another one has something older.
    const std::uint64_t until =
        heap_.empty() ? watermark : std::min(heap_.front()->time(), watermark);
    do {
      batch_.push_back(source.events[source.next++]);
      if (batch_.size() == kBatch) flush();
    } while ((!source.empty() || refill(source, now)) && source.time() <= until);
    if (!source.empty()) {
      heap_.push_back(&source);
      std::push_heap(heap_.begin(), heap_.end(), younger);
    }
  }
  flush();
  std::size_t taken = 0;
  for (const auto& source : sources_) {
    source->reader.release();
    taken += source->taken;
  }
  return taken;
}

}  // namespace memoir
