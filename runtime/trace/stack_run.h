#pragma once

// The call tree as a trace holds it: runs of stacks, each called from the one before it.
// A new path is mostly one run, so that a compiler's million stacks are a hundred
// thousand rows; and the frames of most runs are those of another one, so that these have
// fifteen thousand paths. docs/trace_schema.md tells what a row means.
//
// Thread safety: none; StackTree as its Database.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "trace/database.h"
#include "trace/row_batch.h"
#include "trace/stack_table.h"

namespace memoir {

// The largest frame that has a character. A larger one makes a run of its own.
inline constexpr std::uint32_t kMaxRunFrame = 0x10ffff - 10272;
inline constexpr std::size_t kMaxRun = 4096;

// The text of a path, no frame of which is above kMaxRunFrame.
std::string encode_run(std::span<const std::uint32_t> frames);
// What encode_run() was given, as far as the text makes sense.
std::vector<std::uint32_t> decode_run(std::string_view text);

// Writes stacks as runs.
class StackRuns {
 public:
  explicit StackRuns(Database& database) : database_(database) {}

  // The stacks come in the order of their ids.
  void add(std::uint32_t stack, std::uint32_t parent, std::uint32_t frame);
  // Writes the run that may still grow, and all that wait.
  void flush();

 private:
  void end_run();
  std::uint32_t path();

  Database& database_;
  std::optional<RowBatch> rows_;
  std::optional<Statement> insert_path_;
  // The newest stacks: each called from the one before it, the first from parent_.
  std::vector<std::uint32_t> run_;
  std::uint32_t first_ = 0, parent_ = 0;
  std::unordered_map<std::string, std::uint32_t> paths_;
  std::uint32_t next_path_ = 1;
};

// Looks up stacks by their ids.
class StackTree {
 public:
  explicit StackTree(Database& database);

  // Nothing for a stack that is not there. A parent is smaller than its child, whatever
  // the trace says. Neighbours are found quickly.
  std::optional<StackStep> find(std::uint32_t stack);

 private:
  Statement run_at_;
  std::uint32_t first_ = 0;  // of the run that was found last
  std::uint32_t parent_ = 0;
  std::vector<std::uint32_t> frames_;
};

// Calls visit(stack, StackStep) for every stack, in the order of their ids.
template <typename Visit>
void for_each_stack(Database& database, Visit visit) {
  Statement runs = database.prepare(
      "SELECT first, parent, frames, typeof(frames)"
      " FROM stack_run LEFT JOIN path ON path.id = stack_run.path ORDER BY first");
  std::vector<std::uint32_t> frames;
  // Ids are dense. A wild one of a damaged trace must not cost whoever indexes by it
  // dear.
  constexpr std::int64_t kLargestGap = 1 << 20;
  for (std::int64_t seen = 0; runs.step();
       seen += static_cast<std::int64_t>(frames.size())) {
    frames.clear();
    if (runs.integer(0) < 1 || runs.integer(0) > seen + kLargestGap) continue;
    auto stack = static_cast<std::uint32_t>(runs.integer(0));
    auto parent = static_cast<std::uint32_t>(runs.integer(1));
    if (runs.text(3) == "integer") {
      frames.assign(1, static_cast<std::uint32_t>(runs.integer(2)));
    } else {
      frames = decode_run(runs.text(2));
    }
    for (const std::uint32_t frame : frames) {
      visit(stack, StackStep{parent < stack ? parent : 0, frame});
      parent = stack++;
    }
  }
}

}  // namespace memoir
