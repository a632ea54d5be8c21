#include "trace/block_chunks.h"

#include <algorithm>
#include <span>
#include <tuple>

namespace memoir {

void BlockChunks::put(const BlockRow& row) {
  if (row.process != process_) {
    flush();
    process_ = row.process;
    written_ = 0;
  }
  if (held_.size() == kHeld) flush();
  TraceEvent event;
  event.t = row.t;
  event.address = row.address;
  event.size = row.size;
  event.stack = row.stack.value;
  event.thread = row.thread.value;
  event.kind = is_mapping(row.api) ? TraceEventKind::kMap : TraceEventKind::kAlloc;
  event.api = row.api;
  held_.push_back(event);
}

void BlockChunks::flush() {
  std::sort(held_.begin(), held_.end(), [](const TraceEvent& a, const TraceEvent& b) {
    return std::tie(a.t, a.address) < std::tie(b.t, b.address);
  });
  if (!insert_ && !held_.empty()) {
    insert_ = database_.prepare("INSERT INTO block_chunk VALUES(NULL,?,?,?,?,?,?,?)");
  }
  for (std::size_t at = 0; at < held_.size(); at += kChunkEvents) {
    const std::size_t count = std::min(kChunkEvents, held_.size() - at);
    const std::span<const TraceEvent> events(held_.data() + at, count);
    const std::vector<std::uint8_t> bytes = encode_chunk(events);
    insert_->run(process_.value, written_, static_cast<std::uint64_t>(count),
                 events.front().t, events.back().t, kCodecZstdColumns,
                 std::span<const std::uint8_t>(bytes));
    written_ += count;
  }
  held_.clear();
}

}  // namespace memoir
