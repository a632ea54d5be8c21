#pragma once

// A thread that answers questions about one trace, over a connection of its own: the
// thread that draws never waits for a file.
//
//   UI thread ── run(job) ──► queue ──► worker thread, its TraceReader ──► wake()
//
// Invariants:
//  (1) Jobs run one after the other, in the order in which they came; one whose stop was
//      requested before it began does not run.
//  (2) A running statement ends soon after its job's stop was requested.
//
// Thread safety: run() and running() from any thread.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>
#include <vector>

#include "analyze/job.h"
#include "trace/trace_reader.h"

namespace memoir {

// One question on its way. Shared by who asked, the worker, and the status bar.
struct Query {
  std::string what;  // for people: "Reading leaks"
  std::stop_source stop;
  std::atomic<float> progress{-1};  // 0 to 1; below 0: not known
  std::atomic<bool> done{false};
};

// What a job may use while it runs.
class QueryContext {
 public:
  QueryContext(TraceReader& trace, Query& query) : trace_(trace), query_(query) {}

  TraceReader& trace() { return trace_; }
  Database& database() { return trace_.database(); }
  // The same for what takes long in the analyze layer.
  Job job() {
    return Job(query_.stop.get_token(), [this](double done) { progress(done); });
  }
  std::stop_token stop_token() const { return query_.stop.get_token(); }
  bool stopped() const { return query_.stop.stop_requested(); }
  void progress(double part) { query_.progress = static_cast<float>(part); }

 private:
  TraceReader& trace_;
  Query& query_;
};

class Worker {
 public:
  // Throws Error (kTrace) into `failed` of each job when the trace cannot be opened.
  // `wake`: called, on the worker's thread, when a job has ended or made progress.
  Worker(std::filesystem::path path, std::function<void()> wake);
  ~Worker();  // stops what runs
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  // `work` runs on the worker; `failed` instead of it, or after it threw Error, unless its
  // stop was requested.
  std::shared_ptr<Query> run(std::string what, std::function<void(QueryContext&)> work,
                           std::function<void(const std::string&)> failed);

  // What runs or waits.
  std::vector<std::shared_ptr<Query>> queries() const;
  // The next job opens the trace anew.
  void reopen() { reopen_ = true; }

 private:
  struct Task {
    std::shared_ptr<Query> job;
    std::function<void(QueryContext&)> work;
    std::function<void(const std::string&)> failed;
  };

  void work_on();
  void perform(Task& task);

  std::filesystem::path path_;
  std::function<void()> wake_;
  std::unique_ptr<TraceReader> trace_;  // the worker's thread only
  std::atomic<bool> reopen_{false};

  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Task> tasks_;             // the first one may be running
  bool ending_ = false;
  std::thread thread_;  // last: it uses all of the above
};

}  // namespace memoir
