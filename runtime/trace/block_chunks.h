#pragma once

// The blocks that were live when their process ended, packed like events: each as the
// event that made it, by time, in chunks of their own (the table block_chunk).
//
// Thread safety: none. Errors: throws Error.

#include <cstdint>
#include <optional>
#include <vector>

#include "trace/database.h"
#include "trace/event_codec.h"
#include "trace/ids.h"

namespace memoir {

struct BlockRow {
  ProcessId process = {};
  std::uint64_t address = 0, size = 0;
  TraceStackId stack = {};
  Api api = Api::kUnknown;
  TraceThreadId thread = {};
  std::uint64_t t = 0;
};

// Functions that make mappings, which are not blocks of the heap.
constexpr bool is_mapping(Api api) {
  return api == Api::kMmap || api == Api::kMunmap || api == Api::kMremap ||
         api == Api::kBrk || api == Api::kSbrk;
}

class BlockChunks {
 public:
  explicit BlockChunks(Database& database) : database_(database) {}

  // Writes when it holds some chunks, or blocks of another process.
  void put(const BlockRow& row);
  void flush();

 private:
  // Sorting many at once makes neighbours of what was made together; more would cost
  // memory.
  static constexpr std::size_t kHeld = 4 * kChunkEvents;

  Database& database_;
  std::optional<Statement> insert_;
  ProcessId process_ = {};
  std::uint64_t written_ = 0;  // of this process
  std::vector<TraceEvent> held_;
};

}  // namespace memoir
