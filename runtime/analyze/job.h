#pragma once

// Work that takes a while: it tells how far it is, and stops when it is asked to.
//
// Thread safety: whoever works calls from one thread at a time; the stop may be asked for
// from any.

#include <functional>
#include <stop_token>
#include <utility>

#include "trace/error.h"

namespace memoir {

class Job {
 public:
  // Called with how much is done, 0 to 1, now and then.
  using Progress = std::function<void(double done)>;

  Job() = default;
  explicit Job(std::stop_token stop, Progress progress = {})
      : stop_(std::move(stop)), progress_(std::move(progress)) {}

  bool is_stopped() const { return stop_.stop_requested(); }
  // Throws Error (kCancelled) when the job is to stop.
  void check() const {
    if (is_stopped()) throw Error("cancelled", ErrorKind::kCancelled);
  }
  // check(), and a word of progress.
  void advance(double done) const {
    check();
    if (progress_) progress_(done);
  }

 private:
  std::stop_token stop_;
  Progress progress_;
};

}  // namespace memoir
