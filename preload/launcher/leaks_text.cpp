#include "launcher/leaks_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyze/short_name.h"
#include "analyze/units.h"
#include "launcher/stack_text.h"

namespace memoir {
namespace {

constexpr std::size_t kLeakIndent = 4;
constexpr std::size_t kLeakFrames = 40;

std::string render_leak(const Leak& leak, const LeakReport& report, std::size_t number,
                        bool several_processes, StackExpander& expander,
                        const TextStyle& style) {
  std::string text = fmt::format(
      "{:>2} {} {:>6}  {}", number,
      style.figure(fmt::format("{:>11}", format_bytes(leak.bytes))),
      format_percent(leak.bytes, report.bytes), format_things(leak.blocks, "block"));
  if (leak.leak_class != "unknown") text += "  " + style.dim(printable(leak.leak_class));
  if (several_processes) {
    text += "  " + style.dim(fmt::format("process {}", leak.process.value));
  }
  const std::string function = short_name(leak.function, style.width - kLeakIndent);
  text += "\n" + std::string(kLeakIndent, ' ') + style.bold(function) + "\n";
  const std::string place =
      long_location(leak.file, leak.line, leak.module, style.width - kLeakIndent - 3);
  if (!place.empty())
    text += std::string(kLeakIndent, ' ') + style.dim("at " + place) + "\n";
  text += render_stack(expander.expand(leak.heaviest_stack), kLeakIndent + 2, kLeakFrames,
                       style);
  if (leak.stacks > 1) {
    text += fmt::format("      {}\n",
                        style.dim(fmt::format("the heaviest of {} stacks, with {}",
                                              format_count(leak.stacks),
                                              format_bytes(leak.heaviest_bytes))));
  }
  return text;
}

std::string render_silenced(const LeakReport& report, const TextStyle& style) {
  std::string text;
  for (const SilencedLeaks& silenced : report.silenced) {
    text += style.dim(fmt::format("{} in {} silenced by {}", format_bytes(silenced.bytes),
                                  format_things(silenced.blocks, "block"),
                                  printable(silenced.rule))) +
            "\n";
  }
  return text.empty() ? text : "\n" + text;
}

}  // namespace

std::string render_leaks(const LeakReport& report, std::size_t most,
                         StackExpander& expander, const TextStyle& style) {
  if (report.leaks.empty()) {
    return report.silenced.empty() ? "No leaks: every block was freed.\n"
                                   : "No leaks.\n" + render_silenced(report, style);
  }
  const bool several_processes =
      std::any_of(report.leaks.begin(), report.leaks.end(), [&report](const Leak& leak) {
        return leak.process != report.leaks.front().process;
      });
  std::string text =
      style.bold(fmt::format("Leaked: {} in {} from {}", format_bytes(report.bytes),
                             format_things(report.blocks, "block"),
                             format_things(report.leaks.size(), "call site")));
  text += "\n";
  const std::size_t shown = std::min(most, report.leaks.size());
  for (std::size_t i = 0; i < shown; ++i) {
    text += "\n" + render_leak(report.leaks[i], report, i + 1, several_processes,
                               expander, style);
  }
  if (shown < report.leaks.size()) {
    text +=
        "\n" +
        style.dim(fmt::format("{} more (--top N shows them)",
                              format_things(report.leaks.size() - shown, "call site"))) +
        "\n";
  }
  return text + render_silenced(report, style);
}

}  // namespace memoir
