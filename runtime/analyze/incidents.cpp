#include "analyze/incidents.h"

#include <algorithm>
#include <limits>

namespace memoir {
namespace {

std::int64_t limit_of(std::size_t most) {
  constexpr auto kAll =
      static_cast<std::size_t>(std::numeric_limits<std::int64_t>::max());
  return static_cast<std::int64_t>(std::min(most, kAll));
}

std::uint64_t count_rows(Database& database, const char* sql,
                         std::optional<ProcessId> only) {
  Statement row = database.prepare(sql);
  if (only) row.bind(0, only->value);
  return row.step() ? row.natural(0) : 0;
}

}  // namespace

FailureReport find_failures(Database& database, std::optional<ProcessId> only,
                            std::size_t most) {
  FailureReport report;
  report.count = count_rows(database,
                            "SELECT CAST(total(count) AS INTEGER) FROM failure"
                            " WHERE ?1 IS NULL OR process = ?1",
                            only);
  if (report.count == 0) return report;
  Statement row = database.prepare(
      "SELECT function, file, module, api, line, CAST(total(count) AS INTEGER),"
      " CAST(total(bytes) AS INTEGER) FROM failures"
      " WHERE ?1 IS NULL OR process = ?1"
      " GROUP BY function, file, line, module, api ORDER BY 6 DESC, 1 LIMIT ?2");
  if (only) row.bind(0, only->value);
  row.bind(1, limit_of(most));
  while (row.step()) {
    FailedSite& site = report.sites.emplace_back();
    site.function = row.text(0);
    site.file = row.text(1);
    site.module = row.text(2);
    site.api = row.text(3);
    site.line = row.integer(4);
    site.count = row.natural(5);
    site.bytes = row.natural(6);
  }
  return report;
}

MarkReport find_marks(Database& database, std::optional<ProcessId> only,
                      std::size_t most) {
  MarkReport report;
  report.count = count_rows(
      database, "SELECT count(*) FROM mark WHERE ?1 IS NULL OR process = ?1", only);
  if (report.count == 0) return report;
  Statement row = database.prepare(
      "SELECT process, t, name FROM mark WHERE ?1 IS NULL OR process = ?1"
      " ORDER BY t LIMIT ?2");
  if (only) row.bind(0, only->value);
  row.bind(1, limit_of(most));
  while (row.step()) {
    report.marks.push_back({{static_cast<std::uint32_t>(row.integer(0))},
                            row.natural(1),
                            std::string(row.text(2))});
  }
  return report;
}

}  // namespace memoir
