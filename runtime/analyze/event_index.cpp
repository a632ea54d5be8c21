#include "analyze/event_index.h"

#include <algorithm>
#include <mutex>

#include "analyze/block_pairing.h"
#include "analyze/event_scan.h"
#include "trace/event_columns.h"

namespace memoir {

std::size_t EventIndexContents::bytes() const {
  return lasting.bytes() + flows.bytes() + mappings.capacity() * sizeof(MappingEvent) +
         first_lasting.capacity() * sizeof(std::uint32_t);
}

EventIndex::EventIndex(const std::filesystem::path& path, ProcessId process,
                       std::size_t most_bytes)
    : source_(path, process),
      contents_(most_bytes),
      pairing_(std::make_unique<BlockPairing>(contents_)) {}

EventIndex::~EventIndex() = default;

void EventIndex::update(const Job& job, unsigned threads) {
  if (failure_) std::rethrow_exception(failure_);
  {
    const std::unique_lock lock(mutex_);
    source_.refresh();
  }
  scan_events(
      source_, contents_.events, source_.events(), job,
      [this](const EventSpan& span) {
        const ChunkPlace& chunk = source_.chunks()[source_.chunk_of(span.first_seq)];
        const std::unique_lock lock(mutex_);
        try {
          pairing_->add(chunk, span.events);
        } catch (...) {
          failure_ = std::current_exception();
          throw;
        }
      },
      threads);
}

std::uint64_t EventIndex::View::time_of(const ChunkPlace& chunk, std::uint16_t tick) {
  const unsigned log2 = chunk::tick_log2(chunk.t0, std::max(chunk.t0, chunk.t1));
  return chunk.t0 + (std::uint64_t{tick} << log2);
}

std::size_t EventIndex::View::chunk_of(std::uint32_t lasting) const {
  const std::vector<std::uint32_t>& first = contents_.first_lasting;
  return static_cast<std::size_t>(std::upper_bound(first.begin(), first.end(), lasting) -
                                  first.begin()) -
         1;
}

TracedBlock EventIndex::View::block(std::uint32_t lasting, std::size_t chunk) const {
  const LastingBlocks::Row row = contents_.lasting.row(lasting);
  const ChunkPlace& place = source_.chunks()[chunk];
  TracedBlock block;
  block.seq = place.first_seq + row.position;
  block.address = row.address;
  block.size = row.size;
  block.t = time_of(place, row.tick);
  block.stack = row.stack;
  block.thread = row.thread;
  block.api = row.api;
  if (row.free_seq < contents_.events) {
    block.free_seq = row.free_seq;
    block.free_t =
        time_of(source_.chunks()[source_.chunk_of(row.free_seq)], row.free_tick);
    block.temporary = row.temporary;
  }
  return block;
}

std::uint64_t EventIndex::View::moment_at(std::uint64_t t) const {
  return std::min(source_.moment_at(t), contents_.events);
}

std::uint64_t EventIndex::View::time_of(std::uint64_t moment) const {
  return source_.time_of(std::min(moment, contents_.events));
}

}  // namespace memoir
