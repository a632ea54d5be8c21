#pragma once

// Everything that the commands and the viewer ask a trace, asked of a file that may be
// damaged in any way. Answers may be wrong or refused, with Error; nothing worse.

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "analyze/block_life.h"
#include "analyze/block_query.h"
#include "analyze/call_tree.h"
#include "analyze/compare.h"
#include "analyze/event_index.h"
#include "analyze/filter_blocks.h"
#include "analyze/filter_completion.h"
#include "analyze/filter_stacks.h"
#include "analyze/flame_layout.h"
#include "analyze/function_costs.h"
#include "analyze/heap_map.h"
#include "analyze/histograms.h"
#include "analyze/leaks.h"
#include "analyze/moments.h"
#include "analyze/report_content.h"
#include "analyze/threads.h"
#include "analyze/timeline.h"
#include "trace/error.h"
#include "trace/trace_reader.h"

namespace memoir {

class AllQuestions {
 public:
  // The number of questions that were answered; 0: the trace was refused.
  static int ask(const std::filesystem::path& path) {
    AllQuestions questions;
    for (int subject = 0; subject < kSubjects; ++subject) questions.ask(path, subject);
    return questions.answered_;
  }

  // One subject takes a part of the time.
  static constexpr int kSubjects = 4;
  static int ask_about(const std::filesystem::path& path, int subject) {
    AllQuestions questions;
    questions.ask(path, subject);
    return questions.answered_;
  }

 private:
  void ask(const std::filesystem::path& path, int subject) {
    question([&] {
      TraceReader trace(path);
      if (subject == 0) ask_tables(trace);
      if (subject == 1) ask_trees(trace);
      if (subject == 2) ask_views(trace);
      if (subject == 3) ask_events(path);
    });
  }

  template <typename Ask>
  void question(Ask ask) {
    try {
      ask();
      ++answered_;
    } catch (const Error&) {
    }
  }

  void ask_tables(TraceReader& trace) {
    question([&] { collect_report(trace, 10, std::nullopt); });
    question([&] { collect_report(trace, 10, ProcessId{2}); });
    question([&] { find_leaks(trace.database()); });
    question([&] { find_pools(trace.database()); });
    question([&] { process_tree(trace); });
    question([&] { read_threads(trace.database()); });
    question([&] { read_histograms(trace.database()); });
    question([&] {
      const Timeline timeline = Timeline::load(trace.database());
      timeline.points(0, ~std::uint64_t{0}, 100);
      timeline.points(timeline.begin(), timeline.end(), 300);
      timeline.marks(0, ~std::uint64_t{0});
      timeline.memory(timeline.begin(), timeline.end(), 100);
    });
  }

  void ask_trees(TraceReader& trace) {
    question([&] {
      Database& database = trace.database();
      const auto stacks = std::make_shared<const StackStore>(database);
      for (std::uint32_t i = 0; i < stacks->size() && i < 100; ++i) stacks->expand({i});
      std::vector<StackCost> costs;
      for (const SiteOrder order : kSiteOrders) {
        costs = site_costs(read_sites(database, SiteKind::kHeap), order);
        for (const auto direction : {TreeDirection::kTopDown, TreeDirection::kBottomUp}) {
          const CallTree tree(
              stacks, costs,
              {.direction = direction, .by_line = true, .min_share = 1e-3});
          lay_out_flame(tree, {.width = 800});
          search_tree(tree, [](std::string_view name) { return name.size() % 2 == 0; });
          callers_and_callees(tree, function_costs(tree).empty() ? 0 : 1);
        }
      }
      const Comparison comparison({stacks, costs}, {stacks, {}});
      const CallTree tree(comparison.stacks(), comparison.costs());
      const FilterNames names = load_filter_names(database, stacks);
      const Filter filter = parse_filter("main -via:x \"a\" thread:w pool:p").filter;
      select_stacks(filter, *stacks);
      compile_blocks(filter, names, nullptr, {1});
      complete_filter("fn:a", 4, names);
    });
  }

  // All that SQL can see.
  void ask_views(TraceReader& trace) {
    std::vector<std::string> names{"events", "blocks"};
    question([&] {
      Statement rows = trace.database().prepare(
          "SELECT name FROM sqlite_schema WHERE type IN ('table', 'view')");
      while (rows.step()) names.emplace_back(rows.text(0));
    });
    for (const std::string& name : names) {
      question([&] {
        // Stacks one by one: the views walk each.
        Statement rows =
            trace.database().prepare("SELECT * FROM \"" + name + "\" LIMIT 5000");
        while (rows.step()) {
          for (int i = 0; i < rows.columns(); ++i) rows.text(i);
        }
      });
    }
  }

  void ask_events(const std::filesystem::path& path) {
    question([&] {
      EventIndex index(path, {1});
      index.update({}, 1);
      const std::uint64_t all = index.view()->events;
      for (const std::uint64_t moment : {std::uint64_t{0}, all / 2, all}) {
        question([&] { heap_at(index, moment); });
        question([&] { blocks_at(index, moment); });
        question([&] {
          const HeapMap map = HeapMap::make(index, moment);
          if (!map.regions().empty()) {
            const HeapRegion& region = map.regions().front();
            map.cells(region.begin, region.end, 100);
            map.around(region.begin, 10);
            map.block_at(region.begin + 1);
          }
        });
      }
      question([&] { heap_between(index, all / 3, all); });
      question([&] {
        BlockQuery query;
        query.filter.size.least = 10;
        query.most = 4;
        for (const TracedBlock& block : find_blocks(index, query, {}, 1).blocks) {
          find_end(index, block);
          realloc_chain(index, block.seq);
        }
      });
      question([&] { blocks_that_held(index, 0x550000001010, 10, {}, 1); });
      question([&] { count_histograms(index, 0, all, {}, {}, 1); });
      question([&] { count_threads(index, 0, all, {}, 1); });
    });
  }

  int answered_ = 0;
};

}  // namespace memoir
