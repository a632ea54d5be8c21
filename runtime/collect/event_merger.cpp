#include "collect/event_merger.h"

namespace memoir {
namespace {

// Some seconds, whichever clock it is.
constexpr std::uint64_t kFarFuture = 10'000'000'000;

}  // namespace

bool EventMerger::refill(Source& source, std::uint64_t now) {
  const std::size_t slots = memory_.layout().ring_slots;
  source.next = source.count = 0;
  while (source.count < kBatch && source.taken < slots) {
    MergedEvent& merged = source.events[source.count];
    if (!source.reader.next(merged.event)) break;
    ++source.taken;
    const EventKind kind = merged.event.kind;
    if (kind == EventKind::kNone || kind == EventKind::kMore) continue;
    if (kind == EventKind::kThreadStart || kind == EventKind::kThreadSwitch) {
      source.thread = merged.event.stack;
    }
    merged.thread = source.thread;
    if (merged.event.time > now && merged.event.time - now > kFarFuture) {
      merged.event.time = now;
    }
    ++source.count;
  }
  // Not too often: each time may wake a writer that waits, who wants room for more than a
  // few events.
  if (source.reader.unreleased() > slots / 4) source.reader.release();
  return source.count != 0;
}

void EventMerger::find_rings() {
  const std::uint32_t used =
      std::min(memory_.header().rings_used.load(std::memory_order_acquire),
               memory_.layout().ring_count);
  while (sources_.size() < used) {
    const auto ring = static_cast<std::uint32_t>(sources_.size());
    sources_.push_back(std::make_unique<Source>(memory_, ring));
  }
  batch_.reserve(kBatch);
}

}  // namespace memoir
