#include "collect/event_merger.h"

namespace memoir {

std::size_t EventMerger::fill(Source& source) {
  // One lap at most: a fast program must not keep us here.
  const std::size_t most = memory_.layout().ring_slots;
  std::size_t taken = 0;
  MergedEvent merged;
  while (taken < most && source.reader.next(merged.event)) {
    ++taken;
    const EventKind kind = merged.event.kind;
    if (kind == EventKind::kNone || kind == EventKind::kMore) continue;
    if (kind == EventKind::kThreadStart || kind == EventKind::kThreadSwitch) {
      source.thread = merged.event.stack;
    }
    merged.thread = source.thread;
    source.events.push_back(merged);
  }
  source.reader.release();
  return taken;
}

std::size_t EventMerger::fill() {
  const std::uint32_t used =
      std::min(memory_.header().rings_used.load(std::memory_order_acquire),
               memory_.layout().ring_count);
  while (sources_.size() < used) {
    const auto ring = static_cast<std::uint32_t>(sources_.size());
    sources_.push_back(std::make_unique<Source>(RingReader(memory_, ring)));
  }
  std::size_t taken = 0;
  for (const auto& source : sources_) taken += fill(*source);
  return taken;
}

}  // namespace memoir
