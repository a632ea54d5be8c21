#pragma once

// What a panel asked about a trace: the answer that is there, and the one that is on its
// way. A new question replaces the one before it; what was answered last stays to be
// drawn until then, so that nothing flickers.
//
//   leaks_.ask(worker, key, "Reading leaks", [=](QueryContext& job) { return ...; });
//   if (const auto* leaks = leaks_.value()) draw(*leaks);
//
// Thread safety: the thread that draws; `compute` runs on the worker's.

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "viewer/worker.h"

namespace memoir {

// What all answers have in common, for widgets that show how they stand.
class AnswerState {
 public:
  virtual ~AnswerState() = default;
  // Asked, and the answer not taken yet.
  bool is_pending() const { return job_ != nullptr; }
  // The worker still has it. What is there but never taken, for its panel is out of
  // sight, runs no more: nobody waits for it.
  bool is_running() const { return job_ != nullptr && !job_->done; }
  // Worth a sign that one has to wait: it is pending for longer than a blink.
  bool is_slow() const {
    return is_pending() &&
           std::chrono::steady_clock::now() - asked_at_ > std::chrono::milliseconds(150);
  }
  // 0 to 1; below 0: not known.
  float progress() const { return job_ ? job_->progress.load() : 1; }
  const std::string& error() const { return error_; }
  void cancel() {
    if (job_) job_->stop.request_stop();
    job_.reset();
  }

 protected:
  std::shared_ptr<Query> job_;
  std::string error_;
  std::chrono::steady_clock::time_point asked_at_;
};

template <typename T>
class Answer : public AnswerState {
 public:
  Answer() = default;
  ~Answer() override { cancel(); }
  Answer(const Answer&) = delete;
  Answer& operator=(const Answer&) = delete;

  // Asks, unless `key` was asked already. To be called in every frame.
  template <typename Compute>
  void ask(Worker& worker, const std::string& key, const char* what, Compute compute) {
    take();
    if (has_asked_ && key == key_) return;
    cancel();
    has_asked_ = true;
    key_ = key;
    asked_at_ = std::chrono::steady_clock::now();
    auto box = std::make_shared<Box>();
    box_ = box;
    job_ = worker.run(
        what,
        [box, compute = std::move(compute)](QueryContext& job) {
          auto value = std::make_shared<const T>(compute(job));
          const std::lock_guard lock(box->mutex);
          box->value = std::move(value);
        },
        [box](const std::string& error) {
          const std::lock_guard lock(box->mutex);
          box->error = error;
        });
  }

  // The newest answer that is there, null before the first.
  const T* value() const { return value_.get(); }
  std::shared_ptr<const T> share() const { return value_; }
  // value() answers the last question.
  bool is_current() const { return !is_pending() && value_ != nullptr; }
  // Counts answers, for whoever keeps something that was computed from one.
  std::uint64_t version() const { return version_; }
  // The next ask() asks in any case.
  void forget() {
    cancel();
    has_asked_ = false;
    value_.reset();
    error_.clear();
  }

 private:
  struct Box {
    std::mutex mutex;
    std::shared_ptr<const T> value;
    std::string error;
  };

  void take() {
    if (!job_ || !job_->done) return;
    const std::lock_guard lock(box_->mutex);
    error_ = box_->error;
    if (box_->value) {
      value_ = std::move(box_->value);
      ++version_;
    }
    job_.reset();
  }

  bool has_asked_ = false;
  std::string key_;
  std::shared_ptr<Box> box_;
  std::shared_ptr<const T> value_;
  std::uint64_t version_ = 0;
};

}  // namespace memoir
