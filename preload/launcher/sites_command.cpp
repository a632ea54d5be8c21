// memoir sites FILE: every call site and its figures.

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <cstdio>

#include "analyze/hotspots.h"
#include "launcher/command.h"
#include "launcher/open_trace.h"
#include "launcher/query_options.h"
#include "launcher/sites_text.h"

namespace memoir {
namespace {

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_table(const std::vector<CallSite>& sites, TableFormat format) {
  TableOutput table(format,
                    {"function", "file", "line", "module", "api", "allocations", "frees",
                     "allocated_bytes", "live_blocks", "live_bytes", "peak_bytes",
                     "at_global_peak", "temporary", "stack", "stacks"});
  for (const CallSite& site : sites) {
    const SiteFigures& figures = site.figures;
    table.add({site.function, text_cell(site.file), line_cell(site.line),
               text_cell(site.module), site.api, number_cell(figures.allocations),
               number_cell(figures.frees), number_cell(figures.allocated_bytes),
               number_cell(figures.live_blocks), number_cell(figures.live_bytes),
               number_cell(figures.peak_bytes), number_cell(figures.at_global_peak),
               number_cell(figures.temporary), number_cell(site.heaviest_stack.value),
               number_cell(site.stacks)});
  }
  print(table.finish());
}

class SitesCommand final : public Command {
 public:
  SitesCommand() : Command("sites", "FILE", "every call site and its figures") {}

  int run(const std::vector<std::string>& args) override {
    CLI::App app("Lists the call sites that allocate, and their figures.",
                 "memoir sites");
    QueryOptions options;
    std::vector<std::string> keys;
    keys.reserve(kSiteOrders.size());
    for (const SiteOrder order : kSiteOrders) keys.emplace_back(site_order_name(order));
    options.add_to(app, keys);
    bool mappings = false;
    app.add_flag("--mappings", mappings,
                 "call sites of mmap and sbrk instead of the heap's");
    if (const auto status = parse_options(app, args)) return *status;

    const auto trace = open_trace(options.file);
    const CallSites sites(trace->database(),
                          mappings ? SiteKind::kMapping : SiteKind::kHeap,
                          find_process(*trace, options.process));
    const SiteOrder order = parse_site_order(options.sort).value();
    const std::vector<CallSite> top = sites.top(order, options.limit());
    if (options.format() == TableFormat::kText) {
      print(render_sites(top, order, sites, terminal_style()));
    } else {
      print_table(top, options.format());
    }
    return 0;
  }
};

SitesCommand g_sites_command;

}  // namespace
}  // namespace memoir
