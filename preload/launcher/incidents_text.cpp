#include "launcher/incidents_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyze/short_name.h"
#include "analyze/units.h"
#include "launcher/stack_text.h"

namespace memoir {
namespace {

std::string end_line(std::uint64_t more, const TextStyle& style) {
  return more == 0 ? ""
                   : style.dim(fmt::format("  and {} more", format_count(more))) + "\n";
}

}  // namespace

std::string render_failures(const FailureReport& failures, const TextStyle& style) {
  if (failures.count == 0) return {};
  std::string text =
      style.bold(
          fmt::format("Made to fail: {}", format_things(failures.count, "allocation"))) +
      "\n";
  std::uint64_t shown = 0;
  for (const FailedSite& site : failures.sites) {
    constexpr std::size_t kIndent = 5;
    shown += site.count;
    const std::string function = short_name(site.function, style.width - kIndent);
    const std::size_t room =
        style.width - std::min(style.width, kIndent + display_width(function) + 4);
    const std::string place =
        long_location(site.file, site.line, site.module, std::max<std::size_t>(room, 20));
    text += fmt::format("  {:>6} {} of {} by {}\n", format_count(site.count),
                        site.count == 1 ? "time " : "times", format_bytes(site.bytes),
                        printable(site.api));
    text += fmt::format("{:{}}{}{}\n", "", kIndent, style.bold(function),
                        place.empty() ? "" : style.dim(" at " + place));
  }
  return text + end_line(failures.count - std::min(shown, failures.count), style) + "\n";
}

std::string render_marks(const MarkReport& marks, bool several, const TextStyle& style) {
  if (marks.count == 0) return {};
  std::string text = style.bold("Marks") + "\n";
  for (const Mark& mark : marks.marks) {
    text += fmt::format(
        "  {:>10}  {}{}\n", format_duration(mark.t), printable(mark.name),
        several ? style.dim(fmt::format("  (process {})", mark.process.value)) : "");
  }
  return text + end_line(marks.count - marks.marks.size(), style) + "\n";
}

}  // namespace memoir
