#include "analyze/heap_map.h"

#include <algorithm>
#include <bit>

#include "analyze/chunk_replay.h"
#include "analyze/moments.h"
#include "trace/freed_blocks.h"

namespace memoir {
namespace {

constexpr std::uint64_t kRegionGap = std::uint64_t{1} << 20;

bool by_address(const TracedBlock& a, const TracedBlock& b) {
  return a.address != b.address ? a.address < b.address : a.seq < b.seq;
}

std::uint64_t end_of(const TracedBlock& block) {
  const std::uint64_t end = block.address + std::max<std::uint64_t>(block.size, 1);
  return std::max(end, block.address);
}

// Where the next block may begin, in an allocator like glibc's.
std::uint64_t taken_end(const TracedBlock& block) {
  return std::max(block.address + chunk::taken_up(block.size), block.address);
}

const MappedPiece* piece_of(const std::vector<MappedPiece>& pieces,
                            std::uint64_t address) {
  auto after = std::upper_bound(pieces.begin(), pieces.end(), address,
                                [](std::uint64_t address, const MappedPiece& piece) {
                                  return address < piece.begin;
                                });
  if (after == pieces.begin()) return nullptr;
  --after;
  return address < after->end ? &*after : nullptr;
}

void add_hole(HeapRegion& region, std::uint64_t bytes) {
  region.largest_hole = std::max(region.largest_hole, bytes);
  const auto bucket = std::min<std::size_t>(
      static_cast<std::size_t>(std::bit_width(bytes)), HeapRegion::kHoleBuckets - 1);
  for (HeapRegion::Holes* holes : {&region.holes, &region.by_size[bucket]}) {
    ++holes->count;
    holes->bytes += bytes;
  }
}

}  // namespace

HeapMap HeapMap::make(const EventIndex& index, std::uint64_t moment, std::uint64_t recent,
                      const Job& job) {
  HeapMap map;
  std::vector<MappedPiece> pieces;
  {
    const EventIndex::View view = index.view();
    map.moment_ = std::min(moment, view->events);
    map.t_ = view.time_of(map.moment_);
    pieces = mapped_at(view, map.moment_);
    const std::uint64_t from = map.moment_ - std::min(recent, map.moment_);
    const auto add = [&](const TracedBlock& block) {
      map.freed_.push_back({block.address, block.size, block.free_t});
    };
    for (std::size_t chunk = 0; from < map.moment_ && chunk < view->chunks(); ++chunk) {
      view->lasting.for_each_freed(
          view->first_lasting[chunk], view->first_lasting[chunk + 1],
          static_cast<std::uint32_t>(from), static_cast<std::uint32_t>(map.moment_),
          [&](std::uint32_t row) { add(view.block(row, chunk)); });
    }
    ChunkReplay replay;
    for (std::uint64_t seq = from; seq < map.moment_;) {
      job.check();
      const std::size_t chunk = view.source().chunk_of(seq);
      for (const ChunkReplay::Block& part : replay.run(view, chunk)) {
        if (part.freed == ChunkReplay::kNotHere) continue;
        const TracedBlock block = replay.block(view, chunk, part);
        if (block.free_seq >= from && block.free_seq < map.moment_) add(block);
      }
      seq = view.source().chunks()[chunk].end_seq();
    }
  }
  std::sort(map.freed_.begin(), map.freed_.end(), [](const Freed& a, const Freed& b) {
    return a.address != b.address ? a.address < b.address : a.t < b.t;
  });
  for (const Freed& freed : map.freed_) {
    map.largest_freed_ = std::max(map.largest_freed_, freed.size);
  }
  map.blocks_ = blocks_at(index, map.moment_, job);
  job.check();
  std::sort(map.blocks_.begin(), map.blocks_.end(), by_address);
  map.find_regions(pieces);
  return map;
}

void HeapMap::find_regions(const std::vector<MappedPiece>& pieces) {
  const MappedPiece* piece = nullptr;
  std::uint64_t taken = 0;
  for (const TracedBlock& block : blocks_) {
    live_bytes_ += block.size;
    const MappedPiece* own = piece_of(pieces, block.address);
    const bool is_far =
        regions_.empty() || (block.address > regions_.back().end &&
                             block.address - regions_.back().end >= kRegionGap);
    if (is_far || own != piece) {
      HeapRegion& region = regions_.emplace_back();
      region.begin = block.address;
      if (own != nullptr) region.mapping = *own;
      piece = own;
    } else if (block.address > taken) {
      add_hole(regions_.back(), block.address - taken);
    }
    HeapRegion& region = regions_.back();
    ++region.blocks;
    region.live_bytes += block.size;
    region.end = std::max(region.end, end_of(block));
    taken = std::max(taken, taken_end(block));
  }
}

std::vector<HeapCell> HeapMap::cells(std::uint64_t begin, std::uint64_t end,
                                     std::size_t count) const {
  std::vector<HeapCell> cells(count);
  if (count == 0 || begin >= end) return cells;
  const std::uint64_t span = end - begin;
  const auto edge = [&](std::size_t i) {
    return begin +
           static_cast<std::uint64_t>(static_cast<unsigned __int128>(span) * i / count);
  };
  const auto cell_of = [&](std::uint64_t address) {
    return static_cast<std::size_t>(static_cast<unsigned __int128>(address - begin) *
                                    count / span);
  };
  // The stacks of the cell in work: blocks come by address.
  ByStack<std::uint64_t> stacks;
  std::size_t at = 0;
  const auto close = [&] {
    std::uint64_t most = 0;
    for (const auto& [stack, bytes] : stacks.entries()) {
      if (bytes > most || (bytes == most && stack < cells[at].stack)) {
        most = bytes;
        cells[at].stack = stack;
      }
    }
    stacks.clear();
  };
  auto block = std::lower_bound(blocks_.begin(), blocks_.end(), begin,
                                [](const TracedBlock& block, std::uint64_t address) {
                                  return block.address < address;
                                });
  if (block != blocks_.begin() && end_of(*std::prev(block)) > begin) --block;
  for (; block != blocks_.end() && block->address < end; ++block) {
    const std::uint64_t from = std::max(block->address, begin);
    const std::uint64_t to = std::min(end_of(*block), end);
    std::size_t i = cell_of(from);
    // The edges of cells are rounded down, and the way back may miss by one.
    while (i + 1 < count && edge(i + 1) <= from) ++i;
    for (; i < count && edge(i) < to; ++i) {
      if (i != at) {
        close();
        at = i;
      }
      const std::uint64_t bytes =
          std::min(to, edge(i + 1)) - std::min(std::max(from, edge(i)), to);
      HeapCell& cell = cells[i];
      cell.live_bytes += bytes;
      ++cell.blocks;
      cell.newest_t = std::max(cell.newest_t, block->t);
      stacks[block->stack] += bytes;
    }
  }
  close();
  const std::uint64_t reach = begin - std::min(begin, largest_freed_);
  auto freed = std::lower_bound(
      freed_.begin(), freed_.end(), reach,
      [](const Freed& freed, std::uint64_t address) { return freed.address < address; });
  for (; freed != freed_.end() && freed->address < end; ++freed) {
    const std::uint64_t from = std::max(freed->address, begin);
    const std::uint64_t to =
        std::min(freed->address + std::max<std::uint64_t>(freed->size, 1), end);
    if (from >= to) continue;
    for (std::size_t i = cell_of(from); i < count && edge(i) < to; ++i) {
      cells[i].freed_t = std::max(cells[i].freed_t, freed->t);
    }
  }
  return cells;
}

std::optional<TracedBlock> HeapMap::block_at(std::uint64_t address) const {
  auto after = std::upper_bound(blocks_.begin(), blocks_.end(), address,
                                [](std::uint64_t address, const TracedBlock& block) {
                                  return address < block.address;
                                });
  if (after == blocks_.begin()) return std::nullopt;
  --after;
  if (address >= end_of(*after)) return std::nullopt;
  return *after;
}

std::vector<TracedBlock> HeapMap::around(std::uint64_t address, std::size_t count) const {
  const auto at = std::lower_bound(blocks_.begin(), blocks_.end(), address,
                                   [](const TracedBlock& block, std::uint64_t address) {
                                     return block.address < address;
                                   });
  const auto before =
      std::min<std::size_t>(count, static_cast<std::size_t>(at - blocks_.begin()));
  const auto after =
      std::min<std::size_t>(count, static_cast<std::size_t>(blocks_.end() - at));
  return {at - static_cast<std::ptrdiff_t>(before),
          at + static_cast<std::ptrdiff_t>(after)};
}

}  // namespace memoir
