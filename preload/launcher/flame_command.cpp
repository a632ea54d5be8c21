// memoir flame FILE: where the memory went, as a flame graph.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "analyze/call_tree.h"
#include "analyze/flame_export.h"
#include "analyze/units.h"
#include "launcher/command.h"
#include "launcher/open_trace.h"

namespace memoir {
namespace {

std::string_view title_of(SiteOrder order) {
  switch (order) {
    case SiteOrder::kLeaked:
      return "never freed";
    case SiteOrder::kAtPeak:
      return "live at the peak";
    case SiteOrder::kOwnPeak:
      return "peaks of call sites";
    case SiteOrder::kAllocated:
      return "allocated";
    case SiteOrder::kCount:
      return "allocations";
    case SiteOrder::kTemporary:
      return "temporary allocations";
  }
  return "";
}

class FlameCommand final : public Command {
 public:
  FlameCommand() : Command("flame", "FILE", "a flame graph: collapsed stacks, or SVG") {}

  int run(const std::vector<std::string>& args) override {
    CLI::App app(
        "Writes a flame graph to standard output: a picture, or the collapsed stacks "
        "that\n"
        "other programs make one of.",
        "memoir flame");
    std::string file, format = "collapsed", cost(site_order_name(SiteOrder::kLeaked));
    std::optional<std::int64_t> process;
    bool bottom_up = false, icicle = false, all_frames = false, mappings = false;
    std::vector<std::string> costs;
    for (const SiteOrder order : kSiteOrders) costs.emplace_back(site_order_name(order));
    app.add_option("FILE", file, "the trace")->required();
    app.add_option("--format", format, "what to write")
        ->capture_default_str()
        ->check(CLI::IsMember({"collapsed", "svg"}));
    app.add_option("--cost", cost, "what is counted")
        ->capture_default_str()
        ->check(CLI::IsMember(costs));
    app.add_option("--process", process, "only this process: its number, or its pid");
    app.add_flag("--bottom-up", bottom_up, "callers above those who allocate");
    app.add_flag("--icicle", icicle, "svg: the root above");
    app.add_flag("--all-frames", all_frames, "those of allocators, too");
    app.add_flag("--mappings", mappings, "mmap and sbrk instead of the heap");
    if (const auto status = parse_options(app, args)) return *status;

    const SiteOrder order = parse_site_order(cost).value();
    const auto trace = open_trace(file);
    Database& database = trace->database();
    CallTreeOptions options;
    options.direction = bottom_up ? TreeDirection::kBottomUp : TreeDirection::kTopDown;
    options.hide_allocator = !all_frames;
    const CallTree tree(
        std::make_shared<const StackStore>(database),
        site_costs(read_sites(database, mappings ? SiteKind::kMapping : SiteKind::kHeap,
                              find_process(*trace, process)),
                   order),
        options);
    std::string text;
    if (format == "collapsed") {
      text = collapsed_stacks(tree);
    } else {
      SvgOptions svg;
      svg.title = std::string(base_name(file)) + ": " + std::string(title_of(order));
      svg.bytes = order != SiteOrder::kCount && order != SiteOrder::kTemporary;
      svg.inverted = icicle;
      text = flame_svg(tree, svg);
    }
    std::fwrite(text.data(), 1, text.size(), stdout);
    return 0;
  }
};

FlameCommand g_flame_command;

}  // namespace
}  // namespace memoir
