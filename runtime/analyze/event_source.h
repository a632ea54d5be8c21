#pragma once

// The chunks of a trace, for whoever reads many of them: what they are is known at once,
// their bytes are read when asked for.
//
// Thread safety: load() may be called from several threads at a time, they take turns at
// the file; everything else that is const, too. refresh() needs the source alone.
// Errors: throws Error (kTrace).

#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <vector>

#include "trace/event_codec.h"
#include "trace/ids.h"
#include "trace/trace_reader.h"

namespace memoir {

// A row of the table `chunk`, without its events.
struct ChunkPlace {
  std::int64_t id = 0;
  std::uint64_t first_seq = 0, n = 0;  // [first_seq, first_seq + n)
  std::uint64_t t0 = 0, t1 = 0;
  std::uint64_t live_bytes = 0, live_blocks = 0;  // of the heap, before its first event

  std::uint64_t end_seq() const { return first_seq + n; }
};

class EventSource {
 public:
  // Of one process. Opens the trace for itself.
  EventSource(const std::filesystem::path& path, ProcessId process);

  ProcessId process() const { return process_; }
  // By sequence number, without gaps: a trace that has some is refused.
  std::span<const ChunkPlace> chunks() const { return chunks_; }
  std::uint64_t events() const { return chunks_.empty() ? 0 : chunks_.back().end_seq(); }
  // The times of the first and the last event; 0 where there are none.
  std::uint64_t begin_time() const { return chunks_.empty() ? 0 : chunks_.front().t0; }
  std::uint64_t end_time() const { return last_time_; }

  // Chunks that a growing trace got since. Whether there are any.
  bool refresh();

  // The events of a chunk, into a vector whose memory is used again.
  void load(const ChunkPlace& chunk, std::vector<TraceEvent>& events) const;

  // The chunk that holds the event; events() must be larger than `seq`.
  std::size_t chunk_of(std::uint64_t seq) const;

  // How many events had happened by `t`: the first that is younger comes next.
  std::uint64_t moment_at(std::uint64_t t) const;
  // When the last of so many events happened; when the process began for 0.
  std::uint64_t time_of(std::uint64_t moment) const;
  // One event. `seq` must be below events().
  TraceEvent event(std::uint64_t seq) const;

 private:
  ProcessId process_;
  std::uint64_t last_time_ = 0;
  std::vector<ChunkPlace> chunks_;
  std::vector<std::uint64_t> latest_;  // by chunk: the largest time up to its end

  mutable std::mutex mutex_;  // guards what follows
  std::unique_ptr<TraceReader> reader_;
  mutable std::optional<Statement> load_;
};

}  // namespace memoir
