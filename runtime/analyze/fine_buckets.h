#pragma once

// The heap over time in buckets of as few events as somebody wants, down to single
// ones: for stretches that the collector's buckets of 1,024 events make one block of.
//
// Thread safety: functions of their arguments. What they cost: a pass over the blocks
// that lived long (a few ns each), and the chunks in between to decode. Errors: throws
// Error (kTrace; kCancelled).

#include <cstdint>
#include <filesystem>
#include <optional>
#include <vector>

#include "analyze/event_index.h"
#include "analyze/job.h"
#include "analyze/timeline.h"

namespace memoir {

// What happened between two moments, `per_bucket` events in each bucket but the last. A
// bucket's bounds are those after its events: one of a single event is a step.
std::vector<TimelinePoint> fine_buckets(const EventIndex& index, std::uint64_t begin,
                                        std::uint64_t end, std::uint64_t per_bucket,
                                        const Job& job = {});

// How many events go into a bucket, so that there are not too many buckets.
std::uint64_t events_per_bucket(std::uint64_t events);

// The whole timeline with all its levels, and with buckets of fewer events for processes
// that have so few that they are read in no time: `most_events` of them in all.
Timeline load_fine_timeline(const std::filesystem::path& path, Database& database,
                            std::optional<ProcessId> only, const Job& job = {},
                            std::uint64_t most_events = 1'000'000);

}  // namespace memoir
