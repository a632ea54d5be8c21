#include "launcher/diff_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyze/short_name.h"
#include "analyze/units.h"
#include "launcher/stack_text.h"

namespace memoir {
namespace {

constexpr std::size_t kColumnWidth = 13;
constexpr std::size_t kDiffIndent = 4;

// What people call the figure: "leaked 1.5 KiB".
std::string_view verb(SiteOrder order) {
  switch (order) {
    case SiteOrder::kLeaked:
      return "Leaked";
    case SiteOrder::kAtPeak:
      return "At the peak";
    case SiteOrder::kOwnPeak:
      return "Peaks of call sites";
    case SiteOrder::kAllocated:
      return "Allocated";
    case SiteOrder::kCount:
      return "Allocations";
    case SiteOrder::kTemporary:
      return "Temporary allocations";
  }
  return "";
}

std::string figure(std::int64_t value, bool counts) {
  const std::uint64_t magnitude =
      value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value)
                : static_cast<std::uint64_t>(value);
  return (value < 0 ? "-" : "") +
         (counts ? format_count(magnitude) : format_bytes(magnitude));
}

std::string with_sign(std::int64_t value, bool counts) {
  return (value > 0 ? "+" : "") + figure(value, counts);
}

std::string percent(const ChangedFigures& figures) {
  if (figures.before == 0 || figures.after == 0) return "";
  // More than that says nothing.
  if (figures.delta_percent() >= 99'999.5) return ">99,999%";
  return fmt::format("{:+.1f}%", figures.delta_percent());
}

std::string render_line(const ChangedFigures& figures, bool counts,
                        const TextStyle& style) {
  const auto column = [](const std::string& text) {
    return fmt::format("{:>{}}", text, kColumnWidth);
  };
  std::string line = column(figure(figures.before, counts)) +
                     column(figure(figures.after, counts)) +
                     style.figure(column(with_sign(figures.delta(), counts))) +
                     fmt::format("{:>10}", percent(figures));
  const std::int64_t blocks = figures.after_count - figures.before_count;
  if (!counts && blocks != 0) {
    line += "  " + with_sign(blocks, true) +
            (blocks == 1 || blocks == -1 ? " block" : " blocks");
  }
  return line;
}

}  // namespace

std::string render_diff(const Comparison& comparison, SiteOrder order, std::size_t most,
                        const TextStyle& style) {
  const bool counts = order == SiteOrder::kCount || order == SiteOrder::kTemporary;
  const std::vector<ChangedSite>& sites = comparison.sites();
  const auto first_same = std::find_if(
      sites.begin(), sites.end(),
      [](const ChangedSite& site) { return site.figures.change() == Change::kSame; });
  const auto changed = static_cast<std::size_t>(first_same - sites.begin());
  const auto column = [](std::string_view title) {
    return fmt::format("{:>{}}", title, kColumnWidth);
  };
  std::string text =
      style.bold(verb(order)) + "\n" + style.dim(column("OLD") + column("NEW")) +
      style.bold(column("CHANGE")) + "\n" +
      render_line(comparison.total(), counts, style) + "\n" +
      fmt::format("    all {}, {} changed\n", format_things(sites.size(), "call site"),
                  changed == 0 ? "none" : format_count(changed));
  for (std::size_t i = 0; i < std::min(most, changed); ++i) {
    const ChangedSite& site = sites[i];
    const std::string tag = fmt::format("{:<8}", change_name(site.figures.change()));
    const std::string place =
        shorten_front(short_location(site.function, site.file, site.line, site.module),
                      style.width / 2);
    const std::size_t taken = kDiffIndent + tag.size() + display_width(place) + 2;
    const std::string function =
        short_name(site.function, style.width > taken ? style.width - taken : 0);
    text +=
        "\n" + render_line(site.figures, counts, style) + "\n" +
        fmt::format("{}{}{}{}{}\n", std::string(kDiffIndent, ' '), tag,
                    style.bold(function), place.empty() ? "" : "  ", style.dim(place));
  }
  if (changed > most) {
    text += "\n" +
            style.dim(fmt::format("{} more (--top N shows them)",
                                  format_things(changed - most, "call site"))) +
            "\n";
  }
  return text;
}

}  // namespace memoir
