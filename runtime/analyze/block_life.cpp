#include "analyze/block_life.h"

#include <algorithm>

#include "analyze/block_query.h"
#include "analyze/chunk_replay.h"

namespace memoir {
namespace {

std::optional<TracedBlock> find_made(const EventIndex::View& index, ChunkReplay& replay,
                                     std::uint64_t seq) {
  if (seq >= index->events) return std::nullopt;
  const std::size_t chunk = index.source().chunk_of(seq);
  const std::uint64_t place = seq - index.source().chunks()[chunk].first_seq;
  const std::vector<ChunkReplay::Block>& blocks = replay.run(index, chunk);
  const auto found =
      std::lower_bound(blocks.begin(), blocks.end(), place,
                       [](const ChunkReplay::Block& block, std::uint64_t place) {
                         return block.made < place;
                       });
  if (found == blocks.end() || found->made != place) return std::nullopt;
  return replay.block(index, chunk, *found);
}

// The block that an event moved away from where it was.
std::optional<TracedBlock> find_moved(const EventIndex::View& index, ChunkReplay& replay,
                                      std::uint64_t seq) {
  const std::size_t chunk = index.source().chunk_of(seq);
  const std::uint64_t place = seq - index.source().chunks()[chunk].first_seq;
  const std::vector<ChunkReplay::Block>& blocks = replay.run(index, chunk);
  const TraceEvent& event = replay.events()[place];
  if (event.kind != TraceEventKind::kRealloc || event.old_address == 0)
    return std::nullopt;
  for (const ChunkReplay::Block& block : blocks) {
    if (block.freed == place &&
        replay.events()[block.made].address == event.old_address) {
      return replay.block(index, chunk, block);
    }
  }
  std::optional<TracedBlock> moved;
  index->lasting.for_each_freed(
      0, index->first_lasting[chunk], static_cast<std::uint32_t>(seq),
      static_cast<std::uint32_t>(seq + 1), [&](std::uint32_t row) {
        if (index->lasting.address(row) == event.old_address) {
          moved = index.block(row, index.chunk_of(row));
        }
      });
  return moved;
}

}  // namespace

std::optional<TracedBlock> find_block(const EventIndex& index, std::uint64_t seq) {
  ChunkReplay replay;
  return find_made(index.view(), replay, seq);
}

std::vector<TracedBlock> realloc_chain(const EventIndex& index, std::uint64_t seq,
                                       std::size_t most) {
  const EventIndex::View view = index.view();
  ChunkReplay replay;
  std::vector<TracedBlock> chain;
  std::optional<TracedBlock> block = find_made(view, replay, seq);
  if (!block) return chain;
  for (std::optional<TracedBlock> before = block; before && chain.size() < most;
       before = find_moved(view, replay, before->seq)) {
    chain.push_back(*before);
  }
  std::reverse(chain.begin(), chain.end());
  while (!block->is_leaked() && chain.size() < most) {
    const TraceEvent end = view.source().event(block->free_seq);
    if (end.kind != TraceEventKind::kRealloc || end.old_address != block->address) break;
    block = find_made(view, replay, block->free_seq);
    if (!block) break;
    chain.push_back(*block);
  }
  return chain;
}

std::optional<TraceEvent> find_end(const EventIndex& index, const TracedBlock& block) {
  if (block.is_leaked()) return std::nullopt;
  return index.view().source().event(block.free_seq);
}

std::vector<TracedBlock> blocks_that_held(const EventIndex& index, std::uint64_t address,
                                          std::size_t most, const Job& job,
                                          unsigned threads) {
  BlockQuery query;
  query.filter.address = address;
  query.order = BlockOrder::kTime;
  query.descending = false;
  query.most = most;
  return find_blocks(index, query, job, threads).blocks;
}

}  // namespace memoir
