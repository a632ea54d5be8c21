#pragma once

// The memory errors of all processes of a recording, each kept once however often it is
// met.
//
// Equal are: what has the same kind and the same stacks, in whatever process of the tree;
// and what was found late, by where its block was made and freed, or by the block itself:
// where it was found is chance, and a forked child finds what its parent did (which does
// not count).
//
// Thread safety: one thread. Errors: throws Error when the trace cannot be written.

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "collect/fault_sink.h"
#include "trace/trace_writer.h"

namespace memoir {

class FaultBook {
 public:
  using Entry = std::size_t;

  // `sink` may be null: nothing is silenced or shown.
  explicit FaultBook(TraceWriter& writer, FaultSink* sink = nullptr)
      : writer_(writer), sink_(sink) {}
  FaultBook(const FaultBook&) = delete;
  FaultBook& operator=(const FaultBook&) = delete;

  // A memory error, perhaps a known one. Its message is made here.
  Entry add(FaultRow fault, const FaultScene& scene);
  // The same once more.
  void add_again(Entry entry) { add_again(entry, 1); }
  void add_again(Entry entry, std::uint64_t times);
  // Memory errors that a process could not tell.
  void add_untold(std::uint64_t faults) { untold_ += faults; }

  // Writes what changed.
  void write_progress();

  // Different ones that were not silenced.
  std::size_t different() const { return different_; }
  std::uint64_t untold() const { return untold_; }

 private:
  struct Known {
    std::int64_t id = 0;  // in the trace; 0: silenced
    std::uint64_t count = 0;
    const std::string* rule = nullptr;  // a key of hits_
  };
  // Kind; then stacks, or a block and a number, or places.
  using Key = std::tuple<int, int, std::uint64_t, std::uint64_t, std::uint64_t>;

  std::vector<Key> keys_of(const FaultRow& fault) const;
  // Whether another process of the tree found the same damage in the same block.
  bool is_found_in_copy(const FaultRow& fault);

  TraceWriter& writer_;
  FaultSink* sink_;
  std::vector<Known> known_;
  std::map<Key, Entry> entries_;
  // Which process found a block damaged first; by address and number.
  std::map<std::pair<std::uint64_t, std::uint64_t>, ProcessId> damaged_;
  std::set<Entry> changed_;
  std::map<std::string, std::uint64_t> hits_;  // by rule
  std::size_t different_ = 0;
  std::uint64_t untold_ = 0;
  bool hits_changed_ = false;
};

}  // namespace memoir
