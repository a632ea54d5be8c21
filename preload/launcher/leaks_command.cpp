// memoir leaks FILE: what was never freed, by call site.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "analyze/leaks.h"
#include "analyze/stacks.h"
#include "launcher/command.h"
#include "launcher/leaks_text.h"
#include "launcher/open_trace.h"
#include "launcher/query_options.h"

namespace memoir {
namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_table(const LeakReport& report, TableFormat format, std::size_t limit) {
  TableOutput table(format, {"process", "class", "blocks", "bytes", "function", "file",
                             "line", "module", "stack", "stacks"});
  for (std::size_t i = 0; i < std::min(limit, report.leaks.size()); ++i) {
    const Leak& leak = report.leaks[i];
    table.add({number_cell(leak.process.value), leak.leak_class, number_cell(leak.blocks),
               number_cell(leak.bytes), leak.function, text_cell(leak.file),
               line_cell(leak.line), text_cell(leak.module),
               number_cell(leak.heaviest_stack.value), number_cell(leak.stacks)});
  }
  print(table.finish());
}

class LeaksCommand final : public Command {
 public:
  LeaksCommand() : Command("leaks", "FILE", "what was never freed, by call site") {}

  int run(const std::vector<std::string>& args) override {
    CLI::App app("Lists what was never freed, by call site.", "memoir leaks");
    QueryOptions options;
    options.add_to(app, {"bytes", "blocks"});
    if (const auto status = parse_options(app, args)) return *status;

    const auto trace = open_trace(options.file);
    LeakReport report = find_leaks(*trace, find_process(*trace, options.process));
    if (options.sort == "blocks") {
      std::stable_sort(report.leaks.begin(), report.leaks.end(),
                       [](const Leak& a, const Leak& b) { return a.blocks > b.blocks; });
    }
    if (options.format() != TableFormat::kText) {
      print_table(report, options.format(), options.limit());
    } else {
      StackExpander expander(trace->database());
      print(render_leaks(report, options.limit(), expander, terminal_style()));
    }
    return 0;
  }
};

LeaksCommand g_leaks_command;

}  // namespace
}  // namespace memoir
