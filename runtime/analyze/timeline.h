#pragma once

// The heap over time, in as many points as a picture is wide: the pyramid that the
// collector wrote, of one process or summed over all of them.
//
// A trace of 100 million events has 100,000 buckets at the finest level: load the coarse
// levels first, draw, and load all of them beside that.
//
// Thread safety: loaded from a Database by one thread; a loaded timeline never changes.
// Errors: throws Error (kTrace; kCancelled).

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "analyze/incidents.h"
#include "analyze/job.h"
#include "trace/database.h"
#include "trace/ids.h"
#include "trace/trace_writer.h"

namespace memoir {

// What happened in [t0, t1]. Over several processes live_min and live_max are the sums of
// theirs, which need not have been at the same time: bounds.
struct TimelinePoint {
  std::uint64_t t0 = 0, t1 = 0;
  std::uint64_t live_min = 0, live_max = 0, live_end = 0, blocks_end = 0;
  std::uint64_t allocations = 0, frees = 0, allocated_bytes = 0;
};

// The memory of the processes as the kernel counts it.
struct MemoryPoint {
  std::uint64_t t = 0, rss = 0, virtual_bytes = 0;
};

class Timeline {
 public:
  // The levels from `finest` up; of finer ones only what the coarser do not cover yet, as
  // it happens while a trace grows. 0: all there is.
  static constexpr unsigned kCoarse = 2;
  static Timeline load(Database& database, std::optional<ProcessId> only = std::nullopt,
                       unsigned finest = 0, const Job& job = {});

  // When the first and the last known thing happened.
  std::uint64_t begin() const { return begin_; }
  std::uint64_t end() const { return end_; }
  std::uint64_t events() const { return events_; }
  // Of one process, that of all otherwise.
  std::uint64_t live_max() const { return live_max_; }
  bool is_finest() const { return finest_ == 0; }
  // How many events each process has.
  std::vector<std::pair<ProcessId, std::uint64_t>> process_events() const;
  // Buckets that follow each other in time, of all of a process's events, in place of
  // those it has. Does nothing where they are fewer: events are on their way.
  void refine(ProcessId process, std::vector<TimelinePoint> buckets);

  // At most `width` points for [t0, t1], by time. Nothing before the first event nor
  // after the last. Of one process, and with less than `width` buckets: the buckets as
  // they are, and before the first one what was so when `t0` came.
  std::vector<TimelinePoint> points(std::uint64_t t0, std::uint64_t t1,
                                    std::size_t width) const;
  // At most `width` of them: the last of each column, summed over processes.
  std::vector<MemoryPoint> memory(std::uint64_t t0, std::uint64_t t1,
                                  std::size_t width) const;
  // Those in [t0, t1], by time.
  std::vector<Mark> marks(std::uint64_t t0, std::uint64_t t1) const;

 private:
  static constexpr std::size_t kLevels = 8, kFanOut = 8;

  struct Process {
    ProcessId id;
    std::uint64_t events = 0;
    std::uint64_t started = 0, ended = 0;  // ended: or the last event
    std::array<std::vector<TimelinePoint>, kLevels> levels;
    // The bucket that levels[i] begins with: 0, or what the level above does not cover.
    std::array<std::uint64_t, kLevels> first{};
    std::vector<MemoryPoint> memory;
  };
  class Columns;

  static void load_levels(Database& database, Process& process, unsigned finest,
                          const Job& job);
  // Calls visit(point) for the buckets of a level that meet [t0, t1], and for finer ones
  // where the level has none yet.
  template <typename Visit>
  static void for_each_bucket(const Process& process, unsigned level, std::uint64_t t0,
                              std::uint64_t t1, Visit visit);
  // The coarsest level that has a bucket for each point.
  unsigned level_for(const Process& process, std::uint64_t t0, std::uint64_t t1,
                     std::size_t width) const;

  std::vector<TimelinePoint> in_columns(const Process& process, std::uint64_t t0,
                                        std::uint64_t t1, const Columns& columns) const;

  unsigned finest_ = 0;
  std::uint64_t begin_ = 0, end_ = 0, events_ = 0, live_max_ = 0;
  std::vector<Process> processes_;
  std::vector<Mark> marks_;
};

}  // namespace memoir
