#pragma once

// Takes events off all rings of a process and gives them out in the order of their times.
//
// Events younger than the watermark stay for the next round: by then everything that
// happened before them is in the rings. What arrives late all the same (a thread was
// stopped between taking the time and writing) comes out late; LiveBlocks copes.
//
// Thread safety: one thread.

#include <algorithm>
#include <cstdint>
#include <memory>
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
  explicit EventMerger(const SessionMemory& memory) : memory_(memory) {}

  // Takes what the rings hold. The number of events taken.
  std::size_t fill();

  // Calls visit(const Event&, thread) for each event up to the watermark, in order.
  template <typename Visit>
  void drain(std::uint64_t watermark, Visit visit);

 private:
  struct Source {
    explicit Source(const RingReader& ring) : reader(ring) {}
    RingReader reader;
    std::uint32_t thread = 0;
    std::vector<MergedEvent> events;
    std::size_t next = 0;

    bool empty() const { return next == events.size(); }
    std::uint64_t time() const { return events[next].event.time; }
  };

  std::size_t fill(Source& source);

  SessionMemory memory_;
  std::vector<std::unique_ptr<Source>> sources_;  // by ring
  std::vector<Source*> heap_;  // scratch: those with events, oldest on top
};

template <typename Visit>
void EventMerger::drain(std::uint64_t watermark, Visit visit) {
  const auto younger = [](const Source* a, const Source* b) {
    return a->time() > b->time();
  };
  heap_.clear();
  for (const auto& source : sources_) {
    if (!source->empty()) heap_.push_back(source.get());
  }
  std::make_heap(heap_.begin(), heap_.end(), younger);
  while (!heap_.empty() && heap_.front()->time() <= watermark) {
    std::pop_heap(heap_.begin(), heap_.end(), younger);
    Source& source = *heap_.back();
    // A ring goes on until another one has something older.
    const std::uint64_t until =
        heap_.size() > 1 ? std::min(heap_.front()->time(), watermark) : watermark;
    do {
      const MergedEvent& merged = source.events[source.next++];
      visit(merged.event, merged.thread);
    } while (!source.empty() && source.time() <= until);
    if (source.empty()) {
      heap_.pop_back();
    } else {
      std::push_heap(heap_.begin(), heap_.end(), younger);
    }
  }
  for (const auto& source : sources_) {
    auto& events = source->events;
    events.erase(events.begin(),
                 events.begin() + static_cast<std::ptrdiff_t>(source->next));
    source->next = 0;
  }
}

}  // namespace memoir
