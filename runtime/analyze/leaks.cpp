#include "analyze/leaks.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "analyze/stacks.h"
#include "analyze/suppression_file.h"
#include "analyze/suppressions.h"

namespace memoir {

namespace {

// The rules for leaks, of which there are mostly none.
class LeakSuppressions {
 public:
  LeakSuppressions(Database& database, Suppressions rules)
      : rules_(std::move(rules)), any_(rules_.concern("leak")) {
    if (any_) expander_.emplace(database);
  }

  bool silences(TraceStackId stack, std::uint64_t blocks, std::uint64_t bytes) {
    if (!any_) return false;
    const Suppression* rule = rules_.match("leak", {expander_->expand(stack)});
    if (rule == nullptr) return false;
    SilencedLeaks& silenced = silenced_[rule->rule()];
    silenced.blocks += blocks;
    silenced.bytes += bytes;
    return true;
  }

  std::vector<SilencedLeaks> silenced() const {
    std::vector<SilencedLeaks> list;
    for (const auto& [rule, leaks] : silenced_) {
      list.push_back({rule, leaks.blocks, leaks.bytes});
    }
    return list;
  }

 private:
  Suppressions rules_;
  bool any_;
  std::optional<StackExpander> expander_;
  std::map<std::string, SilencedLeaks> silenced_;  // by rule
};

LeakReport leaks_but_for(Suppressions rules, Database& database,
                         std::optional<ProcessId> only) {
  LeakReport report;
  Statement rows = database.prepare(
      "SELECT process, class, blocks, bytes, function, file, line, module, stack"
      " FROM leaks WHERE ?1 IS NULL OR process = ?1");
  if (only) rows.bind(0, only->value);
  // Process, class, function, file, line and module make one leak of many stacks.
  using Key = std::tuple<std::int64_t, std::string, std::string, std::string,
                         std::int64_t, std::string>;
  std::map<Key, std::size_t> known;
  LeakSuppressions suppressions(database, std::move(rules));
  while (rows.step()) {
    const TraceStackId stack{static_cast<std::uint32_t>(rows.integer(8))};
    if (suppressions.silences(stack, rows.natural(2), rows.natural(3))) continue;
    const auto text = [&rows](int column) { return std::string(rows.text(column)); };
    Key key{rows.integer(0), text(1), text(4), text(5), rows.integer(6), text(7)};
    const auto [place, is_new] = known.try_emplace(std::move(key), report.leaks.size());
    if (is_new) {
      Leak& leak = report.leaks.emplace_back();
      leak.process = {static_cast<std::uint32_t>(rows.integer(0))};
      leak.leak_class = text(1);
      leak.function = rows.is_null(4) ? "(no call stack)" : text(4);
      leak.file = text(5);
      leak.line = rows.integer(6);
      leak.module = text(7);
      // The rows come with the most bytes first.
      leak.heaviest_stack = stack;
      leak.heaviest_bytes = rows.natural(3);
    }
    Leak& leak = report.leaks[place->second];
    ++leak.stacks;
    leak.blocks += rows.natural(2);
    leak.bytes += rows.natural(3);
    report.blocks += rows.natural(2);
    report.bytes += rows.natural(3);
  }
  report.silenced = suppressions.silenced();
  std::stable_sort(report.leaks.begin(), report.leaks.end(),
                   [](const Leak& a, const Leak& b) {
                     return std::tie(a.bytes, a.blocks) > std::tie(b.bytes, b.blocks);
                   });
  return report;
}

}  // namespace

LeakReport find_leaks(Database& database, std::optional<ProcessId> only) {
  return leaks_but_for(read_suppressions(database), database, only);
}

LeakReport find_leaks(TraceReader& trace, std::optional<ProcessId> only) {
  return leaks_but_for(all_suppressions(trace), trace.database(), only);
}

std::map<ProcessId, NeverFreed> never_freed(TraceReader& trace,
                                            std::optional<ProcessId> only) {
  std::map<ProcessId, NeverFreed> all;
  if (all_suppressions(trace).concern("leak")) {
    for (const Leak& leak : find_leaks(trace, only).leaks) {
      NeverFreed& of = all[leak.process];
      of.blocks += leak.blocks;
      of.bytes += leak.bytes;
    }
    return all;
  }
  // Sites by the hundred thousand need not be added up where their sums are those of the
  // processes.
  const bool by_process =
      trace.database().query_integer(
          "SELECT EXISTS(SELECT 1 FROM pool_site) OR EXISTS(SELECT 1 FROM pool_backing)"
          " OR EXISTS(SELECT 1 FROM block WHERE class IS NOT NULL)") == 0;
  Statement rows = trace.database().prepare(
      by_process
          ? "SELECT id, live_blocks, live_bytes FROM process WHERE ?1 IS NULL OR id = ?1"
          : "SELECT process, CAST(total(blocks) AS INTEGER), CAST(total(bytes) AS "
            "INTEGER)"
            " FROM leak_total WHERE ?1 IS NULL OR process = ?1 GROUP BY process");
  if (only) rows.bind(0, only->value);
  while (rows.step()) {
    all[{static_cast<std::uint32_t>(rows.integer(0))}] = {rows.natural(1),
                                                          rows.natural(2)};
  }
  return all;
}

}  // namespace memoir
