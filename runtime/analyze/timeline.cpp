#include "analyze/timeline.h"

#include <algorithm>
#include <limits>

#include "trace/error.h"

namespace memoir {
namespace {

constexpr std::uint64_t kNone = std::numeric_limits<std::uint64_t>::max();

bool starts_before(const TimelinePoint& a, std::uint64_t t) { return a.t0 < t; }

// The first bucket that can meet [t, ...): they follow each other in time.
std::vector<TimelinePoint>::const_iterator first_from(
    const std::vector<TimelinePoint>& buckets, std::uint64_t t) {
  auto at = std::lower_bound(buckets.begin(), buckets.end(), t, starts_before);
  while (at != buckets.begin() && std::prev(at)->t1 >= t) --at;
  return at;
}

// A time in which nothing happens, after a bucket.
TimelinePoint still(const TimelinePoint& bucket) {
  TimelinePoint point;
  point.live_min = point.live_max = point.live_end = bucket.live_end;
  point.blocks_end = bucket.blocks_end;
  return point;
}

// The same, with bounds that any bucket widens to its own.
TimelinePoint still_at(std::uint64_t live, const TimelinePoint& before) {
  TimelinePoint point = before;
  point.live_min = point.live_max = live;
  return point;
}

void add(const TimelinePoint& from, TimelinePoint& to) {
  to.live_min += from.live_min;
  to.live_max += from.live_max;
  to.live_end += from.live_end;
  to.blocks_end += from.blocks_end;
  to.allocations += from.allocations;
  to.frees += from.frees;
  to.allocated_bytes += from.allocated_bytes;
}

// What comes next, to what was before it.
void append(const TimelinePoint& next, TimelinePoint& sum) {
  sum.t1 = next.t1;
  sum.live_min = std::min(sum.live_min, next.live_min);
  sum.live_max = std::max(sum.live_max, next.live_max);
  sum.live_end = next.live_end;
  sum.blocks_end = next.blocks_end;
  sum.allocations += next.allocations;
  sum.frees += next.frees;
  sum.allocated_bytes += next.allocated_bytes;
}

}  // namespace

// Equal pieces of time, into which buckets are thrown.
class Timeline::Columns {
 public:
  Columns(std::uint64_t t0, std::uint64_t t1, std::size_t width)
      : t0_(t0), span_(t1 - t0 + 1), columns_(width) {
    for (std::size_t i = 0; i < width; ++i) {
      columns_[i].t0 = edge(i);
      columns_[i].t1 = std::max(edge(i), edge(i + 1) - 1);
    }
  }

  std::size_t column_of(std::uint64_t t) const {
    if (t <= t0_) return 0;
    const auto column = static_cast<std::size_t>(static_cast<unsigned __int128>(t - t0_) *
                                                 columns_.size() / span_);
    return std::min(column, columns_.size() - 1);
  }
  std::size_t size() const { return columns_.size(); }
  TimelinePoint& operator[](std::size_t i) { return columns_[i]; }
  const TimelinePoint& operator[](std::size_t i) const { return columns_[i]; }

 private:
  std::uint64_t edge(std::size_t i) const {
    return t0_ + static_cast<std::uint64_t>(static_cast<unsigned __int128>(span_) * i /
                                            columns_.size());
  }

