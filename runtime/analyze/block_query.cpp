#include "analyze/block_query.h"

#include <algorithm>

#include "analyze/block_selection.h"
#include "analyze/chunk_replay.h"
#include "analyze/event_scan.h"
#include "analyze/pool_blocks.h"

namespace memoir {
namespace {

// The chunks with the moments [begin, end).
struct ChunkSpan {
  std::size_t first = 0, end = 0;
};

ChunkSpan chunks_of(const EventIndex::View& index, std::uint64_t begin,
                    std::uint64_t end) {
  if (begin >= end) return {};
  return {index.source().chunk_of(begin), index.source().chunk_of(end - 1) + 1};
}

void find_leaked(const EventIndex::View& index, const BlockQuery& query,
                 std::uint64_t end, const Job& job, BlockSelection& selection) {
  const ChunkSpan chunks = chunks_of(index, query.begin, end);
  for (std::size_t chunk = chunks.first; chunk < chunks.end; ++chunk) {
    if (chunk % 256 == 0) job.check();
    index->lasting.for_each_live(index->first_lasting[chunk],
                                 index->first_lasting[chunk + 1], LastingBlocks::kNever,
                                 [&](std::uint32_t row) {
                                   const TracedBlock block = index.block(row, chunk);
                                   if (block.seq < query.begin || block.seq >= end)
                                     return;
                                   if (is_match(query.filter, block, index->end_time))
                                     selection.offer(block);
                                 });
  }
}

// The conditions that the allocation alone decides.
bool may_match(const BlockFilter& filter, const TracedBlock& block) {
  if (!filter.size.contains(block.size) || !filter.made.contains(block.t)) return false;
  if (filter.stacks && !filter.stacks->contains(block.stack)) return false;
  if (filter.address) {
    const std::uint64_t size = std::max<std::uint64_t>(block.size, 1);
    if (*filter.address - block.address >= size) return false;
  }
  return filter.threads.empty() ||
         std::binary_search(filter.threads.begin(), filter.threads.end(), block.thread);
}

bool asks_for_end(const BlockFilter& filter) {
  return !filter.life.is_all() || !filter.freed.is_all() || filter.leaked ||
         filter.temporary;
}

void find_any(const EventIndex::View& index, const BlockQuery& query, std::uint64_t end,
              const Job& job, unsigned threads, BlockSelection& selection) {
  const ChunkSpan chunks = chunks_of(index, query.begin, end);
  if (chunks.first == chunks.end) return;
  if (threads == 0) threads = scan_threads();
  std::vector<ChunkReplay> replays(threads);
  std::vector<BlockSelection> selections(threads, selection);
  const bool is_plain = !asks_for_end(query.filter) && query.order != BlockOrder::kLife;
  const std::span<const ChunkPlace> places = index.source().chunks();
  scan_events_in_parallel(
      index.source(), places[chunks.first].first_seq, places[chunks.end - 1].end_seq(),
      job, threads, [&](unsigned thread, const EventSpan& span) {
        const std::size_t chunk = index.source().chunk_of(span.first_seq);
        ChunkReplay& replay = replays[thread];
        for (const ChunkReplay::Block& part : replay.run(index, chunk, span.events)) {
          const std::uint64_t seq = span.first_seq + part.made;
          if (seq < query.begin || seq >= end) continue;
          TracedBlock block = made_block(span.events[part.made], seq);
          if (!may_match(query.filter, block)) continue;
          if (is_plain) {  // what became of it need not be known to tell
            if (!selections[thread].counts(block)) continue;
            selections[thread].keep(replay.block(index, chunk, part));
          } else {
            block = replay.block(index, chunk, part);
            if (is_match(query.filter, block, index->end_time)) {
              selections[thread].offer(block);
            }
          }
        }
      });
  for (BlockSelection& found : selections) selection.merge(found);
}

}  // namespace

bool is_match(const BlockFilter& filter, const TracedBlock& block,
              std::uint64_t end_time) {
  if (!may_match(filter, block)) return false;
  if (!filter.life.contains(block.life(end_time))) return false;
  if (!filter.freed.is_all() &&
      (block.is_leaked() || !filter.freed.contains(block.free_t))) {
    return false;
  }
  if (filter.leaked && *filter.leaked != block.is_leaked()) return false;
  return !filter.temporary || *filter.temporary == block.temporary;
}

FoundBlocks find_blocks(const EventIndex& index, const BlockQuery& query, const Job& job,
                        unsigned threads) {
  const EventIndex::View view = index.view();
  const std::uint64_t end = std::min(query.end, view->events);
  BlockSelection selection(query, view->end_time);
  if (query.filter.pool) {
    const PoolBlockVisit offer = [&](const TracedBlock& block, std::uint32_t) {
      if (block.seq < query.begin || block.seq >= end) return;
      if (is_match(query.filter, block, view->end_time)) selection.offer(block);
    };
    visit_pool_blocks(view.source(), *query.filter.pool, view->events, job, offer,
                      threads);
  } else if (query.filter.leaked == true) {
    find_leaked(view, query, end, job, selection);
  } else {
    find_any(view, query, end, job, threads, selection);
  }
  return selection.take();
}

}  // namespace memoir
