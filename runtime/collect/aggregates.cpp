#include "collect/aggregates.h"

#include <algorithm>
#include <bit>
#include <utility>

namespace memoir {

Aggregates::Aggregates(ProcessId process) {
  totals_.id = process;
  for (std::size_t i = 0; i < sizes_.size(); ++i) {
    sizes_[i].process = lifetimes_[i].process = process;
    sizes_[i].bucket = lifetimes_[i].bucket = static_cast<std::uint32_t>(i);
  }
}

std::uint32_t Aggregates::make_site(TraceStackId stack, Api api) {
  const auto index = static_cast<std::uint32_t>(sites_.size());
  if (stack.value >= first_site_.size()) {
    first_site_.resize(std::max<std::size_t>(stack.value + 1, first_site_.size() * 2),
                       kNoSite);
  }
  CountedSite figures;
  figures.row.process = totals_.id;
  figures.row.stack = stack;
  figures.row.api = api;
  figures.next = std::exchange(first_site_[stack.value], index);
  sites_.append() = figures;
  return index;
}

// A site's live bytes are about to change: if the heap reached a new peak since they last
// did, what they are now is what they were then.
void Aggregates::touch(CountedSite& site) {
  if (site.seen_peak != peak_number_) {
    site.at_peak = site.row.live_bytes;
    site.seen_peak = peak_number_;
  }
  site.changed = true;
}

std::uint64_t Aggregates::at_global_peak(std::uint32_t site) const {
  const CountedSite& figures = sites_[site];
  return figures.seen_peak == peak_number_ ? figures.at_peak : figures.row.live_bytes;
}

void Aggregates::add_live(CountedSite& site, std::uint64_t bytes) {
  touch(site);
  SiteRow& row = site.row;
  ++row.allocations;
  row.allocated_bytes += bytes;
  ++row.live_blocks;
  row.live_bytes += bytes;
  row.peak_blocks = std::max(row.peak_blocks, row.live_blocks);
  row.peak_bytes = std::max(row.peak_bytes, row.live_bytes);
  row.min_size = row.allocations == 1 ? bytes : std::min(row.min_size, bytes);
  row.max_size = std::max(row.max_size, bytes);
}

void Aggregates::remove_live(CountedSite& site, std::uint64_t bytes, bool whole) {
  touch(site);
  site.row.live_bytes -= std::min(bytes, site.row.live_bytes);
  if (!whole) return;
  ++site.row.frees;
  if (site.row.live_blocks > 0) --site.row.live_blocks;
}

void Aggregates::note_heap_peak(std::uint64_t t) {
  totals_.peak_blocks = std::max(totals_.peak_blocks, totals_.live_blocks);
  if (totals_.live_bytes <= totals_.peak_bytes) return;
  totals_.peak_bytes = totals_.live_bytes;
  totals_.peak_t = t;
  ++peak_number_;
}

void Aggregates::thread_made(std::uint32_t thread, std::uint64_t address) {
  // Thread numbers are small and dense; a hostile one only loses its temporaries.
  constexpr std::uint32_t kMostThreads = 1u << 20;
  if (thread >= kMostThreads) return;
  if (thread >= last_made_.size()) last_made_.resize(std::size_t{thread} + 1);
  last_made_[thread] = address;
}

void Aggregates::known_block_made(std::uint32_t site, std::uint64_t size,
                                  std::uint64_t t) {
  CountedSite& figures = sites_[site];
  add_live(figures, size);
  if (figures.row.allocations == 1) figures.row.first_t = t;
  figures.row.last_t = std::max(figures.row.last_t, t);
  ++totals_.allocations;
  totals_.allocated_bytes += size;
  ++totals_.live_blocks;
  totals_.live_bytes += size;
  note_heap_peak(t);
  HistogramRow& bucket = sizes_[static_cast<std::size_t>(std::bit_width(size))];
  ++bucket.blocks;
  bucket.bytes += size;
  ++open_[0].allocations;
  open_[0].allocated_bytes += size;
}

void Aggregates::block_freed(std::uint32_t site, std::uint64_t address,
                             std::uint64_t size, std::uint64_t made, std::uint64_t freed,
                             std::uint32_t made_by, std::uint32_t freed_by) {
  CountedSite& figures = sites_[site];
  remove_live(figures, size, true);
  ++totals_.frees;
  totals_.live_bytes -= std::min(size, totals_.live_bytes);
  if (totals_.live_blocks > 0) --totals_.live_blocks;
  if (made_by == freed_by && made_by < last_made_.size() &&
      last_made_[made_by] == address) {
    last_made_[made_by] = 0;
    ++figures.row.temporary;
    ++totals_.temporary;
  }
  const std::uint64_t life = freed > made ? freed - made : 0;
  HistogramRow& bucket = lifetimes_[static_cast<std::size_t>(std::bit_width(life))];
  ++bucket.blocks;
  bucket.bytes += size;
  ++open_[0].frees;
}

void Aggregates::mapping_made(std::uint32_t site, std::uint64_t size, std::uint64_t t) {
  CountedSite& figures = sites_[site];
  add_live(figures, size);
  if (figures.row.allocations == 1) figures.row.first_t = t;
  figures.row.last_t = std::max(figures.row.last_t, t);
  mapped_ += size;
  totals_.mapped_live_bytes = mapped_;
  totals_.mapped_peak_bytes = std::max(totals_.mapped_peak_bytes, mapped_);
}

void Aggregates::mapping_shrunk(std::uint32_t site, std::uint64_t size, bool whole) {
  remove_live(sites_[site], size, whole);
  mapped_ -= std::min(size, mapped_);
  totals_.mapped_live_bytes = mapped_;
}

void Aggregates::open_bucket(std::size_t level, std::uint64_t t) {
  TimelineRow& row = open_[level];
  const std::uint64_t bucket = row.bucket;
  row = {};
  row.process = totals_.id;
  row.level = static_cast<std::uint32_t>(level);
  row.bucket = bucket;
  row.t0 = t;
  row.live_min = ~std::uint64_t{0};
  is_open_[level] = true;
  children_[level] = 0;
}

// Finishes a bucket and adds it to the one above.
void Aggregates::close_bucket(std::size_t level) {
  if (!is_open_[level]) return;
  const TimelineRow row = open_[level];
  finished_.push_back(row);
  is_open_[level] = false;
  ++open_[level].bucket;
  if (level + 1 == kLevels) return;
  if (!is_open_[level + 1]) open_bucket(level + 1, row.t0);
  TimelineRow& above = open_[level + 1];
  above.t1 = row.t1;
  above.live_min = std::min(above.live_min, row.live_min);
  above.live_max = std::max(above.live_max, row.live_max);
  above.live_end = row.live_end;
  above.blocks_end = row.blocks_end;
  above.allocations += row.allocations;
  above.frees += row.frees;
  above.allocated_bytes += row.allocated_bytes;
  if (++children_[level + 1] == kFanOut) close_bucket(level + 1);
}

void Aggregates::count_in_timeline(std::uint64_t t) {
  TimelineRow& row = open_[0];
  row.t1 = t;
  row.live_min = std::min(row.live_min, totals_.live_bytes);
  row.live_max = std::max(row.live_max, totals_.live_bytes);
  row.live_end = totals_.live_bytes;
  row.blocks_end = totals_.live_blocks;
}

void Aggregates::begin_event(std::uint64_t t) {
  if (!is_open_[0]) open_bucket(0, t);
}

void Aggregates::end_event(std::uint64_t t) {
  count_in_timeline(t);
  ++totals_.events;
  if (++events_in_bucket_ == kBucketEvents) {
    events_in_bucket_ = 0;
    close_bucket(0);
  }
}

void Aggregates::write_sites(TraceWriter& writer, bool final) {
  for (std::uint32_t index = 0; index < sites_.size(); ++index) {
    CountedSite& site = sites_[index];
    if (!site.changed && !final) continue;
    site.changed = false;
    site.row.at_global_peak = at_global_peak(index);
    if (final) {
      writer.keep_site(site.row);
    } else {
      site.row.id = writer.put_site(site.row);
    }
  }
}

void Aggregates::write_to(TraceWriter& writer, bool final) {
  if (final) {
    for (std::size_t level = 0; level < kLevels; ++level) close_bucket(level);
  }
  write_sites(writer, final);
  for (const TimelineRow& row : finished_) writer.put_timeline(row);
  finished_.clear();
  if (!final) return;
  for (const HistogramRow& row : sizes_) {
    if (row.blocks != 0) writer.put_size_histogram(row);
  }
  for (const HistogramRow& row : lifetimes_) {
    if (row.blocks != 0) writer.put_lifetime_histogram(row);
  }
}

}  // namespace memoir
