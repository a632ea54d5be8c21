#pragma once

// Reads the events of a process in order, decoded by several threads at once.
//
//   file ──► decode ─┐
//        ──► decode ─┼─► sink, chunk by chunk, in order, on the caller's thread
//        ──► decode ─┘
//
// Thread safety: a function of its arguments; the source may be in use elsewhere. Errors:
// throws Error (kTrace; kCancelled), and what the sink throws.

#include <cstdint>
#include <functional>
#include <span>

#include "analyze/event_source.h"
#include "analyze/job.h"
#include "trace/event_codec.h"

namespace memoir {

// Some events that follow each other: all of a chunk, or those of it that were asked for.
struct EventSpan {
  std::uint64_t first_seq = 0;
  std::span<const TraceEvent> events;  // valid until the sink returns
};

// The events with the numbers [begin, end), an end beyond the last one standing for it.
// `threads`: how many decode, 0: as many as there are processors.
void scan_events(const EventSource& source, std::uint64_t begin, std::uint64_t end,
                 const Job& job, const std::function<void(const EventSpan&)>& sink,
                 unsigned threads = 0);

// The same in no order, from several threads at once: for what adds up. `sink` is told
// which of `threads` threads calls it, from 0.
void scan_events_in_parallel(
    const EventSource& source, std::uint64_t begin, std::uint64_t end, const Job& job,
    unsigned threads, const std::function<void(unsigned thread, const EventSpan&)>& sink);

// How many threads decode when nobody says.
unsigned scan_threads();

}  // namespace memoir
