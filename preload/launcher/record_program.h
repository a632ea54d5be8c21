#pragma once

// Runs a program and records it: what `memoir run` does.
//
// Thread safety: one thread, before any other is started (it forks).

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analyze/suppressions.h"

namespace memoir {

struct RecordOptions {
  std::vector<std::string> command;
  std::optional<std::filesystem::path> output;  // none: <program>.<pid>.memoir
  bool overwrite = false;
  bool quiet = false;
  bool sources = false;                       // into the trace
  std::vector<std::string> runtime_options;   // name=value
  std::optional<std::filesystem::path> pins;  // a trace that says which sites to guard
  Suppressions suppressions;
  std::optional<int> error_exit_code;  // instead of the program's, if it had faults
};

// Returns the program's exit status, or the one for faults; dies of the signal it died
// of. Throws Error when it cannot be run or recorded.
int record_program(const RecordOptions& options);

}  // namespace memoir
