// memoir sql FILE ["select ..."]: SQL over everything, the events included.

#include <sqlite3.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <iostream>

#include "analyze/table_output.h"
#include "launcher/command.h"
#include "launcher/open_trace.h"
#include "launcher/result_table.h"
#include "trace/error.h"

namespace memoir {
namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Cell read_cell(const Statement& row, int column) {
  switch (sqlite3_column_type(row.raw(), column)) {
    case SQLITE_NULL:
      return {};
    case SQLITE_INTEGER:
      return row.integer(column);
    case SQLITE_FLOAT:
      return sqlite3_column_double(row.raw(), column);
    default:
      return std::string(row.text(column));
  }
}

template <typename Table>
void print_rows(Statement& rows, Table& table) {
  std::size_t pending = 0;
  while (rows.step()) {
    std::vector<Cell> cells;
    cells.reserve(static_cast<std::size_t>(rows.columns()));
    for (int i = 0; i < rows.columns(); ++i) cells.push_back(read_cell(rows, i));
    table.add(cells);
    if (++pending % 1024 == 0) print(table.take());
  }
  print(table.finish());
}

// What is wrong with the query is the user's mistake, not the trace's.
Statement prepare(TraceReader& trace, const std::string& sql) {
  try {
    return trace.database().prepare(sql);
  } catch (const Error&) {
    if ((sqlite3_errcode(trace.database().raw()) & 0xff) != SQLITE_ERROR) throw;
    throw Error(sqlite3_errmsg(trace.database().raw()), ErrorKind::kUsage);
  }
}

void answer(TraceReader& trace, const std::string& sql, TableFormat format) {
  Statement rows = prepare(trace, sql);
  if (rows.raw() == nullptr) return;  // a comment, or nothing
  std::vector<std::string> columns;
  columns.reserve(static_cast<std::size_t>(rows.columns()));
  for (int i = 0; i < rows.columns(); ++i) columns.emplace_back(rows.column_name(i));
  if (format == TableFormat::kText) {
    ResultTable table(columns);
    print_rows(rows, table);
  } else {
    TableOutput table(format, columns);
    print_rows(rows, table);
  }
}

// Statements from stdin, each ended by a semicolon. On a terminal a mistake does not end
// the session.
int answer_all(TraceReader& trace, TableFormat format) {
  const bool terminal = isatty(STDIN_FILENO) == 1;
  std::string sql, line;
  const auto prompt = [&] {
    if (terminal) std::fputs(sql.empty() ? "memoir> " : "   ...> ", stderr);
  };
  for (prompt(); std::getline(std::cin, line); prompt()) {
    sql += line + "\n";
    if (sqlite3_complete(sql.c_str()) == 0) continue;
    try {
      answer(trace, sql, format);
      std::fflush(stdout);
    } catch (const Error& error) {
      if (!terminal) throw;
      std::fprintf(stderr, "%s\n", error.what());
    }
    sql.clear();
  }
  if (sql.find_first_not_of(" \t\n") != std::string::npos) answer(trace, sql, format);
  return 0;
}

class SqlCommand final : public Command {
 public:
  SqlCommand()
      : Command("sql", "FILE [\"select ...\"]", "SQL over everything, events included") {}

  int run(const std::vector<std::string>& args) override {
    CLI::App app(
        "Answers SQL from a trace, read-only. Without a statement it reads them from "
        "its\n"
        "input. Views: processes sites leaks faults pools pool_events marks threads\n"
        "stack_frames stack_text timeline_1s; and the tables events(process, seq, t, "
        "kind, thread,\n"
        "address, size, stack, pool, api, old_address, old_size, alignment) and blocks,\n"
        "what was live at the end, with the same columns.",
        "memoir sql");
    std::string file, sql;
    bool csv = false, json = false;
    app.add_option("FILE", file, "the trace")->required();
    app.add_option("SQL", sql, "one statement");
    CLI::Option* as_csv = app.add_flag("--csv", csv, "comma-separated values (RFC 4180)");
    app.add_flag("--json", json, "an array with an object per row")->excludes(as_csv);
    if (const auto status = parse_options(app, args)) return *status;

    const auto trace = open_trace(file);
    trace->database().execute("PRAGMA query_only=1");
    const TableFormat format = json  ? TableFormat::kJson
                               : csv ? TableFormat::kCsv
                                     : TableFormat::kText;
    if (sql.empty()) return answer_all(*trace, format);
    answer(*trace, sql, format);
    return 0;
  }
};

SqlCommand g_sql_command;

}  // namespace
}  // namespace memoir
