#pragma once

// The index of one process's events, which several panels ask: made on the scanner when
// somebody needs it first, and brought up to date when the trace has grown. What was
// indexed before somebody cancelled is not lost.
//
// Thread safety: the thread that draws. The index itself may be asked from any.

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>

#include "analyze/event_index.h"
#include "viewer/answer.h"

namespace memoir {

class SharedIndex {
 public:
  using Pointer = std::shared_ptr<const EventIndex>;

  SharedIndex(std::filesystem::path path, ProcessId process)
      : path_(std::move(path)), process_(process), held_(std::make_shared<Held>()) {}

  ProcessId process() const { return process_; }
  // `key`: as of Answer::ask(). Its value is the index.
  Answer<Pointer>& ask(Worker& scanner, const std::string& key) {
    answer_.ask(scanner, key, "Indexing the events",
                [held = held_, path = path_, process = process_](QueryContext& query) {
                  const std::lock_guard lock(held->mutex);
                  if (!held->index) {
                    held->index = std::make_shared<EventIndex>(path, process);
                  }
                  held->index->update(query.job());
                  return Pointer(held->index);
                });
    return answer_;
  }

 private:
  // Shared with the job, which may outlive this.
  struct Held {
    std::mutex mutex;
    std::shared_ptr<EventIndex> index;
  };

  std::filesystem::path path_;
  ProcessId process_;
  std::shared_ptr<Held> held_;
  Answer<Pointer> answer_;
};

}  // namespace memoir
