#include "analyze/event_source.h"

#include <algorithm>

#include "trace/error.h"

namespace memoir {

EventSource::EventSource(const std::filesystem::path& path, ProcessId process)
    : process_(process), reader_(std::make_unique<TraceReader>(path)) {
  refresh();
}

bool EventSource::refresh() {
  const std::scoped_lock lock(mutex_);
  const std::uint64_t before = events();
  Statement rows = reader_->database().prepare(
      "SELECT id, first_seq, n, t0, t1, live_bytes, live_blocks, codec FROM chunk"
      " WHERE process = ? AND first_seq >= ? ORDER BY first_seq");
  rows.bind(0, process_.value);
  rows.bind(1, before);
  while (rows.step()) {
    ChunkPlace chunk{rows.integer(0), rows.natural(1), rows.natural(2), rows.natural(3),
                     rows.natural(4), rows.natural(5), rows.natural(6)};
    if (chunk.first_seq != events() || chunk.n > kChunkEvents) {
      throw Error("damaged events: chunks do not follow each other");
    }
    if (rows.integer(7) != kCodecZstdColumns) throw Error("events of an unknown codec");
    if (chunk.n == 0) continue;
    last_time_ = std::max(last_time_, chunk.t1);
    chunks_.push_back(chunk);
    latest_.push_back(last_time_);
  }
  return events() != before;
}

void EventSource::load(const ChunkPlace& chunk, std::vector<TraceEvent>& events) const {
  std::vector<std::uint8_t> bytes;
  {
    const std::scoped_lock lock(mutex_);
    if (!load_) {
      load_.emplace(
          reader_->database().prepare("SELECT n, data FROM chunk WHERE id = ?"));
    }
    load_->reset();
    load_->bind(0, chunk.id);
    if (!load_->step() || load_->natural(0) != chunk.n) {
      throw Error("damaged events: a chunk is gone");
    }
    const std::span<const std::uint8_t> blob = load_->blob(1);
    bytes.assign(blob.begin(), blob.end());
    load_->reset();
  }
  decode_chunk(bytes, chunk.n, events);
}

std::size_t EventSource::chunk_of(std::uint64_t seq) const {
  const auto after = std::upper_bound(
      chunks_.begin(), chunks_.end(), seq,
      [](std::uint64_t seq, const ChunkPlace& chunk) { return seq < chunk.first_seq; });
  return static_cast<std::size_t>(after - chunks_.begin()) - 1;
}

std::uint64_t EventSource::moment_at(std::uint64_t t) const {
  const auto younger = std::upper_bound(latest_.begin(), latest_.end(), t);
  if (younger == latest_.end()) return events();
  const ChunkPlace& chunk = chunks_[static_cast<std::size_t>(younger - latest_.begin())];
  if (t < chunk.t0) return chunk.first_seq;
  std::vector<TraceEvent> events;
  load(chunk, events);
  const auto first = std::find_if(events.begin(), events.end(),
                                  [t](const TraceEvent& event) { return event.t > t; });
  return chunk.first_seq + static_cast<std::uint64_t>(first - events.begin());
}

std::uint64_t EventSource::time_of(std::uint64_t moment) const {
  if (moment == 0 || chunks_.empty()) return begin_time();
  return event(std::min(moment, events()) - 1).t;
}

TraceEvent EventSource::event(std::uint64_t seq) const {
  const ChunkPlace& chunk = chunks_[chunk_of(seq)];
  std::vector<TraceEvent> events;
  load(chunk, events);
  return events[seq - chunk.first_seq];
}

}  // namespace memoir
