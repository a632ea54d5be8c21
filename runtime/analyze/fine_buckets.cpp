#include "analyze/fine_buckets.h"

#include <algorithm>

#include "analyze/chunk_replay.h"

namespace memoir {
namespace {

// More buckets than any picture has columns, and few enough to be made for each.
constexpr std::uint64_t kMostBuckets = 16'384;
// Below it the collector's buckets are as fine.
constexpr std::uint64_t kCollectorsEvents = 1024;

// What one event did to the heap.
struct Step {
  std::int64_t bytes = 0, blocks = 0;
  std::uint32_t allocations = 0, frees = 0;
  std::uint64_t allocated = 0;

  void make(std::uint64_t size) {
    bytes += static_cast<std::int64_t>(size);
    ++blocks;
    ++allocations;
    allocated += size;
  }
  void release(std::uint64_t size) {
    bytes -= static_cast<std::int64_t>(size);
    --blocks;
    ++frees;
  }
};

// The steps of a chunk's events, in their order.
class ChunkSteps {
 public:
  explicit ChunkSteps(const EventIndex::View& index) : index_(index) {}

  const std::vector<Step>& run(std::size_t chunk) {
    const ChunkPlace& place = index_.source().chunks()[chunk];
    steps_.assign(place.n, {});
    for (const ChunkReplay::Block& block : replay_.run(index_, chunk)) {
      const std::uint64_t size = replay_.events()[block.made].size;
      steps_[block.made].make(size);
      if (block.freed != ChunkReplay::kNotHere) steps_[block.freed].release(size);
    }
    const LastingBlocks& lasting = index_->lasting;
    lasting.for_each_freed(
        0, index_->first_lasting[chunk], static_cast<std::uint32_t>(place.first_seq),
        static_cast<std::uint32_t>(place.end_seq()), [&](std::uint32_t row) {
          steps_[lasting.free_seq(row) - place.first_seq].release(lasting.size_of(row));
        });
    return steps_;
  }
  std::uint64_t time(std::size_t event) const { return replay_.events()[event].t; }

 private:
  const EventIndex::View& index_;
  ChunkReplay replay_;
  std::vector<Step> steps_;
};

// The heap that goes on from bucket to bucket.
class Buckets {
 public:
  Buckets(std::uint64_t per_bucket, std::uint64_t bytes, std::uint64_t blocks)
      : per_bucket_(std::max<std::uint64_t>(per_bucket, 1)),
        bytes_(bytes),
        blocks_(blocks) {}

  void skip(const Step& step) { apply(step); }
  void add(const Step& step, std::uint64_t t) {
    apply(step);
    if (in_bucket_ == 0) {
      TimelinePoint& point = points_.emplace_back();
      point.t0 = point.t1 = std::max(t, latest_);
      point.live_min = point.live_max = bytes_;
    }
    TimelinePoint& point = points_.back();
    // Late events come a little back in time; buckets follow each other all the same.
    latest_ = point.t1 = std::max(t, point.t1);
    point.live_min = std::min(point.live_min, bytes_);
    point.live_max = std::max(point.live_max, bytes_);
    point.live_end = bytes_;
    point.blocks_end = blocks_;
    point.allocations += step.allocations;
    point.frees += step.frees;
    point.allocated_bytes += step.allocated;
    in_bucket_ = (in_bucket_ + 1) % per_bucket_;
  }
  std::vector<TimelinePoint> take() { return std::move(points_); }

 private:
  void apply(const Step& step) {
    bytes_ += static_cast<std::uint64_t>(step.bytes);
    blocks_ += static_cast<std::uint64_t>(step.blocks);
  }

  std::uint64_t per_bucket_, bytes_, blocks_;
  std::uint64_t in_bucket_ = 0, latest_ = 0;
  std::vector<TimelinePoint> points_;
};

}  // namespace

std::uint64_t events_per_bucket(std::uint64_t events) {
  return std::max<std::uint64_t>((events + kMostBuckets - 1) / kMostBuckets, 1);
}

std::vector<TimelinePoint> fine_buckets(const EventIndex& index, std::uint64_t begin,
                                        std::uint64_t end, std::uint64_t per_bucket,
                                        const Job& job) {
  const EventIndex::View view = index.view();
  end = std::min(end, view->events);
  if (begin >= end) return {};
  const std::size_t first = view.source().chunk_of(begin);
  const std::size_t last = view.source().chunk_of(end - 1);
  std::uint64_t bytes = 0, blocks = 0;
  view->lasting.for_each_live(
      0, view->first_lasting[first],
      static_cast<std::uint32_t>(view.source().chunks()[first].first_seq),
      [&](std::uint32_t row) {
        bytes += view->lasting.size_of(row);
        ++blocks;
      });
  Buckets buckets(per_bucket, bytes, blocks);
  ChunkSteps replay(view);
  for (std::size_t chunk = first; chunk <= last; ++chunk) {
    job.check();
    const ChunkPlace& place = view.source().chunks()[chunk];
    const std::vector<Step>& steps = replay.run(chunk);
    for (std::size_t i = 0; i < steps.size() && place.first_seq + i < end; ++i) {
      if (place.first_seq + i < begin) {
        buckets.skip(steps[i]);
      } else {
        buckets.add(steps[i], replay.time(i));
      }
    }
  }
  return buckets.take();
}

Timeline load_fine_timeline(const std::filesystem::path& path, Database& database,
                            std::optional<ProcessId> only, const Job& job,
                            std::uint64_t most_events) {
  Timeline timeline = Timeline::load(database, only, 0, job);
  for (const auto& [process, events] : timeline.process_events()) {
    const std::uint64_t per_bucket = events_per_bucket(events);
    if (events == 0 || events > most_events || per_bucket >= kCollectorsEvents) continue;
    most_events -= events;
    EventIndex index(path, process);
    index.update(job, 1);
    timeline.refine(process,
                    fine_buckets(index, 0, index.view()->events, per_bucket, job));
  }
  return timeline;
}

}  // namespace memoir
