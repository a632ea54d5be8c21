#include "launcher/pools_text.h"

#include <fmt/format.h>

#include <algorithm>

#include "analyze/short_name.h"
#include "analyze/units.h"
#include "launcher/stack_text.h"

namespace memoir {
namespace {

std::string render_name(const Pool& pool) {
  const std::string kind = pool.row.kind.empty() ? "pool" : printable(pool.row.kind);
  return pool.row.name.empty() ? fmt::format("{} {}", kind, pool.row.pool)
                               : fmt::format("{} \"{}\"", kind, printable(pool.row.name));
}

std::string render_place(const std::string& function, const std::string& file,
                         std::int64_t line, const TextStyle& style) {
  const std::string place =
      shorten_front(short_location(function, file, line, ""), style.width / 2);
  const std::string name = short_name(function, style.width - 8 - display_width(place));
  return name + (place.empty() ? "" : "  " + style.dim(place));
}

std::string render_events(const std::vector<PoolEventSum>& events,
                          const TextStyle& style) {
  std::string text;
  for (const PoolEventSum& event : events) {
    text += fmt::format("{}{} {}", text.empty() ? "also: " : ", ",
                        format_count(event.count), printable(event.kind));
  }
  return "    " + shorten_middle(text, style.width - 4) + "\n";
}

std::string render_pool(const Pool& pool, std::size_t number, const TextStyle& style) {
  const PoolRow& row = pool.row;
  std::string text = fmt::format("{:>2}. {}", number, style.bold(render_name(pool)));
  if (row.parent != 0) text += fmt::format(", in pool {}", row.parent);
  if (row.ended) {
    text += style.dim(row.instances == 1 ? "  destroyed"
                                         : fmt::format("  {} of them, destroyed",
                                                       format_count(row.instances)));
  }
  text += "\n";
  if (!pool.function.empty()) {
    text +=
        "    made by " + render_place(pool.function, pool.file, pool.line, style) + "\n";
  }
  text += fmt::format("    peak {}, {} allocations, {} frees",
                      style.figure(format_bytes(row.peak_bytes)),
                      format_count(row.allocations), format_count(row.frees));
  if (row.resets != 0) text += ", " + format_things(row.resets, "reset");
  text += row.live_blocks == 0
              ? "; nothing is live\n"
              : fmt::format("; live: {} in {}\n", format_bytes(row.live_bytes),
                            format_things(row.live_blocks, "block"));
  if (!pool.events.empty()) text += render_events(pool.events, style);
  for (const PoolSite& site : pool.sites) {
    text +=
        fmt::format("    {:>11} {:>12} {}\n", format_bytes(site.figures.allocated_bytes),
                    format_things(site.figures.allocations, "block"),
                    render_place(site.function, site.file, site.line, style));
    if (site.figures.live_blocks != 0) {
      text +=
          fmt::format("{:>28} {}\n", "",
                      style.warning(fmt::format("{} of them live",
                                                format_count(site.figures.live_blocks))));
    }
  }
  return text;
}

}  // namespace

std::string render_pools(const std::vector<Pool>& pools, std::size_t most,
                         const TextStyle& style) {
  if (pools.empty()) {
    return "No pools: the program told of none. Its own pools tell of themselves through "
           "memoir/track.h.\n";
  }
  std::string text = style.bold(format_things(pools.size(), "pool")) + "\n";
  const std::size_t shown = std::min(most, pools.size());
  for (std::size_t i = 0; i < shown; ++i) {
    text += "\n" + render_pool(pools[i], i + 1, style);
  }
  if (shown < pools.size()) {
    text += "\n" +
            style.dim(fmt::format("{} more (--top N shows them)",
                                  format_things(pools.size() - shown, "pool"))) +
            "\n";
  }
  return text;
}

}  // namespace memoir
