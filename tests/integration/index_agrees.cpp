// Whether what the index of a trace says of any moment is what the trace's own tables
// say, where they say it: index_agrees TRACE. A line for each figure that differs.
#include <algorithm>
#include <cstdio>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include "analyze/block_query.h"
#include "analyze/heap_map.h"
#include "analyze/histograms.h"
#include "analyze/mapped_pieces.h"
#include "analyze/moments.h"
#include "analyze/summary.h"
#include "analyze/threads.h"
#include "analyze/timeline.h"

namespace {

using namespace memoir;

struct SiteSums {
  std::uint64_t live_blocks = 0, live_bytes = 0, at_peak = 0;
  StackFlow flow;
};

class Comparison {
 public:
  explicit Comparison(const char* path) : path_(path), trace_(path) {}

  int run() {
    for (const ProcessSummary& process : summarize(trace_).processes) check(process);
    return differences_ == 0 ? 0 : 1;
  }

 private:
  // Whether a block was temporary whose free is late is a guess.
  void expect_near(const std::string& what, std::uint64_t index, std::uint64_t trace) {
    if (index + late_ >= trace && trace + late_ >= index) return;
    expect(what, index, trace);
  }
  void expect(const std::string& what, std::uint64_t index, std::uint64_t trace) {
    if (index == trace) return;
    if (++differences_ > 40) return;
    std::printf("process %u, %s: %llu, but the trace says %llu\n", process_, what.c_str(),
                static_cast<unsigned long long>(index),
                static_cast<unsigned long long>(trace));
  }

  std::map<std::uint32_t, SiteSums> read_sites(ProcessId process) {
    std::map<std::uint32_t, SiteSums> sites;
    Statement rows = trace_.database().prepare(
        "SELECT stack, live_blocks, live_bytes, at_global_peak, allocations,"
        " allocated_bytes, frees, temporary FROM site WHERE process = ?"
        " AND api NOT IN (SELECT id FROM api WHERE mapping = 1)");
    rows.bind(0, process.value);
    while (rows.step()) {
      SiteSums& sums = sites[static_cast<std::uint32_t>(rows.integer(0))];
      sums.live_blocks += rows.natural(1);
      sums.live_bytes += rows.natural(2);
      sums.at_peak += rows.natural(3);
      sums.flow.add(
          {rows.natural(4), rows.natural(5), rows.natural(6), 0, rows.natural(7)});
    }
    return sites;
  }

  void check(const ProcessSummary& process) {
    process_ = process.id.value;
    EventIndex index(path_, process.id);
    index.update();
    const std::uint64_t end = index.view()->events;
    const std::uint64_t peak = index.view()->peak.moment;
    late_ = index.view()->late_frees.size() + index.view()->stillborn.size();
    check_totals(index, process);
    const std::map<std::uint32_t, SiteSums> sites = read_sites(process.id);
    check_moment(index, end, sites, "live at the end", &SiteSums::live_bytes);
    check_moment(index, peak, sites, "live at the peak", &SiteSums::at_peak);
    check_range(heap_between(index, 0, end), sites);
    check_blocks(index, process);
    check_histograms(index, process);
    check_chunks(index);
    check_timeline(process);
  }

  void check_totals(const EventIndex& index, const ProcessSummary& process) {
    const EventIndex::View view = index.view();
    const EventIndexContents::Totals& totals = view->totals;
    expect("allocations", totals.allocations, process.allocations);
    expect("allocated bytes", totals.allocated_bytes, process.allocated_bytes);
    expect("frees", totals.frees, process.frees);
    expect_near("temporary", totals.temporary, process.temporary);
    expect("unknown frees", totals.unknown_frees, process.unknown_frees);
    expect("live blocks", totals.live_blocks, process.live_blocks);
    expect("live bytes", totals.live_bytes, process.live_bytes);
    expect("peak", view->peak.bytes, process.peak_bytes);
    std::uint64_t mapped = 0;
    for (const MappedPiece& piece : mapped_at(view, view->events)) {
      mapped += piece.end - piece.begin;
    }
    expect("mapped bytes", mapped, process.mapped_live_bytes);
  }

  void check_moment(const EventIndex& index, std::uint64_t moment,
                    const std::map<std::uint32_t, SiteSums>& sites, const char* what,
                    std::uint64_t SiteSums::*figure) {
    const HeapMoment heap = heap_at(index, moment);
    std::map<std::uint32_t, std::uint64_t> bytes;
    for (const auto& [stack, live] : heap.stacks) bytes[stack] = live.bytes;
    std::uint64_t total = 0;
    for (const auto& [stack, sums] : sites) {
      expect(what + (", stack " + std::to_string(stack)), bytes[stack], sums.*figure);
      total += sums.*figure;
    }
    expect(what, heap.bytes, total);
  }

  void check_range(const HeapRange& range,
                   const std::map<std::uint32_t, SiteSums>& sites) {
    std::map<std::uint32_t, StackChange> changes;
    for (const auto& [stack, change] : range.stacks) changes[stack] = change;
    for (const auto& [stack, sums] : sites) {
      const StackChange& change = changes[stack];
      const std::string name = "stack " + std::to_string(stack);
      expect(name + " allocations", change.flow.allocations, sums.flow.allocations);
      expect(name + " bytes", change.flow.allocated_bytes, sums.flow.allocated_bytes);
      expect(name + " frees", change.flow.frees, sums.flow.frees);
      expect_near(name + " temporary", change.flow.temporary, sums.flow.temporary);
      expect(name + " growth", change.grown.bytes, sums.live_bytes);
      expect(name + " blocks", change.grown.blocks, sums.live_blocks);
    }
  }

