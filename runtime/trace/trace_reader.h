#pragma once

// Opens a trace for questions: a finished one, one whose writer was killed, and one that
// is still growing. What is not a trace, or is damaged, is refused with one line.
//
// Invariants:
//  (1) database() is a connection with the `events` table, on which only make_writable()
//      lets anything be changed.
//  (2) A finished trace is opened read-only: reading leaves no file beside it.
//
// Thread safety: one thread at a time; several readers of one file are fine. Errors:
// throws Error (kTrace).

#include <filesystem>
#include <memory>
#include <string>

#include "trace/database.h"
#include "trace/recording_lock.h"

namespace memoir {

enum class TraceState {
  kComplete,  // the recording ended and was finished
  kCutShort,  // the writer died before it could finish
  kGrowing,   // the writer is at work
};

class TraceReader {
 public:
  explicit TraceReader(const std::filesystem::path& path);

  const std::filesystem::path& path() const { return path_; }
  TraceState state() const { return state_; }
  Database& database() { return *database_; }

  // A value of `meta`, or "".
  std::string meta(std::string_view key);

  // So that a trace that was cut short can be completed. False when somebody else writes
  // it or the file may not be changed; then it stays as it is.
  bool make_writable();

 private:
  std::filesystem::path path_;
  std::unique_ptr<RecordingLock> lock_;  // before database_: it must be closed after it
  std::unique_ptr<Database> database_;
  TraceState state_ = TraceState::kComplete;
};

}  // namespace memoir
