#pragma once

// Records one process image: takes its events, pairs them, counts them, and writes them
// into the trace.
//
// Thread safety: one thread. Errors: throws Error when the trace cannot be written.

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "collect/aggregates.h"
#include "collect/event_merger.h"
#include "collect/failure_tally.h"
#include "collect/fault_recorder.h"
#include "collect/live_blocks.h"
#include "collect/mappings.h"
#include "collect/module_loads.h"
#include "collect/pool_book.h"
#include "collect/session_mapping.h"
#include "collect/stack_translator.h"
#include "collect/trace_clock.h"
#include "trace/trace_writer.h"

namespace memoir {

class ProcessRecorder final : private PairingObserver {
 public:
  // `pid` as the kernel tells it, not as the process says.
  ProcessRecorder(SessionMapping session, ProcessId id, std::int64_t pid,
                  std::int64_t parent_pid, ProcessId parent, TraceWriter& writer,
                  const TraceClock& clock, FaultBook& faults);
  ProcessRecorder(const ProcessRecorder&) = delete;
  ProcessRecorder& operator=(const ProcessRecorder&) = delete;

  ProcessId id() const { return row_.id; }
  std::int64_t pid() const { return row_.pid; }

  // Takes what the rings hold and handles what is older than the clock's last
  // measurement. The number of events taken off the rings.
  std::size_t drain();

  // Writes a sample of the process's memory, as /proc tells it.
  void sample();

  // Writes what changed since the last commit.
  void write_progress();

  // The process has ended (or the recording has): handles what is left and writes the
  // final figures and the live blocks. `end` as in ProcessRow; a process that another
  // program has replaced ended with that.
  void finish(const std::string& end, bool ended);

  // Events that concern memory, so far.
  std::uint64_t events() const { return aggregates_.totals().events; }

  // Stacks the process compared with libunwind's (option check_stacks).
  struct StackChecks {
    std::uint64_t compared = 0;
    std::uint64_t different = 0;
  };
  StackChecks stack_checks() const;

  // Small blocks that stood between guard pages, and how those were made.
  struct Guards {
    std::uint64_t blocks = 0;
    GuardMethod method = GuardMethod::kNone;
  };
  Guards guards() const;

  // The status the process said it would exit with, if it did.
  std::optional<int> announced_status() const { return announced_status_; }

  // Tells the process to stop recording: nobody will read its rings any more.
  void tell_to_stop();

 private:
  struct ThreadFigures {
    ThreadRow row;
    bool changed = false;
  };

  // Handles what the rings hold up to the watermark. The number of events taken.
  std::size_t take(std::uint64_t watermark);
  // `freed_at`: where the block was found that the event frees or moves.
  void handle(const Event& event, std::uint32_t thread, std::size_t freed_at);
  void make_block(const Event& event, std::uint32_t thread, TraceStackId stack,
                  std::uint64_t t);
  // How many events made blocks since the one that made this one; see ChunkEncoder.
  std::uint64_t free_block(std::uint64_t address, std::uint64_t ticks,
                           std::uint32_t thread, std::uint64_t t, std::size_t freed_at);
  bool handle_memory(const Event& event, std::uint32_t thread, std::uint64_t t,
                     std::size_t freed_at);
  void handle_other(const Event& event, std::uint32_t thread, std::uint64_t t);
  void handle_pool(const Event& event, std::uint32_t thread, std::uint64_t t);
  void write_pools();
  void add_fault(const Event& event);
  void keep(const Event& event, std::uint32_t thread, TraceEventKind kind,
            TraceStackId stack, std::uint64_t t,
            std::uint64_t back = ChunkEncoder::kUnknown);
  void note_live();
  void flush_chunk();
  ThreadFigures& thread(std::uint32_t number);
  std::uint64_t to_ns(std::uint64_t ticks) const {
    return clock_.to_ns(session_.clock(), ticks);
  }

  void on_block_made(const LiveBlock& block) override;
  void on_block_freed(const LiveBlock& block, std::uint64_t t,
                      std::uint32_t thread) override;
  void on_unknown_free(std::uint64_t address) override;

  SessionMapping session_;
  TraceWriter& writer_;
  const TraceClock& clock_;
  ProcessRow row_;
  Aggregates aggregates_;
  EventMerger merger_;
  LiveBlocks live_;
  Mappings mappings_;
  ModuleLoads modules_;
  StackTranslator stacks_;
  FaultRecorder faults_;
  FailureTally failures_;
  PoolBook pools_;
  std::map<std::uint32_t, ThreadFigures> threads_;
  std::optional<int> announced_status_;
  // When another program took the process over, if it did.
  std::optional<std::uint64_t> replaced_at_;

  ChunkEncoder chunk_;
  std::uint64_t made_ = 0;  // events that make a block
  std::uint64_t next_seq_ = 0;
  std::uint64_t chunk_live_bytes_ = 0;
  std::uint64_t chunk_live_blocks_ = 0;
  std::uint64_t last_settled_ns_ = 0;
};

}  // namespace memoir
