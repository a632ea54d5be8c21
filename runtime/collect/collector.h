#pragma once

// Records a tree of processes into one trace: lets sessions in, drains their rings,
// commits now and then, and notices how each process ends.
//
//   Collector c(writer, server);
//   while (!done) c.run_once(timeout);
//   c.finish();
//
// Invariants:
//  (1) A process that ended is drained once more before it is written off: a kill -9
//  loses
//      nothing that it recorded.
//  (2) A process with the pid of one being recorded replaced it by exec.
//
// Thread safety: one thread. Errors: throws Error when the trace cannot be written; the
// programs then must be told to stop with abandon().

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "collect/fault_book.h"
#include "collect/process_recorder.h"
#include "collect/session_server.h"
#include "collect/trace_clock.h"
#include "trace/trace_writer.h"

namespace memoir {

class Collector {
 public:
  // `faults` is asked and told about memory errors; null: they are only kept.
  Collector(TraceWriter& writer, SessionServer& server, FaultSink* faults = nullptr);
  ~Collector();
  Collector(const Collector&) = delete;
  Collector& operator=(const Collector&) = delete;

  // Waits until something happens, at most for a few milliseconds, and handles it. `wake`
  // is another descriptor to wake up for, or -1.
  void run_once(int wake);

  // How a child of ours ended, before or after the collector notices that it did.
  void set_wait_status(std::int64_t pid, int status);

  // Processes being recorded.
  std::size_t live_processes() const { return live_.size(); }
  std::vector<std::int64_t> live_pids() const;
  // Processes that ever were.
  std::size_t recorded_processes() const { return next_process_ - 1; }
  // Events of the processes that were written off that concern memory: after finish(),
  // all.
  std::uint64_t events() const { return events_; }

  // Of the same processes: stacks compared with libunwind's (option check_stacks).
  const ProcessRecorder::StackChecks& stack_checks() const { return stack_checks_; }

  // Small blocks between guard pages in all of them, and how those were made in any.
  const ProcessRecorder::Guards& guards() const { return guards_; }

  const FaultBook& faults() const { return faults_; }

  // Writes off what still runs. The trace can then be symbolized, in the transaction that
  // the last commit began.
  void finish();

  // The trace cannot be written: programs must not wait for a reader. Never throws.
  void abandon() noexcept;

 private:
  struct LiveProcess {
    std::unique_ptr<ProcessRecorder> recorder;
    int pidfd = -1;
    bool ended = false;
  };

  void let_in();
  void admit(NewSession& session);
  std::size_t drain();
  void notice_ends();
  void write_off(LiveProcess& process, const std::string& end, bool ended);
  std::string end_of(const LiveProcess& process) const;
  void commit_if_due();
  void commit();
  ProcessId find_parent(std::int64_t parent_pid) const;

  TraceWriter& writer_;
  SessionServer& server_;
  TraceClock clock_;
  FaultBook faults_;
  std::vector<LiveProcess> live_;
  std::map<std::int64_t, ProcessId> last_image_;  // by pid: its newest image
  std::map<std::int64_t, int> wait_status_;
  std::uint32_t next_process_ = 1;
  std::uint64_t events_ = 0;
  ProcessRecorder::StackChecks stack_checks_;
  ProcessRecorder::Guards guards_;
  int idle_ms_ = 1;
  std::uint64_t last_commit_ns_ = 0;
  std::uint64_t commit_every_ns_;
  std::uint64_t last_sample_ns_ = 0;
};

}  // namespace memoir
