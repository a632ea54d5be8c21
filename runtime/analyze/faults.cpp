#include "analyze/faults.h"

#include <fmt/format.h>

#include <algorithm>
#include <string_view>

#include "analyze/named_files.h"
#include "analyze/units.h"
#include "trace/fault_names.h"

namespace memoir {
namespace {

std::string query() {
  const auto thread_name = [](const std::string& thread) {
    return "(SELECT name FROM thread t WHERE t.process = f.process AND t.thread = f." +
           thread + ")";
  };
  return std::string("SELECT ") + kFaultColumns + ", p.pid, p.command, " +
         thread_name("thread") + ", " + thread_name("alloc_thread") + ", " +
         thread_name("free_thread") +
         ", s.function, s.file, s.line, s.module, f.kind"
         " FROM fault f LEFT JOIN process p ON p.id = f.process"
         " LEFT JOIN stack_place s ON s.stack ="
         "  CASE WHEN f.late THEN coalesce(f.alloc_stack, f.stack) ELSE f.stack END"
         " WHERE ?1 IS NULL OR f.process = ?1 ORDER BY f.id LIMIT ?2";
}

Fault read_fault(const Statement& row) {
  Fault fault;
  fault.row = read_fault_row(row);
  int column = kFaultColumnCount;
  fault.pid = row.integer(column++);
  for (std::string* text : {&fault.command, &fault.thread, &fault.alloc_thread,
                            &fault.free_thread, &fault.function, &fault.file}) {
    *text = row.text(column++);
  }
  fault.line = row.integer(column++);
  fault.module = row.text(column++);
  fault.kind = row.text(column++);
  return fault;
}

// A function without its parameters, as patterns name it.
std::string_view without_parameters(std::string_view function) {
  int depth = 0;
  for (std::size_t i = 0; i < function.size(); ++i) {
    const std::string_view before = function.substr(0, i);
    if (function[i] == '<' && !before.ends_with("operator")) ++depth;
    if (function[i] == '>' && !before.ends_with("operator") && depth > 0) --depth;
    if (function[i] != '(' || depth != 0 || i == 0) continue;
    const bool name = before.ends_with("operator") ||
                      function.substr(i).starts_with("(anonymous namespace)");
    if (!name) return before;
  }
  return function;
}

// As frames name them, so that the files are found.
void name_whole_paths(FaultRow& row, NamedFiles& files) {
  const auto name = [&files](SourcePlace& place, TraceStackId stack) {
    place.file = files.whole_path(place.file, place.line, stack);
  };
  name(row.misuse->where, row.stack);
  name(row.misuse->allocated, row.alloc_stack);
  name(row.misuse->released, row.free_stack);
}

}  // namespace

void take_named_place(Fault& fault) {
  if (!fault.row.misuse) return;
  const PoolMisuse& misuse = *fault.row.misuse;
  const SourcePlace& place =
      fault.row.late && misuse.allocated.line != 0 ? misuse.allocated : misuse.where;
  if (place.line == 0) return;
  fault.function = place.function;
  fault.file = place.file;
  fault.line = place.line;
}

FaultReport find_faults(Database& database, std::optional<ProcessId> only,
                        std::size_t most) {
  FaultReport report;
  Statement counts = database.prepare(
      "SELECT kind, count(*), CAST(total(count) AS INTEGER) FROM fault"
      " WHERE ?1 IS NULL OR process = ?1 GROUP BY kind ORDER BY 2 DESC, min(id)");
  if (only) counts.bind(0, only->value);
  while (counts.step()) {
    FaultCount& count = report.counts.emplace_back();
    count.kind = counts.text(0);
    const FaultKind kind = fault_kind(count.kind);
    count.title = kind == FaultKind::kNone ? count.kind : fault_title(kind);
    count.different = counts.natural(1);
    count.times = counts.natural(2);
    report.different += count.different;
    report.times += count.times;
  }
  report.silenced = static_cast<std::uint64_t>(
      database.query_integer("SELECT CAST(total(hits) AS INTEGER) FROM suppression WHERE "
                             "rule NOT LIKE 'leak:%'"));
  report.untold = static_cast<std::uint64_t>(
      database.query_integer("SELECT CAST(value AS INTEGER) FROM meta"
                             " WHERE key = 'faults_untold'"));
  report.were_sought = database.query_integer(
                           "SELECT count(*) FROM meta WHERE key = 'mode' AND value = "
                           "'profile'") == 0;
  if (report.different == 0 || most == 0) return report;
  Statement rows = database.prepare(query());
  if (only) rows.bind(0, only->value);
  rows.bind(1, static_cast<std::int64_t>(std::min<std::size_t>(most, INT64_MAX)));
  NamedFiles files(database);
  while (rows.step()) {
    Fault& fault = report.faults.emplace_back(read_fault(rows));
    fault.row.misuse = read_pool_misuse(database, fault.row.id);
    if (fault.row.misuse) name_whole_paths(fault.row, files);
    take_named_place(fault);
  }
  return report;
}

std::string suppression_line(const Fault& fault) {
  if (fault.function.empty()) return {};
  // All stacks lead through main.
  if (fault.function == "main" && fault.line != 0) {
    const std::size_t slash = fault.file.find_last_of('/');
    const std::string_view name = std::string_view(fault.file).substr(slash + 1);
    return fmt::format("{}:{}:{}$", fault.kind, printable(name), fault.line);
  }
  return fault.kind + ":" + printable(without_parameters(fault.function));
}

}  // namespace memoir
