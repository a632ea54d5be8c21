#include "launcher/open_trace.h"

#include <fmt/format.h>
#include <unistd.h>

#include <cstdio>

#include "symbolize/complete_trace.h"
#include "trace/error.h"

namespace memoir {
namespace {

void show_progress(double done) {
  constexpr int kWidth = 40;
  const int filled = static_cast<int>(done * kWidth);
  fmt::print(stderr, "\rmemoir: naming functions [{:<{}}] {:3.0f}%",
             std::string(static_cast<std::size_t>(filled), '#'), kWidth, done * 100);
  if (done >= 1) fmt::print(stderr, "\r\x1b[K");
  std::fflush(stderr);
}

}  // namespace

std::unique_ptr<TraceReader> open_trace(const std::filesystem::path& path) {
  auto trace = std::make_unique<TraceReader>(path);
  const bool terminal = isatty(STDERR_FILENO) == 1;
  complete_trace(*trace, terminal ? show_progress : SymbolizeProgress());
  return trace;
}

std::optional<ProcessId> find_process(TraceReader& trace,
                                      std::optional<std::int64_t> number) {
  if (!number) return std::nullopt;
  Statement find = trace.database().prepare(
      "SELECT id FROM process WHERE id = ?1 OR pid = ?1 ORDER BY id = ?1 DESC");
  find.bind(0, *number);
  if (!find.step()) {
    throw Error(fmt::format("{}: no process {} (memoir report lists them)",
                            trace.path().string(), *number),
                ErrorKind::kUsage);
  }
  return ProcessId{static_cast<std::uint32_t>(find.integer(0))};
}

}  // namespace memoir
