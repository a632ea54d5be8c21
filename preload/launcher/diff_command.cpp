// memoir diff OLD NEW: what grew, what went, what is new.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "analyze/compare.h"
#include "analyze/hotspots.h"
#include "analyze/table_output.h"
#include "launcher/command.h"
#include "launcher/diff_text.h"
#include "launcher/open_trace.h"
#include "launcher/query_options.h"

namespace memoir {
namespace {

struct RecordedCosts {
  Stacks stacks;
  std::vector<StackCost> costs;
};

RecordedCosts read_costs(const std::string& file, SiteKind kind, SiteOrder order) {
  const auto trace = open_trace(file);
  return {std::make_shared<const StackStore>(trace->database()),
          site_costs(read_sites(trace->database(), kind), order)};
}

std::string render_table(const Comparison& comparison, TableFormat format,
                         std::size_t limit) {
  TableOutput table(
      format, {"change", "function", "file", "line", "module", "old", "new", "delta",
               "delta_percent", "old_blocks", "new_blocks", "stacks"});
  for (const ChangedSite& site : comparison.sites()) {
    const ChangedFigures& figures = site.figures;
    if (figures.change() == Change::kSame || limit-- == 0) break;
    table.add({std::string(change_name(figures.change())), site.function,
               text_cell(site.file), line_cell(site.line), text_cell(site.module),
               figures.before, figures.after, figures.delta(),
               figures.before == 0 ? Cell() : Cell(figures.delta_percent()),
               figures.before_count, figures.after_count, number_cell(site.stacks)});
  }
  return table.finish();
}

class DiffCommand final : public Command {
 public:
  DiffCommand() : Command("diff", "OLD NEW", "what grew, what went, what is new") {}

  int run(const std::vector<std::string>& args) override {
    CLI::App app(
        "Compares two traces call site by call site. Call sites are matched by function\n"
        "and module, so that another build may be compared, too.",
        "memoir diff");
    DiffOptions options;
    options.add_to(app);
    if (const auto status = parse_options(app, args)) return *status;

    const SiteKind kind = options.mappings ? SiteKind::kMapping : SiteKind::kHeap;
    const SiteOrder order = parse_site_order(options.sort).value();
    const RecordedCosts before = read_costs(options.old_file, kind, order);
    const RecordedCosts after = read_costs(options.new_file, kind, order);
    const Comparison comparison({before.stacks, before.costs},
                                {after.stacks, after.costs});
    const std::string text =
        options.format() == TableFormat::kText
            ? render_diff(comparison, order, options.limit(), terminal_style())
            : render_table(comparison, options.format(), options.limit());
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }

 private:
  struct DiffOptions : QueryOptions {
    std::string old_file, new_file;
    bool mappings = false;

    void add_to(CLI::App& app) {
      sort = site_order_name(SiteOrder::kLeaked);
      std::vector<std::string> keys;
      for (const SiteOrder order : kSiteOrders) keys.emplace_back(site_order_name(order));
      app.add_option("OLD", old_file, "the trace to start from")->required();
      app.add_option("NEW", new_file, "the trace to compare with it")->required();
      app.add_option("--sort", sort, "the figure that is compared")
          ->capture_default_str()
          ->check(CLI::IsMember(keys));
      add_table_options(app);
      app.add_flag("--mappings", mappings,
                   "call sites of mmap and sbrk instead of the heap's");
    }
  };
};

DiffCommand g_diff_command;

}  // namespace
}  // namespace memoir
