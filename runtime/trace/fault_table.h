#pragma once

// The memory errors of a trace, and the rules that silenced some: the tables `fault` and
// `suppression`.
//
// Thread safety: none. Errors: throws Error.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/allocation_api.h"
#include "base/fault_kind.h"
#include "trace/database.h"
#include "trace/ids.h"

namespace memoir {

// A place in the program's sources, as it says itself. Line 0: not known.
struct SourcePlace {
  std::string function = {}, file = {};
  std::uint32_t line = 0;
};

// What is known of the misuse of a pool, allocator or buffer.
struct PoolMisuse {
  std::uint32_t pool = 0;  // 0: no pool of the trace's
  std::string kind = {}, name = {}, text = {};
  SourcePlace where = {}, allocated = {}, released = {};
};

// One memory error, or several equal ones.
struct FaultRow {
  std::int64_t id = 0;  // what put() returned
  ProcessId process = {};
  FaultKind kind = FaultKind::kNone;
  FaultAccess access = FaultAccess::kUnknown;
  MemoryPlace place = MemoryPlace::kUnknown;
  std::uint64_t count = 1;
  std::uint64_t t = 0;
  // Found some time after it was done; then `stack` is that of the discovery.
  bool late = false;
  bool at_end = false;                // late: because the program ended
  bool guarded = false;               // a guard page was touched
  bool pinned = false;                // the block was guarded on request
  bool fill_pattern = false;          // the address was made of freed or fresh bytes
  std::string library_function = {};  // whose arguments were wrong
  // What was used, or the first damaged byte; 0 bytes where that is not known.
  std::uint64_t address = 0, size = 0;
  // Late: bytes that are damaged at most. When the block was last seen whole, if ever.
  std::uint64_t damaged = 0;
  std::optional<std::uint64_t> whole_t = {};
  // Size or alignment that the caller named; other address; the first free's Api.
  std::uint64_t claimed = 0;
  // Of the block, where place is kBlock.
  std::uint64_t block_address = 0, block_size = 0, block_number = 0;
  std::uint64_t alignment = 0;  // that was asked for; 0: none
  std::uint32_t ordinal = 0;
  bool block_live = false;
  Api alloc_api = Api::kUnknown, free_api = Api::kUnknown;
  TraceThreadId thread = {}, alloc_thread = {}, free_thread = {};
  TraceStackId stack = {}, alloc_stack = {}, free_stack = {};
  std::string message = {};
  std::optional<PoolMisuse> misuse = {};  // not read by read_fault_row()
  // The memory around, as it was found.
  std::uint64_t dump_address = 0;
  std::vector<std::uint8_t> dump = {};

  // From the block's first byte.
  std::int64_t offset() const {
    return static_cast<std::int64_t>(address - block_address);
  }
  // The stack that names the line to look at first.
  TraceStackId place_stack() const { return late && alloc_stack ? alloc_stack : stack; }
};

// The first columns of a SELECT from `fault f`, and the row they make.
extern const char* const kFaultColumns;
inline constexpr int kFaultColumnCount = 34;
FaultRow read_fault_row(const Statement& row);

// What is known of such a fault, if it is one.
std::optional<PoolMisuse> read_pool_misuse(Database& database, std::int64_t fault);

class FaultTable {
 public:
  explicit FaultTable(Database& database) : database_(database) {}

  // A new row. Its number.
  std::int64_t put(const FaultRow& row);
  void set_count(std::int64_t id, std::uint64_t count);
  // Replaces what is known of the rule.
  void put_suppression(std::string_view rule, std::uint64_t hits, std::uint64_t bytes);

 private:
  void put_misuse(std::int64_t fault, const PoolMisuse& misuse);

  Database& database_;
  std::optional<Statement> insert_, count_, suppression_, misuse_;
};

}  // namespace memoir
