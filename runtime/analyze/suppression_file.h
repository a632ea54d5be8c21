#pragma once

// Rules that somebody wrote down while looking at a trace: `<trace>.suppressions`, beside
// it, in the lines that `memoir run --suppressions` and LeakSanitizer read. The trace
// itself stays as it is.
//
// Thread safety: functions of their arguments; who changes a file does so alone. Errors:
// throws Error (kUsage) when the file cannot be read or written, or a line is no rule.

#include <filesystem>
#include <string>

#include "analyze/suppressions.h"
#include "trace/trace_reader.h"

namespace memoir {

std::filesystem::path suppression_path(const std::filesystem::path& trace);

// No rules where there is no file.
Suppressions read_suppression_file(const std::filesystem::path& path);
// The rules that a trace was recorded with, and those beside it.
Suppressions all_suppressions(TraceReader& trace);
// At its end; does nothing when it is there.
void add_suppression(const std::filesystem::path& path, const Suppression& rule);
// Takes every line away that says so; all else stays as it is.
void remove_suppression(const std::filesystem::path& path, const Suppression& rule);

}  // namespace memoir
