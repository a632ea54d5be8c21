#pragma once

// The allocations of a process that were made to fail, by stack and function.
//
// Thread safety: one thread. Errors: throws Error when the trace cannot be written.

#include <map>
#include <set>
#include <utility>

#include "trace/trace_writer.h"

namespace memoir {

class FailureTally {
 public:
  explicit FailureTally(ProcessId process) : process_(process) {}

  void add(TraceStackId stack, Api api, std::uint64_t bytes, std::uint64_t t) {
    const Key key{stack.value, static_cast<int>(api)};
    FailureRow& row = rows_[key];
    if (row.count == 0) row = {process_, stack, api, 0, 0, t};
    ++row.count;
    row.bytes += bytes;
    changed_.insert(key);
  }

  // Writes what changed.
  void write_to(TraceWriter& writer) {
    for (const Key& key : changed_) writer.put_failure(rows_[key]);
    changed_.clear();
  }

 private:
  using Key = std::pair<std::uint32_t, int>;

  ProcessId process_;
  std::map<Key, FailureRow> rows_;
  std::set<Key> changed_;
};

}  // namespace memoir
