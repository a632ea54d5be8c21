#include "viewer/worker.h"

#include <new>
#include <utility>

#include "trace/error.h"

namespace memoir {

Worker::Worker(std::filesystem::path path, std::function<void()> wake)
    : path_(std::move(path)), wake_(std::move(wake)), thread_([this] { work_on(); }) {}

Worker::~Worker() {
  {
    const std::lock_guard lock(mutex_);
    ending_ = true;
    for (Task& task : tasks_) task.job->stop.request_stop();
  }
  changed_.notify_all();
  thread_.join();
}

std::shared_ptr<Query> Worker::run(std::string what, std::function<void(QueryContext&)> work,
                                 std::function<void(const std::string&)> failed) {
  auto job = std::make_shared<Query>();
  job->what = std::move(what);
  {
    const std::lock_guard lock(mutex_);
    tasks_.push_back({job, std::move(work), std::move(failed)});
  }
  changed_.notify_all();
  return job;
}

std::vector<std::shared_ptr<Query>> Worker::queries() const {
  std::vector<std::shared_ptr<Query>> jobs;
  const std::lock_guard lock(mutex_);
  for (const Task& task : tasks_) {
    if (!task.job->stop.stop_requested()) jobs.push_back(task.job);
  }
  return jobs;
}

void Worker::work_on() {
  for (;;) {
    Task task;
    {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return ending_ || !tasks_.empty(); });
      if (ending_) return;
      task = tasks_.front();
    }
    perform(task);
    {
      const std::lock_guard lock(mutex_);
      tasks_.pop_front();
    }
    task.job->done = true;
    wake_();
  }
}

void Worker::perform(Task& task) {
  if (task.job->stop.stop_requested()) return;
  try {
    if (!trace_ || reopen_.exchange(false)) {
      trace_.reset();
      trace_ = std::make_unique<TraceReader>(path_);
    }
    trace_->database().stop_with(task.job->stop.get_token());
    QueryContext context(*trace_, *task.job);
    task.work(context);
  } catch (const Error& error) {
    if (!task.job->stop.stop_requested()) task.failed(error.what());
  } catch (const std::bad_alloc&) {
    task.failed("not enough memory");
  }
  if (trace_) trace_->database().stop_with({});
}

}  // namespace memoir
