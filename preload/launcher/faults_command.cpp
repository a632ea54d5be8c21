// memoir faults FILE: memory errors, in the order in which they were met.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "analyze/faults.h"
#include "analyze/stacks.h"
#include "launcher/command.h"
#include "launcher/faults_text.h"
#include "launcher/open_trace.h"
#include "launcher/query_options.h"
#include "trace/fault_names.h"

namespace memoir {
namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

Cell known_cell(std::uint64_t number) {
  return number == 0 ? Cell() : number_cell(number);
}

Cell api_cell(Api api) {
  return api == Api::kUnknown ? Cell() : text_cell(api_name(api));
}

void print_table(const FaultReport& report, TableFormat format) {
  TableOutput table(format, {"process",       "pid",
                             "kind",          "count",
                             "access",        "size",
                             "block_size",    "offset",
                             "function",      "file",
                             "line",          "module",
                             "message",       "stack",
                             "alloc_stack",   "free_stack",
                             "thread",        "alloc_thread",
                             "free_thread",   "alloc_api",
                             "free_api",      "late",
                             "damaged",       "address",
                             "block_address", "library_function",
                             "suppression",   "whole_t"});
  for (const Fault& fault : report.faults) {
    const FaultRow& row = fault.row;
    const bool block = row.place == MemoryPlace::kBlock;
    table.add({number_cell(row.process.value),
               static_cast<std::int64_t>(fault.pid),
               fault.kind,
               number_cell(row.count),
               text_cell(access_name(row.access)),
               known_cell(row.size),
               block ? number_cell(row.block_size) : Cell(),
               block ? Cell(row.offset()) : Cell(),
               text_cell(fault.function),
               text_cell(fault.file),
               line_cell(fault.line),
               text_cell(fault.module),
               row.message,
               number_cell(row.stack.value),
               known_cell(row.alloc_stack.value),
               known_cell(row.free_stack.value),
               number_cell(row.thread.value),
               known_cell(row.alloc_thread.value),
               known_cell(row.free_thread.value),
               api_cell(row.alloc_api),
               api_cell(row.free_api),
               number_cell(row.at_end ? 2
                           : row.late ? 1
                                      : 0),
               known_cell(row.damaged),
               known_cell(row.address),
               known_cell(row.block_address),
               text_cell(row.library_function),
               text_cell(suppression_line(fault)),
               row.whole_t ? number_cell(*row.whole_t) : Cell()});
  }
  print(table.finish());
}

class FaultsCommand final : public Command {
 public:
  FaultsCommand() : Command("faults", "FILE", "memory errors that were found") {}

  int run(const std::vector<std::string>& args) override {
    CLI::App app("Lists the memory errors that were found.", "memoir faults");
    QueryOptions options;
    options.add_to(app, {"met", "count"});
    if (const auto status = parse_options(app, args)) return *status;

    const auto trace = open_trace(options.file);
    const std::optional<ProcessId> only = find_process(*trace, options.process);
    FaultReport report = find_faults(trace->database(), only);
    if (options.sort == "count") {
      std::stable_sort(
          report.faults.begin(), report.faults.end(),
          [](const Fault& a, const Fault& b) { return a.row.count > b.row.count; });
    }
    if (options.limit() < report.faults.size()) report.faults.resize(options.limit());
    if (options.format() != TableFormat::kText) {
      print_table(report, options.format());
    } else {
      StackExpander expander(trace->database());
      print(render_faults(report, expander, terminal_style()));
    }
    return 0;
  }
};

FaultsCommand g_faults_command;

}  // namespace
}  // namespace memoir
