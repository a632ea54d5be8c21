#pragma once

// How large blocks are and how long they live.
//
// Thread safety: functions of their arguments; the first one as its Database. Errors:
// throws Error (kTrace; kCancelled).

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "analyze/block_filter.h"
#include "analyze/event_index.h"
#include "analyze/job.h"
#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

// Bucket b holds the values v with floor(log2(v)) + 1 = b; 0 for 0.
inline constexpr std::size_t kHistogramBuckets = 65;
struct HistogramBucket {
  std::uint64_t blocks = 0, bytes = 0;

  friend bool operator==(const HistogramBucket&, const HistogramBucket&) = default;
};
using Histogram = std::array<HistogramBucket, kHistogramBuckets>;

// The smallest and the largest value of a bucket.
constexpr std::uint64_t bucket_least(std::size_t bucket) {
  return bucket == 0 ? 0 : std::uint64_t{1} << (bucket - 1);
}
constexpr std::uint64_t bucket_most(std::size_t bucket) {
  return bucket == 0 ? 0 : bucket_least(bucket) * 2 - 1;
}

struct SizeCount {
  std::uint64_t size = 0, blocks = 0;
};

struct Histograms {
  Histogram sizes{};      // of the blocks that were made
  Histogram lifetimes{};  // ns, of the blocks that were freed
  // The most frequent sizes, most blocks first; none where only buckets were recorded.
  std::vector<SizeCount> top_sizes;
};

// Of whole processes, as the collector counted them.
Histograms read_histograms(Database& database,
                           std::optional<ProcessId> only = std::nullopt);

// Of the blocks that were made and that were freed between two moments and that the
// filter lets through (blocks of the heap only). Times are cut as chunks keep them: a
// lifetime near the edge of a bucket may count in the next.
Histograms count_histograms(const EventIndex& index, std::uint64_t begin,
                            std::uint64_t end, const BlockFilter& filter = {},
                            const Job& job = {}, unsigned threads = 0);

}  // namespace memoir
