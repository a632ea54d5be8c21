#pragma once

// The events of a process, paired once and kept so that any moment and any range of them
// can be answered quickly. A *moment* is a number of events that have happened, from 0 to
// all of them; EventSource::moment_at() finds the one of a time.
//
// Pairing follows the collector: an allocation where a block lies means that the block's
// free is late (another thread's realloc frees its old block before it is written) or
// lost; the block ends there. Whether such a block was temporary is a guess; all else is
// what the collector counted.
//
// What it costs: about 28 bytes for each block that outlives its chunk of 65,536 events,
// and some bytes for each stack of every four chunks. Made when a trace is read: the
// traced program must not pay for it.
//
// Thread safety: update() may run beside anything else, itself apart; whoever reads holds
// a View, briefly. Errors: throws Error (kTrace; kCancelled, after which what was indexed
// stays and update() goes on from there).

#include <cstddef>
#include <cstdint>
#include <exception>
#include <filesystem>
#include <memory>
#include <shared_mutex>
#include <vector>

#include "analyze/event_source.h"
#include "analyze/job.h"
#include "analyze/lasting_blocks.h"
#include "analyze/stack_flows.h"
#include "analyze/traced_block.h"

namespace memoir {

class BlockPairing;

// Thread numbers are small and dense; a hostile one only loses its temporaries.
inline constexpr std::uint32_t kMostThreads = 1U << 20;

// A mapping made, moved or taken away.
struct MappingEvent {
  std::uint64_t seq = 0;
  TraceEvent event;
};

// What update() has found so far.
struct EventIndexContents {
  explicit EventIndexContents(std::size_t most_bytes) : lasting(most_bytes) {}

  // Of the heap, after all indexed events.
  struct Totals {
    std::uint64_t allocations = 0, allocated_bytes = 0, frees = 0, temporary = 0;
    std::uint64_t live_blocks = 0, live_bytes = 0, unknown_frees = 0;
  };
  // The first moment at which most bytes were live.
  struct Peak {
    std::uint64_t moment = 0, bytes = 0, t = 0;
  };

  std::uint64_t events = 0;  // that are indexed; chunks are indexed whole
  std::uint64_t end_time = 0;
  Totals totals;
  Peak peak;
  LastingBlocks lasting;
  std::vector<std::uint32_t> first_lasting{0};  // by chunk; one more than chunks
  StackFlows flows;                             // of full groups of chunks
  std::vector<MappingEvent> mappings;
  // Frees whose block had ended before, because another lay there; and allocations whose
  // free had come before. Sorted; few.
  std::vector<std::uint64_t> late_frees, stillborn;

  std::size_t chunks() const { return first_lasting.size() - 1; }
  std::size_t bytes() const;
};

class EventIndex {
 public:
  static constexpr std::size_t kMostBytes = std::size_t{700} << 20;

  // `most_bytes`: update() throws Error rather than to take more.
  EventIndex(const std::filesystem::path& path, ProcessId process,
             std::size_t most_bytes = kMostBytes);
  ~EventIndex();
  EventIndex(const EventIndex&) = delete;
  EventIndex& operator=(const EventIndex&) = delete;

  // Indexes what is not yet: everything, or what a growing trace got since.
  void update(const Job& job = {}, unsigned threads = 0);

  ProcessId process() const { return source_.process(); }

  // Nothing changes while one exists: update() waits.
  class View {
   public:
    const EventIndexContents& operator*() const { return contents_; }
    const EventIndexContents* operator->() const { return &contents_; }
    const EventSource& source() const { return source_; }

    // The block of a row of `lasting`, which a block of chunk `chunk` is.
    TracedBlock block(std::uint32_t lasting, std::size_t chunk) const;
    // The chunk in which it was made.
    std::size_t chunk_of(std::uint32_t lasting) const;
    // The time of a tick of a chunk.
    static std::uint64_t time_of(const ChunkPlace& chunk, std::uint16_t tick);
    // As EventSource has them, at most up to what is indexed.
    std::uint64_t moment_at(std::uint64_t t) const;
    std::uint64_t time_of(std::uint64_t moment) const;

   private:
    friend class EventIndex;
    View(const EventSource& source, const EventIndexContents& contents,
         std::shared_mutex& mutex)
        : source_(source), contents_(contents), lock_(mutex) {}

    const EventSource& source_;
    const EventIndexContents& contents_;
    std::shared_lock<std::shared_mutex> lock_;
  };
  View view() const { return {source_, contents_, mutex_}; }

 private:
  mutable std::shared_mutex mutex_;  // what changes while update() runs
  EventSource source_;
  EventIndexContents contents_;
  std::unique_ptr<BlockPairing> pairing_;
  std::exception_ptr failure_;  // of pairing, which cannot be gone on with
};

}  // namespace memoir
