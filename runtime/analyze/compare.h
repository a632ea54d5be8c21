#pragma once

// What changed from one recording to another, or from one moment of a recording to
// another: by call site, and as costs of stacks that a call tree can be made of.
//
// Stacks are matched by the names of functions and modules (analyze/merged_stacks.h), so
// that another build, with other addresses and lines, is compared as well.
//
// Thread safety: immutable.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/stack_cost.h"
#include "analyze/stack_store.h"
#include "analyze/summary.h"

namespace memoir {

enum class Change { kNew, kGone, kGrown, kShrunk, kSame };

// "new", "gone", "grown", "shrunk", "same".
std::string_view change_name(Change change);

struct ChangedFigures {
  std::int64_t before = 0, after = 0;
  std::int64_t before_count = 0, after_count = 0;  // blocks, where they are known

  std::int64_t delta() const;
  // Of `before`; 0 where there was nothing.
  double delta_percent() const;
  // By the values; where these are the same, by the blocks.
  Change change() const;
};

struct ChangedSite {
  std::string function, file, module;  // the file as it is afterwards
  std::int64_t line = 0;               // likewise; 0 where there are several
  ChangedFigures figures;
  std::uint64_t stacks = 0;  // of both, each once
  TraceStackId stack;        // in stacks(): the one that changed most
  // Of those that the side has, the one that changed most, as that side numbers it.
  TraceStackId before_stack, after_stack;
};

// What one side is taken times, so that recordings of different length compare.
enum class Norm { kNone, kTime, kEvents };
std::string_view norm_name(Norm norm);  // "none", "time", "events"
// For the second one to count as if it were as long as the first; 1 where one has
// nothing.
double norm_factor(std::uint64_t first, std::uint64_t second);
// Values and counts; rounded.
std::vector<StackCost> scale_costs(std::vector<StackCost> costs, double factor);

// The process of another recording that is most like one: of the same program, started
// as the same one of those. None where there is none.
std::optional<ProcessId> matching_process(std::span<const ProcessSummary> processes,
                                          ProcessId process,
                                          std::span<const ProcessSummary> others);

class Comparison {
 public:
  struct Side {
    Stacks stacks;
    std::span<const StackCost> costs;
  };

  Comparison(const Side& before, const Side& after);

  // The largest difference first, on whichever side of zero; the same ones last.
  const std::vector<ChangedSite>& sites() const { return sites_; }
  const ChangedFigures& total() const { return total_; }

  // For a CallTree: `value` is the difference, `before` what it was, and nodes are as
  // wide as the larger of the two.
  const Stacks& stacks() const { return stacks_; }
  const std::vector<StackCost>& costs() const { return costs_; }

 private:
  // A stack of both, as the sides number it: the heaviest where several became one.
  struct Origin {
    TraceStackId before, after;
    std::int64_t before_weight = -1, after_weight = -1;
  };

  void group_sites(std::span<const ChangedFigures> figures,
                   std::span<const Origin> origins);

  Stacks stacks_;
  std::vector<StackCost> costs_;
  std::vector<ChangedSite> sites_;
  ChangedFigures total_;
};

}  // namespace memoir
