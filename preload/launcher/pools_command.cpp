// memoir pools FILE: every pool, its figures and the call sites of its blocks.

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "analyze/pools.h"
#include "launcher/command.h"
#include "launcher/open_trace.h"
#include "launcher/pools_text.h"
#include "launcher/query_options.h"

namespace memoir {
namespace {

constexpr std::size_t kSitesShown = 5;

void print(const std::string& text) { std::fwrite(text.data(), 1, text.size(), stdout); }

void print_table(const std::vector<Pool>& pools, TableFormat format, std::size_t limit) {
  TableOutput table(
      format, {"process", "pool", "parent", "kind", "name", "function", "file", "line",
               "allocations", "frees", "live_blocks", "live_bytes", "peak_bytes",
               "resets", "destroyed", "instances"});
  for (std::size_t i = 0; i < std::min(limit, pools.size()); ++i) {
    const Pool& pool = pools[i];
    const PoolRow& row = pool.row;
    table.add({number_cell(row.process.value), number_cell(row.pool),
               number_cell(row.parent), text_cell(row.kind), text_cell(row.name),
               text_cell(pool.function), text_cell(pool.file), line_cell(pool.line),
               number_cell(row.allocations), number_cell(row.frees),
               number_cell(row.live_blocks), number_cell(row.live_bytes),
               number_cell(row.peak_bytes), number_cell(row.resets),
               number_cell(row.ended ? 1 : 0), number_cell(row.instances)});
  }
  print(table.finish());
}

class PoolsCommand final : public Command {
 public:
  PoolsCommand() : Command("pools", "FILE", "pools, arenas and their blocks") {}

  int run(const std::vector<std::string>& args) override {
    CLI::App app("Lists pools and arenas, and who got their blocks.", "memoir pools");
    QueryOptions options;
    options.add_to(app, {"peak", "live", "allocations"});
    if (const auto status = parse_options(app, args)) return *status;

    const auto trace = open_trace(options.file);
    std::vector<Pool> pools =
        find_pools(trace->database(), find_process(*trace, options.process),
                   options.format() == TableFormat::kText ? kSitesShown : 0);
    const auto by = [&pools](auto figure) {
      std::stable_sort(pools.begin(), pools.end(), [&](const Pool& a, const Pool& b) {
        return a.row.*figure > b.row.*figure;
      });
    };
    if (options.sort == "live") by(&PoolRow::live_bytes);
    if (options.sort == "allocations") by(&PoolRow::allocations);
    if (options.format() == TableFormat::kText) {
      print(render_pools(pools, options.limit(), terminal_style()));
    } else {
      print_table(pools, options.format(), options.limit());
    }
    return 0;
  }
};

PoolsCommand g_pools_command;

}  // namespace
}  // namespace memoir
