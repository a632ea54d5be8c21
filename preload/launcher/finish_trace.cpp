#include "launcher/finish_trace.h"

#include <fmt/chrono.h>
#include <fmt/core.h>
#include <sys/utsname.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>

#include "analyze/kept_sources.h"
#include "analyze/leaks.h"
#include "analyze/suppressions.h"
#include "analyze/units.h"
#include "symbolize/symbolize_trace.h"

namespace memoir {
namespace {

constexpr int kBarWidth = 40;

void draw_bar(double done) {
  const auto filled = static_cast<std::size_t>(std::clamp(done, 0.0, 1.0) * kBarWidth);
  fmt::print(stderr, "\rmemoir: symbols [{:<{}}] {:3.0f} %", std::string(filled, '#'),
             kBarWidth, done * 100);
  std::fflush(stderr);
}

void count_silenced_leaks(TraceWriter& writer) {
  if (!read_suppressions(writer.database()).concern("leak")) return;
  for (const SilencedLeaks& silenced : find_leaks(writer.database()).silenced) {
    writer.put_suppression(silenced.rule, silenced.blocks, silenced.bytes);
  }
}

void say_kept(const KeptSources& kept) {
  fmt::print(stderr, "memoir: {} source file{} kept ({})", format_count(kept.files),
             kept.files == 1 ? "" : "s", format_bytes(kept.bytes));
  if (kept.newer > 0) {
    fmt::print(stderr, "; {} changed since the program was built: not kept",
               format_count(kept.newer));
  }
  if (kept.too_many > 0) {
    fmt::print(stderr, "; {} more would be over {}", format_count(kept.too_many),
               format_bytes(kMostSources));
  }
  fmt::print(stderr, "\n");
}

}  // namespace

void finish_trace(TraceWriter& writer, EarlySymbols& symbols,
                  const FinishOptions& options) {
  const bool bar = !options.quiet && isatty(STDERR_FILENO) != 0;
  bool drawn = false;
  symbolize_trace(writer, symbols, [&](double done) {
    if (!bar) return;
    draw_bar(done);
    drawn = true;
  });
  count_silenced_leaks(writer);
  KeptSources kept;
  if (options.sources) kept = keep_sources(writer.database());
  writer.finish();
  // Take the bar away again.
  if (drawn) fmt::print(stderr, "\r{:<70}\r", "");
  if (options.sources && !options.quiet) say_kept(kept);
}

void describe_faults(TraceWriter& writer, const FaultBook& faults) {
  if (faults.untold() == 0) return;
  writer.put_meta("faults_untold", std::to_string(faults.untold()));
}

void describe_recording(TraceWriter& writer, const std::string& command, RunMode mode) {
  utsname system{};
  uname(&system);
  const std::time_t now =
      std::chrono::system_clock::to_time_t(std::chrono::system_clock::now());
  writer.put_meta("memoir_version", MEMOIR_VERSION);
  writer.put_meta("mode", name_of(mode));
  writer.put_meta("command", command);
  writer.put_meta("started_at", fmt::format("{:%Y-%m-%dT%H:%M:%SZ}", fmt::gmtime(now)));
  writer.put_meta("host", system.nodename);
  writer.put_meta("kernel", fmt::format("{} {}", system.sysname, system.release));
}

}  // namespace memoir
