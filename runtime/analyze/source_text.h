#pragma once

// The source text of a file that a trace names: as the trace keeps it, or as it lies on
// disk, perhaps elsewhere than where it was built.
//
// Thread safety: as the Database. Errors: throws Error (kTrace) for a trace that is
// damaged; a file that is not there is no error.

#include <cstdint>
#include <filesystem>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "trace/database.h"
#include "trace/trace_reader.h"

namespace memoir {

// Files below `from` are to be found below `to`.
struct SourcePathRule {
  std::string from, to;
};

struct SourceText {
  enum class Origin { kMissing, kTrace, kDisk };

  Origin origin = Origin::kMissing;
  std::vector<std::string> lines;  // without their ends
  std::filesystem::path path;      // on disk; where it was looked for when it is missing
  std::string why_missing;         // in words
  // On disk: changed after the program was built, or after it was recorded: lines may
  // have moved.
  bool newer_than_module = false, newer_than_trace = false;

  bool may_differ() const { return newer_than_module || newer_than_trace; }
};

// The path by the rule with the longest `from` that fits, which counts whole folders; as
// it is where none does.
std::string substitute_path(std::string_view path, std::span<const SourcePathRule> rules);

// When a recording began, in seconds since 1970; nothing when the trace does not say.
std::optional<std::int64_t> recording_time(TraceReader& trace);

struct SourceRequest {
  std::string_view file;                 // as frames name it
  std::string_view module;               // path of the program or library, may be ""
  std::optional<std::int64_t> recorded;  // recording_time()
};

SourceText find_source(Database& database, const SourceRequest& request,
                       std::span<const SourcePathRule> rules = {});

}  // namespace memoir
