#pragma once

// An open trace: what is known of it as a whole, and the workers that answer questions
// about it. A trace that grows is followed: generation() counts what was committed since.
//
// Thread safety: the thread that draws.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "analyze/stack_store.h"
#include "analyze/summary.h"
#include "trace/trace_reader.h"
#include "viewer/answer.h"
#include "viewer/shared_index.h"
#include "viewer/worker.h"

namespace memoir {

// What every panel may want to know, read when a trace is opened and when it has grown.
struct TraceFacts {
  RunSummary run;
  std::string command, mode, host, kernel, started_at;
  std::uint64_t file_bytes = 0;
  std::uint64_t span = 0;       // ns from the beginning to the last thing known
  std::uint64_t unnamed = 0;    // addresses without a function, of modules with names
  std::uint64_t addresses = 0;  // all of them
  bool faults_were_sought = false;
};

class TraceSession {
 public:
  // `wake`: from another thread, when there is something new to draw.
  TraceSession(std::filesystem::path path, std::function<void()> wake);

  const std::filesystem::path& path() const { return path_; }
  // Null until it is opened, and when that failed.
  const TraceFacts* facts() const { return facts_.value(); }
  // Why it cannot be read, "" while that is not known.
  const std::string& error() const { return facts_.value() ? kNoError : facts_.error(); }
  float opening_progress() const { return facts_.progress(); }
  bool is_growing() const {
    return facts() != nullptr && facts()->run.state == TraceState::kGrowing;
  }

  // Quick questions, and those that read many events: neither waits for the other.
  Worker& worker() { return worker_; }
  Worker& scanner() { return scanner_; }

  // The events of a process, ready for questions about moments and blocks; of one process
  // at a time. To be called in every frame by who needs it.
  Answer<SharedIndex::Pointer>& index(ProcessId process);
  // All call stacks and their names; to be called in every frame by who needs them.
  Answer<Stacks>& stacks();
  // The process that is meant where one is needed: `chosen`, or the one with the most
  // events.
  ProcessId main_process(std::optional<ProcessId> chosen) const;

  // To be called in every frame: takes what has arrived, looks whether the trace grew.
  void poll();
  void set_following(bool on) { following_ = on; }
  bool is_following() const { return following_; }
  void reload();
  // Part of the key of every question.
  std::uint64_t generation() const { return generation_; }
  // Counts changes of the suppressions beside the trace: part of the key of what they
  // silence.
  std::uint64_t rules_version() const { return rules_version_; }
  void rules_changed() { ++rules_version_; }
  // `what` with the generation.
  std::string key(const std::string& what) const;

 private:
  inline static const std::string kNoError;

  std::filesystem::path path_;
  std::uint64_t generation_ = 1;
  std::uint64_t rules_version_ = 0;
  std::uint64_t asked_growth_ = 0;
  std::int64_t data_version_ = 0;
  bool following_ = true;
  std::chrono::steady_clock::time_point looked_at_;
  Worker worker_, scanner_;
  Answer<TraceFacts> facts_;
  Answer<std::int64_t> growth_;
  std::unique_ptr<SharedIndex> index_;
  Answer<Stacks> stacks_;
};

}  // namespace memoir
