#pragma once

// How every command that answers from a trace opens it.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "trace/ids.h"
#include "trace/trace_reader.h"

namespace memoir {

// Opens a trace. One that was cut short before its addresses were named is completed
// first, with a bar on stderr if that is a terminal; where that is not possible, reports
// show module+0xoffset. Throws Error (kTrace).
std::unique_ptr<TraceReader> open_trace(const std::filesystem::path& path);

// The process that --process means: its number in the trace, or else its pid. Throws
// Error (kUsage) when there is none.
std::optional<ProcessId> find_process(TraceReader& trace,
                                      std::optional<std::int64_t> number);

}  // namespace memoir