  void check_blocks(const EventIndex& index, const ProcessSummary& process) {
    BlockQuery leaked;
    leaked.filter.leaked = true;
    leaked.order = BlockOrder::kTime;
    leaked.descending = false;
    const FoundBlocks found = find_blocks(index, leaked);
    expect("leaked blocks", found.count, process.live_blocks);
    using Row = std::tuple<std::uint64_t, std::uint64_t, std::uint32_t, std::uint32_t>;
    std::multimap<Row, int> expected;
    Statement rows = trace_.database().prepare(
        "SELECT address, size, stack, thread FROM blocks WHERE process = ? AND api NOT IN"
        " (SELECT name FROM api WHERE mapping = 1)");
    rows.bind(0, process.id.value);
    while (rows.step()) {
      expected.insert(
          {{rows.natural(0), rows.natural(1), static_cast<std::uint32_t>(rows.integer(2)),
            static_cast<std::uint32_t>(rows.integer(3))},
           0});
    }
    for (const TracedBlock& block : found.blocks) {
      const auto row =
          expected.find({block.address, block.size, block.stack, block.thread});
      expect("block " + std::to_string(block.address), 1, row == expected.end() ? 0 : 1);
      if (row != expected.end()) expected.erase(row);
    }
    expect("blocks left over", expected.size(), 0);
    BlockQuery all;
    all.most = 10;
    expect("all blocks", find_blocks(index, all).count, process.allocations);
    expect("bytes of all blocks", find_blocks(index, all).bytes, process.allocated_bytes);
    std::uint64_t mapped = 0;
    const HeapMap map = HeapMap::make(index, ~std::uint64_t{0});
    for (const HeapRegion& region : map.regions()) {
      mapped += region.live_bytes;
    }
    expect("bytes of the map", mapped, process.live_bytes);
    std::uint64_t made = 0, live = 0;
    for (const ThreadFigures& thread : count_threads(index, 0, ~std::uint64_t{0})) {
      made += thread.allocated_bytes;
      live += thread.live_bytes;
    }
    expect("bytes of threads", made, process.allocated_bytes);
    expect("live bytes of threads", live, process.live_bytes);
  }

  void check_histograms(const EventIndex& index, const ProcessSummary& process) {
    const Histograms counted = count_histograms(index, 0, ~std::uint64_t{0});
    const Histograms recorded = read_histograms(trace_.database(), process.id);
    HistogramBucket lives, recorded_lives;
    for (std::size_t i = 0; i < kHistogramBuckets; ++i) {
      const std::string name = "sizes, bucket " + std::to_string(i);
      expect(name, counted.sizes[i].blocks, recorded.sizes[i].blocks);
      expect(name, counted.sizes[i].bytes, recorded.sizes[i].bytes);
      lives.blocks += counted.lifetimes[i].blocks;
      lives.bytes += counted.lifetimes[i].bytes;
      recorded_lives.blocks += recorded.lifetimes[i].blocks;
      recorded_lives.bytes += recorded.lifetimes[i].bytes;
    }
    expect("lifetimes", lives.blocks, recorded_lives.blocks);
    expect("bytes of lifetimes", lives.bytes, recorded_lives.bytes);
  }

  // What was live before each chunk. Where threads raced for an address the collector
  // waits for the late free, while the index knows it: then the bytes may differ there.
  void check_chunks(const EventIndex& index) {
    if (!index.view()->late_frees.empty()) return;
    std::vector<ChunkPlace> chunks;
    {
      const EventIndex::View view = index.view();
      chunks.assign(view.source().chunks().begin(), view.source().chunks().end());
    }
    const std::size_t step = chunks.size() / 20 + 1;
    for (std::size_t i = 0; i < chunks.size(); i += step) {
      const HeapMoment heap = heap_at(index, chunks[i].first_seq);
      expect("bytes before chunk " + std::to_string(i), heap.bytes, chunks[i].live_bytes);
      expect("blocks before chunk " + std::to_string(i), heap.blocks,
             chunks[i].live_blocks);
    }
  }

  void check_timeline(const ProcessSummary& process) {
    const Timeline timeline = Timeline::load(trace_.database(), process.id);
    for (const std::size_t width : {std::size_t{100}, std::size_t{3000}}) {
      std::uint64_t made = 0, most = 0, last = 0;
      for (const TimelinePoint& point :
           timeline.points(timeline.begin(), timeline.end(), width)) {
        made += point.allocations;
        most = std::max(most, point.live_max);
        last = point.live_end;
      }
      expect("allocations of the timeline", made, process.allocations);
      expect("top of the timeline", most, process.peak_bytes);
      expect("end of the timeline", last, process.live_bytes);
    }
  }

  const char* path_;
  TraceReader trace_;
  std::uint32_t process_ = 0;
  std::uint64_t late_ = 0;
  int differences_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 2;
  try {
    return Comparison(argv[1]).run();
  } catch (const std::exception& error) {
    std::printf("%s\n", error.what());
    return 1;
  }
}
