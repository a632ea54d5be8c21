#include "analyze/histograms.h"

#include <algorithm>
#include <bit>
#include <unordered_map>

#include "analyze/block_query.h"
#include "analyze/chunk_replay.h"
#include "analyze/event_scan.h"

namespace memoir {
namespace {

constexpr std::size_t kTopSizes = 20;

using SizeCounts = std::unordered_map<std::uint64_t, std::uint64_t>;

void read(Database& database, const char* sql, std::optional<ProcessId> only,
          Histogram& histogram) {
  Statement rows = database.prepare(sql);
  if (only) rows.bind(0, only->value);
  while (rows.step()) {
    const std::uint64_t bucket = rows.natural(0);
    if (bucket >= kHistogramBuckets) throw Error("damaged histogram: no such bucket");
    histogram[bucket].blocks += rows.natural(1);
    histogram[bucket].bytes += rows.natural(2);
  }
}

void count(Histogram& histogram, std::uint64_t value, std::uint64_t bytes) {
  HistogramBucket& bucket = histogram[static_cast<std::size_t>(std::bit_width(value))];
  ++bucket.blocks;
  bucket.bytes += bytes;
}

void add(const Histogram& from, Histogram& to) {
  for (std::size_t i = 0; i < kHistogramBuckets; ++i) {
    to[i].blocks += from[i].blocks;
    to[i].bytes += from[i].bytes;
  }
}

std::vector<SizeCount> most_frequent(const SizeCounts& counts) {
  std::vector<SizeCount> sizes;
  sizes.reserve(counts.size());
  for (const auto& [size, blocks] : counts) sizes.push_back({size, blocks});
  const std::size_t kept = std::min(kTopSizes, sizes.size());
  std::partial_sort(sizes.begin(), sizes.begin() + static_cast<std::ptrdiff_t>(kept),
                    sizes.end(), [](const SizeCount& a, const SizeCount& b) {
                      return a.blocks != b.blocks ? a.blocks > b.blocks : a.size < b.size;
                    });
  sizes.resize(kept);
  return sizes;
}

// What one thread counts.
struct Counting {
  ChunkReplay replay;
  Histograms histograms;
  SizeCounts sizes;
};

}  // namespace

Histograms read_histograms(Database& database, std::optional<ProcessId> only) {
  Histograms histograms;
  read(database,
       "SELECT bucket, blocks, bytes FROM size_hist WHERE ?1 IS NULL OR process = ?1",
       only, histograms.sizes);
  read(database,
       "SELECT bucket, blocks, bytes FROM lifetime_hist WHERE ?1 IS NULL OR process = ?1",
       only, histograms.lifetimes);
  return histograms;
}

Histograms count_histograms(const EventIndex& index, std::uint64_t begin,
                            std::uint64_t end, const BlockFilter& filter, const Job& job,
                            unsigned threads) {
  const EventIndex::View view = index.view();
  end = std::min(end, view->events);
  if (begin >= end) return {};
  if (threads == 0) threads = scan_threads();
  std::vector<Counting> counting(threads);
  const bool is_all = filter.is_all();
  const auto matches = [&](const TracedBlock& block) {
    return is_all || is_match(filter, block, view->end_time);
  };
  const std::span<const ChunkPlace> places = view.source().chunks();
  const std::size_t first = view.source().chunk_of(begin);
  const std::size_t last = view.source().chunk_of(end - 1);
  scan_events_in_parallel(
      view.source(), places[first].first_seq, places[last].end_seq(), job, threads,
      [&](unsigned thread, const EventSpan& span) {
        const std::size_t chunk = view.source().chunk_of(span.first_seq);
        Counting& own = counting[thread];
        for (const ChunkReplay::Block& part : own.replay.run(view, chunk, span.events)) {
          const TracedBlock block = own.replay.block(view, chunk, part);
          if (!matches(block)) continue;
          if (block.seq >= begin && block.seq < end) {
            count(own.histograms.sizes, block.size, block.size);
            ++own.sizes[block.size];
          }
          const bool ended_here = part.freed != ChunkReplay::kNotHere;
          if (ended_here && block.free_seq >= begin && block.free_seq < end) {
            count(own.histograms.lifetimes, block.life(0), block.size);
          }
        }
      });
  Histograms all;
  SizeCounts sizes;
  for (const Counting& own : counting) {
    add(own.histograms.sizes, all.sizes);
    add(own.histograms.lifetimes, all.lifetimes);
    for (const auto& [size, blocks] : own.sizes) sizes[size] += blocks;
  }
  // Those that outlived the chunk they were made in.
  for (std::size_t chunk = 0; chunk <= last; ++chunk) {
    if (chunk % 64 == 0) job.check();
    view->lasting.for_each_freed(view->first_lasting[chunk],
                                 view->first_lasting[chunk + 1],
                                 static_cast<std::uint32_t>(begin),
                                 static_cast<std::uint32_t>(end), [&](std::uint32_t row) {
                                   const TracedBlock block = view.block(row, chunk);
                                   if (matches(block))
                                     count(all.lifetimes, block.life(0), block.size);
                                 });
  }
  all.top_sizes = most_frequent(sizes);
  return all;
}

}  // namespace memoir
