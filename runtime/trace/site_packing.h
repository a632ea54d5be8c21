#pragma once

// How the sites of a finished trace lie: most stacks have one site, and most sites have
// the same figures as another one. So a stack's row in `attribution` takes its first site
// in, and `site_figures` holds what sites have in common; `site_row`, where they lie
// while the trace grows, keeps the others. The view `site` reads all of them alike.

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "trace/database.h"
#include "trace/trace_writer.h"

namespace memoir {

// A site as its row has it: `figures` in the order of the columns of `site_figures`.
struct SiteColumns {
  static constexpr std::size_t kFigures = 11;
  using Figures = std::array<std::int64_t, kFigures>;

  Figures figures = {};
  std::int64_t first_us = 0, span_us = 0;
};
SiteColumns columns_of(const SiteRow& site);

// Packs the sites of a trace that will not change any more, inside the caller's
// transaction, and gives the pages back that are free then. Throws Error.
void pack_sites(Database& database);

// The same, of sites that lie in memory, whatever the file has of them. `frame_of`: what
// each stack is attributed to, 0 for those that need no row. Returns which sites are left
// over: `site_row` is empty, and theirs to go to.
std::vector<std::size_t> pack_sites(Database& database, std::span<const SiteRow> sites,
                                    std::span<const std::uint32_t> frame_of);

}  // namespace memoir
