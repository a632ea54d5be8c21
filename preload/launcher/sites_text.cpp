#include "launcher/sites_text.h"

#include <fmt/format.h>

#include "analyze/short_name.h"
#include "analyze/units.h"
#include "launcher/stack_text.h"

namespace memoir {
namespace {

constexpr std::size_t kColumnWidth = 13;

struct Column {
  SiteOrder order;
  const char* title;
};

constexpr Column kColumns[] = {
    {SiteOrder::kLeaked, "LEAKED"},    {SiteOrder::kAtPeak, "PEAK"},
    {SiteOrder::kOwnPeak, "OWN-PEAK"}, {SiteOrder::kAllocated, "ALLOCATED"},
    {SiteOrder::kCount, "COUNT"},      {SiteOrder::kTemporary, "TEMPORARY"},
};

std::string render_value(const SiteFigures& figures, SiteOrder order) {
  const bool counts = order == SiteOrder::kCount || order == SiteOrder::kTemporary;
  const std::uint64_t value = figures.value(order);
  return fmt::format("{:>{}}", counts ? format_count(value) : format_bytes(value),
                     kColumnWidth);
}

std::string render_line(const SiteFigures& figures, SiteOrder order,
                        const TextStyle& style) {
  std::string line;
  for (const Column& column : kColumns) {
    const std::string value = render_value(figures, column.order);
    line += column.order == order ? style.figure(value) : value;
  }
  return line + "\n";
}

std::string render_name(const CallSite& site, const TextStyle& style) {
  const std::string place = shorten_front(
      short_location(site.function, site.file, site.line, site.module), style.width / 2);
  const std::string function =
      short_name(site.function, style.width - 6 - display_width(place));
  return fmt::format("    {}{}{}\n", style.bold(function), place.empty() ? "" : "  ",
                     style.dim(place));
}

}  // namespace

std::string render_sites(const std::vector<CallSite>& top, SiteOrder order,
                         const CallSites& sites, const TextStyle& style) {
  if (top.empty()) return "No call sites: nothing was allocated.\n";
  std::string header;
  for (const Column& column : kColumns) {
    const std::string title = fmt::format("{:>{}}", column.title, kColumnWidth);
    header += column.order == order ? style.bold(title) : style.dim(title);
  }
  std::string text =
      header + "\n" + render_line(sites.total(), order, style) +
      fmt::format("    all {}\n", format_things(sites.size(), "call site"));
  for (const CallSite& site : top) {
    text += "\n" + render_line(site.figures, order, style) + render_name(site, style);
  }
  return text;
}

}  // namespace memoir
