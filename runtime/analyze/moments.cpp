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

// What lies between two moments of one chunk: [begin, end), places in it.
void add_part(const EventIndex::View& index, std::size_t chunk, std::uint64_t begin,
              std::uint64_t end, std::uint64_t until, ByStack<StackChange>& changes) {
  const ChunkPlace& place = index.source().chunks()[chunk];
  if (begin >= end) return;
  ChunkReplay replay;
  for (const ChunkReplay::Block& block : replay.run(index, chunk)) {
    const TraceEvent& made = replay.events()[block.made];
    if (block.made >= begin && block.made < end) {
      StackChange& change = changes[made.stack];
      ++change.flow.allocations;
      change.flow.allocated_bytes += made.size;
      if (is_live(block, index, place.first_seq, until)) {
        ++change.grown.blocks;
        change.grown.bytes += made.size;
      }
    }
    if (block.freed != ChunkReplay::kNotHere && block.freed >= begin &&
        block.freed < end) {
      StackFlow& flow = changes[made.stack].flow;
      ++flow.frees;
      flow.freed_bytes += made.size;
      flow.temporary += block.temporary ? 1 : 0;
    }
  }
  const LastingBlocks& lasting = index->lasting;
  lasting.for_each_freed(
      0, index->first_lasting[chunk], static_cast<std::uint32_t>(place.first_seq + begin),
      static_cast<std::uint32_t>(place.first_seq + end), [&](std::uint32_t row) {
        StackFlow& flow = changes[lasting.stack(row)].flow;
        ++flow.frees;
        flow.freed_bytes += lasting.size_of(row);
        flow.temporary += lasting.is_temporary(row) ? 1 : 0;
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

  std::size_t first = view.source().chunk_of(range.begin);
  const std::size_t last = chunk_before(view, range.end);
  const auto in_chunk = [&](std::size_t chunk, std::uint64_t moment) {
    return moment - chunks[chunk].first_seq;
  };
  if (first == last) {
    add_part(view, first, in_chunk(first, range.begin), in_chunk(first, range.end),
             range.end, changes);
  } else {
    if (chunks[first].first_seq < range.begin) {
      add_part(view, first, in_chunk(first, range.begin), chunks[first].n, range.end,
               changes);
      ++first;
    }
    job.check();
    ByStack<StackFlow> flows;
    view->flows.add_up(first, last, flows);
    for (const auto& [stack, flow] : flows.entries()) changes[stack].flow.add(flow);
    const LastingBlocks& lasting = view->lasting;
    lasting.for_each_live(view->first_lasting[first], view->first_lasting[last],
                          static_cast<std::uint32_t>(range.end), [&](std::uint32_t row) {
                            StackLive& grown = changes[lasting.stack(row)].grown;
                            ++grown.blocks;
                            grown.bytes += lasting.size_of(row);
                          });
    job.check();
    add_part(view, last, 0, in_chunk(last, range.end), range.end, changes);
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
