#include "analyze/moments.h"

#include <algorithm>

#include "analyze/chunk_replay.h"

namespace memoir {
namespace {

// The chunk that a moment lies in, after its first and before or after its last event.
std::size_t chunk_before(const EventIndex::View& index, std::uint64_t moment) {
  return index.source().chunk_of(moment - 1);
}

bool is_live(const ChunkReplay::Block& block, const EventIndex::View& index,
             std::uint64_t first_seq, std::uint64_t moment) {
  if (first_seq + block.made >= moment) return false;
  if (block.lasting != ChunkReplay::kNotHere) {
    return index->lasting.free_seq(block.lasting) >= moment;
  }
  return first_seq + block.freed >= moment;
}

// Calls older(row, chunk) for the live blocks that were made before the chunk of the
// moment and outlived theirs, then younger(replay, block) for those made in it.
template <typename Older, typename Younger>
void for_each_live(const EventIndex::View& index, std::uint64_t moment, const Job& job,
                   Older older, Younger younger) {
  if (moment == 0) return;
  const std::size_t last = chunk_before(index, moment);
  for (std::size_t chunk = 0; chunk < last; ++chunk) {
    if (chunk % 256 == 0) job.check();
    index->lasting.for_each_live(index->first_lasting[chunk],
                                 index->first_lasting[chunk + 1],
                                 static_cast<std::uint32_t>(moment),
                                 [&](std::uint32_t row) { older(row, chunk); });
  }
  ChunkReplay replay;
  const std::uint64_t first_seq = index.source().chunks()[last].first_seq;
  for (const ChunkReplay::Block& block : replay.run(index, last)) {
    if (is_live(block, index, first_seq, moment)) younger(replay, block, last);
  }
}

// What happened between two moments, event by event. What was made there and is live at
// `until` has grown.
void add_part(const EventIndex::View& index, std::uint64_t begin, std::uint64_t end,
              std::uint64_t until, const Job& job, ByStack<StackChange>& changes) {
  if (begin >= end) return;
  const auto is_in = [&](std::uint64_t seq) { return seq >= begin && seq < end; };
  const std::size_t last = chunk_before(index, end);
  ChunkReplay replay;
  for (std::size_t chunk = index.source().chunk_of(begin); chunk <= last; ++chunk) {
    job.check();
    const std::uint64_t first_seq = index.source().chunks()[chunk].first_seq;
    for (const ChunkReplay::Block& block : replay.run(index, chunk)) {
      const TraceEvent& made = replay.events()[block.made];
      if (is_in(first_seq + block.made)) {
        StackChange& change = changes[made.stack];
        ++change.flow.allocations;
        change.flow.allocated_bytes += made.size;
        if (is_live(block, index, first_seq, until)) {
          ++change.grown.blocks;
          change.grown.bytes += made.size;
        }
      }
      if (block.freed != ChunkReplay::kNotHere && is_in(first_seq + block.freed)) {
        changes[made.stack].flow.add({0, 0, 1, made.size, block.temporary ? 1U : 0U});
      }
    }
  }
  const LastingBlocks& lasting = index->lasting;
  lasting.for_each_freed(
      0, index->first_lasting[last], static_cast<std::uint32_t>(begin),
      static_cast<std::uint32_t>(end), [&](std::uint32_t row) {
        changes[lasting.stack(row)].flow.add(
            {0, 0, 1, lasting.size_of(row), lasting.is_temporary(row) ? 1U : 0U});
      });
}

// The same of whole groups of chunks.
void add_groups(const EventIndex::View& index, std::size_t first, std::size_t end,
                std::uint64_t until, ByStack<StackChange>& changes) {
  ByStack<StackFlow> flows;
  index->flows.add_up(first, end, flows);
  for (const auto& [stack, flow] : flows.entries()) changes[stack].flow.add(flow);
  const LastingBlocks& lasting = index->lasting;
  lasting.for_each_live(index->first_lasting[first * StackFlows::kGroupChunks],
                        index->first_lasting[end * StackFlows::kGroupChunks],
                        static_cast<std::uint32_t>(until), [&](std::uint32_t row) {
                          StackLive& grown = changes[lasting.stack(row)].grown;
                          ++grown.blocks;
                          grown.bytes += lasting.size_of(row);
                        });
}

}  // namespace

HeapMoment heap_at(const EventIndex& index, std::uint64_t moment, const Job& job) {
  const EventIndex::View view = index.view();
  HeapMoment heap;
  heap.moment = std::min(moment, view->events);
  heap.t = view.time_of(heap.moment);
  ByStack<StackLive> stacks;
  const auto add = [&](std::uint32_t stack, std::uint64_t size) {
    StackLive& live = stacks[stack];
    ++live.blocks;
    live.bytes += size;
    ++heap.blocks;
    heap.bytes += size;
  };
  const LastingBlocks& lasting = view->lasting;
  for_each_live(
      view, heap.moment, job,
      [&](std::uint32_t row, std::size_t) {
        add(lasting.stack(row), lasting.size_of(row));
      },
      [&](const ChunkReplay& replay, const ChunkReplay::Block& block, std::size_t) {
        const TraceEvent& made = replay.events()[block.made];
        add(made.stack, made.size);
      });
  heap.stacks = stacks.take_sorted();
  return heap;
}

std::vector<TracedBlock> blocks_at(const EventIndex& index, std::uint64_t moment,
                                   const Job& job) {
  const EventIndex::View view = index.view();
  std::vector<TracedBlock> blocks;
  for_each_live(
      view, std::min(moment, view->events), job,
      [&](std::uint32_t row, std::size_t chunk) {
        blocks.push_back(view.block(row, chunk));
      },
      [&](const ChunkReplay& replay, const ChunkReplay::Block& block, std::size_t chunk) {
        blocks.push_back(replay.block(view, chunk, block));
      });
  return blocks;
}

HeapRange heap_between(const EventIndex& index, std::uint64_t begin, std::uint64_t end,
                       const Job& job) {
  const EventIndex::View view = index.view();
  HeapRange range;
  range.end = std::min(end, view->events);
  range.begin = std::min(begin, range.end);
  if (range.begin == range.end) return range;
  const std::span<const ChunkPlace> chunks = view.source().chunks();
  ByStack<StackChange> changes;
  // Whole groups of chunks are summed up already.
  constexpr std::size_t kGroup = StackFlows::kGroupChunks;
  std::size_t first = view.source().chunk_of(range.begin);
  if (chunks[first].first_seq < range.begin) ++first;
  std::size_t last = chunk_before(view, range.end);
  if (chunks[last].end_seq() <= range.end) ++last;
  const std::size_t first_group = (first + kGroup - 1) / kGroup;
  const std::size_t end_group = std::min(last / kGroup, view->flows.groups());
  if (first_group < end_group) {
    add_part(view, range.begin, chunks[first_group * kGroup].first_seq, range.end, job,
             changes);
    add_groups(view, first_group, end_group, range.end, changes);
    add_part(view, chunks[end_group * kGroup - 1].end_seq(), range.end, range.end, job,
             changes);
  } else {
    add_part(view, range.begin, range.end, range.end, job, changes);
  }
  range.stacks = changes.take_sorted();
  for (const auto& [stack, change] : range.stacks) {
    range.total.flow.add(change.flow);
    range.total.grown.blocks += change.grown.blocks;
    range.total.grown.bytes += change.grown.bytes;
  }
  return range;
}

}  // namespace memoir
