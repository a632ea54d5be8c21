#pragma once

// The figures of one process image, kept up to date event by event: totals, call sites,
// the timeline pyramid and the histograms. Knows neither rings nor the database.
//
// Definitions: a realloc is a free of the old block and an allocation of the new one. An
// allocation is temporary when its block is freed by the thread that made it before that
// thread makes another. Mappings have sites, but stay out of the heap's totals.
//
// Thread safety: one thread.

#include <array>
#include <cstdint>
#include <vector>

#include "base/allocation_api.h"
#include "trace/ids.h"
#include "trace/paged_array.h"
#include "trace/trace_writer.h"

namespace memoir {

// A site and what is needed to know its share of the process's peak.
struct CountedSite {
  SiteRow row;
  std::uint64_t at_peak = 0;  // its live bytes at the peak number `seen_peak`
  std::uint64_t seen_peak = 0;
  std::uint32_t next = 0;  // another site of the same stack, or kNoSite
  bool changed = false;    // since it was written
};

class Aggregates {
 public:
  explicit Aggregates(ProcessId process);

  // The index of the site of this stack and API, made when it is new.
  std::uint32_t site(TraceStackId stack, Api api) {
    if (stack.value < first_site_.size()) {
      for (std::uint32_t i = first_site_[stack.value]; i != kNoSite; i = sites_[i].next) {
        if (sites_[i].row.api == api) return i;
      }
    }
    return make_site(stack, api);
  }

  void block_made(std::uint32_t site, std::uint64_t address, std::uint64_t size,
                  std::uint64_t t, std::uint32_t thread) {
    thread_made(thread, address);
    known_block_made(site, size, t);
  }
  // The two parts of it, for a block that can be counted only some time after its thread
  // made it.
  void thread_made(std::uint32_t thread, std::uint64_t address);
  void known_block_made(std::uint32_t site, std::uint64_t size, std::uint64_t t);
  void block_freed(std::uint32_t site, std::uint64_t address, std::uint64_t size,
                   std::uint64_t made, std::uint64_t freed, std::uint32_t made_by,
                   std::uint32_t freed_by);
  void unknown_free() { ++totals_.unknown_frees; }

  void mapping_made(std::uint32_t site, std::uint64_t size, std::uint64_t t);
  // `whole`: nothing of the mapping is left.
  void mapping_shrunk(std::uint32_t site, std::uint64_t size, bool whole);

  // Around each event that is taken off the rings; 1,024 of them make a bucket of the
  // timeline.
  void begin_event(std::uint64_t t);
  void end_event(std::uint64_t t);

  // Totals so far; the fields that describe the process itself are left to the caller.
  const ProcessRow& totals() const { return totals_; }
  const PagedArray<CountedSite>& sites() const { return sites_; }
  // A site's live bytes when the heap was at its peak.
  std::uint64_t at_global_peak(std::uint32_t site) const;

  // Writes what changed since the last call, all of it when `final`: then once, as
  // nothing changes any more.
  void write_to(TraceWriter& writer, bool final);

 private:
  static constexpr std::uint64_t kBucketEvents = 1024;
  static constexpr std::uint32_t kFanOut = 8;
  static constexpr std::size_t kLevels = 8;

  static constexpr std::uint32_t kNoSite = ~std::uint32_t{0};

  std::uint32_t make_site(TraceStackId stack, Api api);
  void touch(CountedSite& site);
  void write_sites(TraceWriter& writer, bool final);
  void add_live(CountedSite& site, std::uint64_t bytes);
  void remove_live(CountedSite& site, std::uint64_t bytes, bool whole);
  void note_heap_peak(std::uint64_t t);
  void open_bucket(std::size_t level, std::uint64_t t);
  void close_bucket(std::size_t level);
  void count_in_timeline(std::uint64_t t);

  ProcessRow totals_;
  std::uint64_t peak_number_ = 0;  // how often the heap reached a new peak
  std::uint64_t mapped_ = 0;
  PagedArray<CountedSite> sites_;
  std::vector<std::uint32_t> first_site_;  // by stack
  std::vector<std::uint64_t> last_made_;   // by thread: address of its last block

  std::array<TimelineRow, kLevels> open_;
  std::array<bool, kLevels> is_open_{};
  std::array<std::uint32_t, kLevels> children_{};
  std::uint64_t events_in_bucket_ = 0;
  std::vector<TimelineRow> finished_;

  std::array<HistogramRow, 65> sizes_;
  std::array<HistogramRow, 65> lifetimes_;
};

}  // namespace memoir