  std::uint64_t t0_, span_;
  std::vector<TimelinePoint> columns_;
};

void Timeline::load_levels(Database& database, Process& process, unsigned finest,
                           const Job& job) {
  Statement rows = database.prepare(
      "SELECT bucket, t0, t1, live_min, live_max, live_end, blocks_end, allocations,"
      " frees, allocated_bytes FROM timeline"
      " WHERE process = ? AND level = ? AND bucket >= ? ORDER BY bucket");
  std::uint64_t covered = 0;  // buckets of this level that the one above stands for
  for (unsigned level = kLevels; level-- > 0;) {
    job.check();
    const std::uint64_t first = level >= finest ? 0 : covered;
    std::vector<TimelinePoint>& buckets = process.levels[level];
    process.first[level] = first;
    rows.reset();
    rows.bind(0, process.id.value);
    rows.bind(1, level);
    rows.bind(2, first);
    while (rows.step()) {
      if (rows.natural(0) != first + buckets.size()) {
        throw Error("damaged timeline: a bucket is missing");
      }
      TimelinePoint point;
      point.t0 = rows.natural(1);
      point.t1 = std::max(point.t0, rows.natural(2));
      if (!buckets.empty()) {  // late events: buckets follow each other all the same
        point.t0 = std::max(point.t0, buckets.back().t0);
        point.t1 = std::max(point.t1, buckets.back().t1);
      }
      int column = 3;
      for (std::uint64_t* figure :
           {&point.live_min, &point.live_max, &point.live_end, &point.blocks_end,
            &point.allocations, &point.frees, &point.allocated_bytes}) {
        *figure = rows.natural(column++);
      }
      point.live_min = std::min(point.live_min, point.live_max);
      buckets.push_back(point);
    }
    covered = std::max(covered, first + buckets.size()) * kFanOut;
  }
}

Timeline Timeline::load(Database& database, std::optional<ProcessId> only,
                        unsigned finest, const Job& job) {
  Timeline timeline;
  timeline.finest_ = finest;
  timeline.begin_ = kNone;
  Statement rows = database.prepare(
      "SELECT id, started, coalesce(ended, 0), events, peak_bytes FROM process"
      " WHERE ?1 IS NULL OR id = ?1 ORDER BY id");
  if (only) rows.bind(0, only->value);
  while (rows.step()) {
    Process process;
    process.id = {static_cast<std::uint32_t>(rows.integer(0))};
    process.started = rows.natural(1);
    process.ended = rows.natural(2);
    process.events = rows.natural(3);
    timeline.events_ += process.events;
    timeline.live_max_ = std::max(timeline.live_max_, rows.natural(4));
    load_levels(database, process, finest, job);
    Statement samples = database.prepare(
        "SELECT t, rss, virtual_bytes FROM sample WHERE process = ? ORDER BY t");
    samples.bind(0, process.id.value);
    while (samples.step()) {
      process.memory.push_back(
          {samples.natural(0), samples.natural(1), samples.natural(2)});
    }
    for (const std::vector<TimelinePoint>& buckets : process.levels) {
      if (buckets.empty()) continue;
      process.ended = std::max(process.ended, buckets.back().t1);
      process.started = std::min(process.started, buckets.front().t0);
    }
    process.ended = std::max(process.ended, process.started);
    timeline.begin_ = std::min(timeline.begin_, process.started);
    timeline.end_ = std::max(timeline.end_, process.ended);
    timeline.processes_.push_back(std::move(process));
  }
  if (timeline.begin_ == kNone) timeline.begin_ = 0;
  timeline.marks_ = find_marks(database, only).marks;
  std::stable_sort(timeline.marks_.begin(), timeline.marks_.end(),
                   [](const Mark& a, const Mark& b) { return a.t < b.t; });
  return timeline;
}

std::vector<std::pair<ProcessId, std::uint64_t>> Timeline::process_events() const {
  std::vector<std::pair<ProcessId, std::uint64_t>> list;
  for (const Process& process : processes_) list.emplace_back(process.id, process.events);
  return list;
}

void Timeline::refine(ProcessId id, std::vector<TimelinePoint> buckets) {
  const auto process = std::ranges::find(processes_, id, &Process::id);
  if (process == processes_.end() || buckets.size() <= process->levels[0].size()) return;
  process->ended = std::max(process->ended, buckets.back().t1);
  end_ = std::max(end_, process->ended);
  process->first = {};
  process->levels[0] = std::move(buckets);
  for (std::size_t level = 1; level < kLevels; ++level) {
    const std::vector<TimelinePoint>& below = process->levels[level - 1];
    std::vector<TimelinePoint>& sums = process->levels[level];
    sums.clear();
    for (std::size_t i = 0; i < below.size(); ++i) {
      if (i % kFanOut == 0) {
        sums.push_back(below[i]);
      } else {
        append(below[i], sums.back());
      }
    }
  }
}

template <typename Visit>
void Timeline::for_each_bucket(const Process& process, unsigned level, std::uint64_t t0,
                               std::uint64_t t1, Visit visit) {
  std::uint64_t covered = 0;
  for (unsigned at = level + 1; at-- > 0;) {
    const std::vector<TimelinePoint>& buckets = process.levels[at];
    const std::uint64_t first = process.first[at];
    const std::uint64_t skip = covered > first ? covered - first : 0;
    if (skip < buckets.size()) {
      auto bucket = first_from(buckets, t0);
      const auto begin = buckets.begin() + static_cast<std::ptrdiff_t>(skip);
      for (bucket = std::max(bucket, begin); bucket != buckets.end() && bucket->t0 <= t1;
           ++bucket) {
        visit(*bucket);
      }
    }
    covered = std::max(covered, first + buckets.size()) * kFanOut;
  }
}

unsigned Timeline::level_for(const Process& process, std::uint64_t t0, std::uint64_t t1,
                             std::size_t width) const {
  for (unsigned level = kLevels; level-- > finest_;) {
    const std::vector<TimelinePoint>& buckets = process.levels[level];
    const auto last = std::lower_bound(buckets.begin(), buckets.end(), t1, starts_before);
    const auto first = first_from(buckets, t0);
    if (last - first >= static_cast<std::ptrdiff_t>(2 * width)) return level;
  }
  return finest_;
}

std::vector<TimelinePoint> Timeline::points(std::uint64_t t0, std::uint64_t t1,
                                            std::size_t width) const {
  std::vector<TimelinePoint> points;
  if (width == 0 || t0 > t1 || processes_.empty()) return points;
  t1 = std::min(t1, kNone - 1);
  if (processes_.size() == 1) {
    const Process& process = processes_.front();
    const unsigned level = level_for(process, t0, t1, width);
    for_each_bucket(process, level, t0, t1,
                    [&](const TimelinePoint& bucket) { points.push_back(bucket); });
    if (points.size() <= width) {
      if (points.empty() || points.front().t0 > t0) {
        const std::vector<TimelinePoint>& buckets = process.levels[level];
        const auto after =
            std::lower_bound(buckets.begin(), buckets.end(), t0, starts_before);
        if (after != buckets.begin() && process.ended >= t0) {
          TimelinePoint before = still(*std::prev(after));
          before.t0 = before.t1 = t0;
          points.insert(points.begin(), before);
        }
      }
      return points;
    }
    points.clear();
  }
  Columns columns(t0, t1, width);
  std::vector<bool> seen(width);
  for (const Process& process : processes_) {
    if (process.ended < t0 || process.started > t1) continue;
    const std::size_t begin = columns.column_of(std::max(process.started, t0));
    const std::vector<TimelinePoint> own = in_columns(process, t0, t1, columns);
    for (std::size_t i = 0; i < own.size(); ++i) {
      seen[begin + i] = true;
      add(own[i], columns[begin + i]);
    }
  }
  for (std::size_t i = 0; i < width; ++i) {
    if (seen[i]) points.push_back(columns[i]);
  }
  return points;
}

// One process, from the column in which it begins to the one in which it ends.
std::vector<TimelinePoint> Timeline::in_columns(const Process& process, std::uint64_t t0,
                                                std::uint64_t t1,
                                                const Columns& columns) const {
  const std::size_t begin = columns.column_of(std::max(process.started, t0));
  const std::size_t end = columns.column_of(std::min(process.ended, t1)) + 1;
  std::vector<TimelinePoint> own(end - begin);
  const unsigned level = level_for(process, t0, t1, columns.size());
  // What is live until the next bucket begins.
  TimelinePoint before;
  bool is_known = false;
  const std::vector<TimelinePoint>& buckets = process.levels[level];
  if (const auto first = first_from(buckets, t0); first != buckets.begin()) {
    before = still(*std::prev(first));
    is_known = true;
  }
  std::size_t next = begin;  // the first column of which nothing is known yet
  for_each_bucket(process, level, t0, t1, [&](const TimelinePoint& bucket) {
    const std::size_t from = std::max(columns.column_of(bucket.t0), begin);
    const std::size_t to = std::min(columns.column_of(bucket.t1) + 1, end);
    for (; next < std::min(from, end); ++next) own[next - begin] = before;
    for (std::size_t i = from; i < to; ++i) {
      TimelinePoint& column = own[i - begin];
      if (i >= next) {
        column = is_known && bucket.t0 > columns[i].t0
                     ? before
                     : still_at(bucket.live_min, before);
        next = i + 1;
      }
      column.live_min = std::min(column.live_min, bucket.live_min);
      column.live_max = std::max(column.live_max, bucket.live_max);
      if (i + 1 < to) continue;
      column.live_end = bucket.live_end;
      column.blocks_end = bucket.blocks_end;
    }
    before = still(bucket);
    is_known = true;
    if (from >= to) return;
    own[from - begin].allocations += bucket.allocations;
    own[from - begin].frees += bucket.frees;
    own[from - begin].allocated_bytes += bucket.allocated_bytes;
  });
  for (; next < end; ++next) own[next - begin] = before;
  return own;
}

std::vector<MemoryPoint> Timeline::memory(std::uint64_t t0, std::uint64_t t1,
                                          std::size_t width) const {
  std::vector<MemoryPoint> points;
  if (width == 0 || t0 > t1) return points;
  t1 = std::min(t1, kNone - 1);
  Columns columns(t0, t1, width);
  std::vector<MemoryPoint> sums(width);
  std::vector<bool> seen(width);
  for (const Process& process : processes_) {
    const std::vector<MemoryPoint>& samples = process.memory;
    auto sample =
        std::upper_bound(samples.begin(), samples.end(), t0,
                         [](std::uint64_t t, const MemoryPoint& p) { return t < p.t; });
    if (sample != samples.begin()) --sample;
    if (sample == samples.end() || process.ended < t0 || sample->t > t1) continue;
    const std::size_t end = columns.column_of(std::min(process.ended, t1)) + 1;
    for (std::size_t i = columns.column_of(sample->t); i < end; ++i) {
      while (std::next(sample) != samples.end() &&
             std::next(sample)->t <= columns[i].t1) {
        ++sample;
      }
      seen[i] = true;
      sums[i].t =
          std::max(sums[i].t, std::clamp(sample->t, columns[i].t0, columns[i].t1));
      sums[i].rss += sample->rss;
      sums[i].virtual_bytes += sample->virtual_bytes;
    }
  }
  for (std::size_t i = 0; i < width; ++i) {
    if (seen[i]) points.push_back(sums[i]);
  }
  return points;
}

std::vector<Mark> Timeline::marks(std::uint64_t t0, std::uint64_t t1) const {
  std::vector<Mark> found;
  for (const Mark& mark : marks_) {
    if (mark.t >= t0 && mark.t <= t1) found.push_back(mark);
  }
  return found;
}

}  // namespace memoir
