#include "trace/site_packing.h"

#include <algorithm>
#include <cstddef>
#include <unordered_map>

#include "trace/row_batch.h"

namespace memoir {
namespace {

using Figures = SiteColumns::Figures;

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

// Writes each combination of figures once.
class FiguresTable {
 public:
  explicit FiguresTable(Database& database)
      : insert_(database.prepare(
            "INSERT INTO site_figures VALUES(?,?,?,?,?,?,?,?,?,?,?,?)")) {}

  std::uint32_t id(const Figures& figures) {
    const auto [entry, is_new] =
        known_.try_emplace(figures, static_cast<std::uint32_t>(known_.size() + 1));
    if (is_new) {
      insert_.run(entry->second, figures[0], figures[1], figures[2], figures[3],
                  figures[4], figures[5], figures[6], figures[7], figures[8], figures[9],
                  figures[10]);
    }
    return entry->second;
  }

 private:
  Statement insert_;
  std::unordered_map<Figures, std::uint32_t, FiguresHash> known_;
};

struct Attribution {
  std::int64_t stack = 0, frame = 0;
  std::int64_t site = 0;  // id of the site_row that it takes in, or 0
  std::int64_t process = 0, first_us = 0, span_us = 0;
  std::uint32_t figures = 0;  // 0: no site
};

// Writes attributions anew, by stack: rows that grow in their place would split every
// page.
class AttributionTable {
 public:
  explicit AttributionTable(Database& database) : rows_(database, "attribution", 6) {
    database.execute("DELETE FROM attribution");
  }

  void put(const Attribution& row) {
    if (row.figures != 0) {
      rows_.put(
          {row.stack, row.frame, row.process, row.figures, row.first_us, row.span_us});
    } else {
      rows_.put({row.stack, row.frame, {}, {}, {}, {}});
    }
  }
  void finish() { rows_.flush(); }

 private:
  RowBatch rows_;
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
  FiguresTable known(database);
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
    for (std::size_t i = 0; i < figures.size(); ++i) {
      figures[i] = sites.integer(static_cast<int>(5 + i));
    }
    at->site = sites.integer(0);
    at->process = sites.integer(2);
    at->first_us = sites.integer(3);
    at->span_us = sites.integer(4);
    at->figures = known.id(figures);
  }
  return left;
}

}  // namespace

SiteColumns columns_of(const SiteRow& site) {
  constexpr std::uint64_t kMicrosecond = 1000;
  const auto number = [](std::uint64_t value) {
    return static_cast<std::int64_t>(value);
  };
  const std::uint64_t first_us = site.first_t / kMicrosecond;
  return {{static_cast<std::int64_t>(site.api), number(site.allocations),
           number(site.allocated_bytes), number(site.frees), number(site.live_bytes),
           number(site.peak_blocks), number(site.allocated_bytes - site.peak_bytes),
           number(site.at_global_peak), number(site.temporary), number(site.min_size),
           number(site.max_size - site.min_size)},
          number(first_us),
          number(site.last_t / kMicrosecond - first_us)};
}

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
  AttributionTable table(database);
  for (const Attribution& row : all) table.put(row);
  table.finish();
  database.execute("PRAGMA incremental_vacuum");
}

std::vector<std::size_t> pack_sites(Database& database, std::span<const SiteRow> sites,
                                    std::span<const std::uint32_t> frame_of) {
  std::vector<std::size_t> left;
  std::vector<std::uint32_t> site_of(frame_of.size());  // index + 1; 0: none
  for (std::size_t i = 0; i < sites.size(); ++i) {
    const std::uint32_t stack = sites[i].stack.value;
    if (stack < frame_of.size() && frame_of[stack] != 0 && site_of[stack] == 0) {
      site_of[stack] = static_cast<std::uint32_t>(i + 1);
    } else {
      left.push_back(i);
    }
  }
  database.execute("DELETE FROM site_row");
  FiguresTable figures(database);
  AttributionTable table(database);
  for (std::size_t stack = 1; stack < frame_of.size(); ++stack) {
    if (frame_of[stack] == 0) continue;
    Attribution row{.stack = static_cast<std::int64_t>(stack), .frame = frame_of[stack]};
    if (site_of[stack] != 0) {
      const SiteRow& site = sites[site_of[stack] - 1];
      const SiteColumns columns = columns_of(site);
      row.process = site.process.value;
      row.figures = figures.id(columns.figures);
      row.first_us = columns.first_us;
      row.span_us = columns.span_us;
    }
    table.put(row);
  }
  table.finish();
  database.execute("PRAGMA incremental_vacuum");
  return left;
}

}  // namespace memoir
