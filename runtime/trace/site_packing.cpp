#include "trace/site_packing.h"

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <unordered_map>
#include <vector>

namespace memoir {
namespace {

constexpr std::size_t kFigures = 11;
using Figures = std::array<std::int64_t, kFigures>;

struct FiguresHash {
  std::size_t operator()(const Figures& figures) const noexcept {
    std::uint64_t hash = 0;
    for (const std::int64_t value : figures) {
      hash = (hash ^ static_cast<std::uint64_t>(value)) * 0x9e3779b97f4a7c15U;
      hash ^= hash >> 32;
    }
    return hash;
  }
};

struct Attribution {
  std::int64_t stack = 0, frame = 0;
  std::int64_t site = 0;  // id of the site_row that it takes in, or 0
  std::int64_t process = 0, first_us = 0, span_us = 0;
  std::uint32_t figures = 0;
};

std::vector<Attribution> read_attributions(Database& database) {
  std::vector<Attribution> all;
  Statement rows =
      database.prepare("SELECT stack, frame FROM attribution ORDER BY stack");
  while (rows.step()) {
    all.push_back({.stack = rows.integer(0), .frame = rows.integer(1)});
  }
  return all;
}

// Gives every attribution its stack's first site and writes the figures. How many sites
// are left over.
std::size_t take_sites(Database& database, std::vector<Attribution>& all) {
  Statement sites = database.prepare(
      "SELECT id, stack, process, first_us, span_us, api, allocations, allocated_bytes,"
      " frees, live_bytes, peak_blocks, under_peak_bytes, at_global_peak, temporary,"
      " min_size, size_span FROM site_row ORDER BY id");
  Statement insert =
      database.prepare("INSERT INTO site_figures VALUES(?,?,?,?,?,?,?,?,?,?,?,?)");
  std::unordered_map<Figures, std::uint32_t, FiguresHash> known;
  std::size_t left = 0;
  while (sites.step()) {
    const std::int64_t stack = sites.integer(1);
    const auto at = std::lower_bound(
        all.begin(), all.end(), stack,
        [](const Attribution& row, std::int64_t wanted) { return row.stack < wanted; });
    if (at == all.end() || at->stack != stack || at->site != 0) {
      ++left;
      continue;
    }
    Figures figures{};
    for (std::size_t i = 0; i < kFigures; ++i) {
      figures[i] = sites.integer(static_cast<int>(5 + i));
    }
    const auto [entry, is_new] =
        known.try_emplace(figures, static_cast<std::uint32_t>(known.size() + 1));
    if (is_new) {
      insert.run(entry->second, figures[0], figures[1], figures[2], figures[3],
                 figures[4], figures[5], figures[6], figures[7], figures[8], figures[9],
                 figures[10]);
    }
    at->site = sites.integer(0);
    at->process = sites.integer(2);
    at->first_us = sites.integer(3);
    at->span_us = sites.integer(4);
    at->figures = entry->second;
  }
  return left;
}

}  // namespace

void pack_sites(Database& database) {
  std::vector<Attribution> all = read_attributions(database);
  const std::size_t left = take_sites(database, all);
  if (left == 0) {
    database.execute("DELETE FROM site_row");
  } else {
    Statement remove = database.prepare("DELETE FROM site_row WHERE id = ?");
    for (const Attribution& row : all) {
      if (row.site != 0) remove.run(row.site);
    }
  }
  // Written anew, because rows that grow in their place would split every page.
  database.execute("DELETE FROM attribution");
  Statement named = database.prepare("INSERT INTO attribution VALUES(?,?,?,?,?,?)");
  Statement bare = database.prepare("INSERT INTO attribution(stack, frame) VALUES(?,?)");
  for (const Attribution& row : all) {
    if (row.site != 0) {
      named.run(row.stack, row.frame, row.process, row.figures, row.first_us,
                row.span_us);
    } else {
      bare.run(row.stack, row.frame);
    }
  }
  database.execute("PRAGMA incremental_vacuum");
}

}  // namespace memoir
