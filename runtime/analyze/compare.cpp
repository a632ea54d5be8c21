#include "analyze/compare.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <tuple>
#include <utility>

#include "analyze/merged_stacks.h"

namespace memoir {
namespace {

std::int64_t magnitude(std::int64_t value) { return plain_cost(value, 0).weight; }

std::int64_t sum(std::int64_t a, std::int64_t b) {
  Cost cost{a, 0, 0, 0};
  cost.add({b, 0, 0, 0});
  return cost.value;
}

void add(ChangedFigures& total, const ChangedFigures& other) {
  total.before = sum(total.before, other.before);
  total.after = sum(total.after, other.after);
  total.before_count = sum(total.before_count, other.before_count);
  total.after_count = sum(total.after_count, other.after_count);
}

Change change_of(std::int64_t before, std::int64_t after) {
  if (before == after) return Change::kSame;
  if (before == 0) return Change::kNew;
  if (after == 0) return Change::kGone;
  return after > before ? Change::kGrown : Change::kShrunk;
}

}  // namespace

std::string_view change_name(Change change) {
  switch (change) {
    case Change::kNew:
      return "new";
    case Change::kGone:
      return "gone";
    case Change::kGrown:
      return "grown";
    case Change::kShrunk:
      return "shrunk";
    case Change::kSame:
      return "same";
  }
  return "";
}

std::int64_t ChangedFigures::delta() const {
  return difference_cost(before, after, 0).value;
}

double ChangedFigures::delta_percent() const {
  if (before == 0) return 0;
  return 100.0 * static_cast<double>(delta()) / static_cast<double>(magnitude(before));
}

Change ChangedFigures::change() const {
  const Change by_value = change_of(before, after);
  return by_value != Change::kSame ? by_value : change_of(before_count, after_count);
}

std::string_view norm_name(Norm norm) {
  return norm == Norm::kTime ? "time" : norm == Norm::kEvents ? "events" : "none";
}

double norm_factor(std::uint64_t first, std::uint64_t second) {
  if (first == 0 || second == 0) return 1;
  return static_cast<double>(first) / static_cast<double>(second);
}

std::vector<StackCost> scale_costs(std::vector<StackCost> costs, double factor) {
  static constexpr double kMost = 9e18;  // what fits
  const auto scale = [factor](std::int64_t& value) {
    value = std::llround(std::clamp(static_cast<double>(value) * factor, -kMost, kMost));
  };
  if (factor == 1) return costs;
  for (StackCost& cost : costs) {
    for (std::int64_t* value :
         {&cost.cost.value, &cost.cost.count, &cost.cost.before, &cost.cost.weight}) {
      scale(*value);
    }
  }
  return costs;
}

std::optional<ProcessId> matching_process(std::span<const ProcessSummary> processes,
                                          ProcessId process,
                                          std::span<const ProcessSummary> others) {
  const auto wanted = std::ranges::find(processes, process, &ProcessSummary::id);
  if (wanted == processes.end()) return std::nullopt;
  const auto program = [](const ProcessSummary& one) {
    return std::string_view(one.executable).substr(one.executable.rfind('/') + 1);
  };
  const auto is_like = [&](const ProcessSummary& one) {
    return program(one) == program(*wanted);
  };
  // The first, the second... of that program; else the last that there is.
  auto rank = std::count_if(processes.begin(), wanted, is_like);
  std::optional<ProcessId> found;
  for (const ProcessSummary& other : others) {
    if (!is_like(other)) continue;
    found = other.id;
    if (rank-- == 0) break;
  }
  return found;
}

Comparison::Comparison(const Side& before, const Side& after) {
  // What is there afterwards is added first: files and lines are as they are now.
  MergedStacks merged(*after.stacks, *before.stacks);
  std::vector<ChangedFigures> figures(1);  // by stack of both
  std::vector<Origin> origins(1);          // likewise
  const auto at = [&](TraceStackId stack) {
    if (stack.value < figures.size()) return stack.value;
    figures.resize(stack.value + std::size_t{1});
    origins.resize(figures.size());
    return stack.value;
  };
  for (const StackCost& cost : after.costs) {
    const auto i = at(merged.add(MergedStacks::Side::kOne, cost.stack));
    add(figures[i], {0, cost.cost.value, 0, cost.cost.count});
    if (cost.cost.weight > origins[i].after_weight) {
      origins[i].after = cost.stack;
      origins[i].after_weight = cost.cost.weight;
    }
  }
  for (const StackCost& cost : before.costs) {
    const auto i = at(merged.add(MergedStacks::Side::kOther, cost.stack));
    add(figures[i], {cost.cost.value, 0, cost.cost.count, 0});
    if (cost.cost.weight > origins[i].before_weight) {
      origins[i].before = cost.stack;
      origins[i].before_weight = cost.cost.weight;
    }
  }
  stacks_ = merged.store();
  for (std::uint32_t i = 0; i < figures.size(); ++i) {
    const ChangedFigures& one = figures[i];
    const Cost cost =
        difference_cost(one.before, one.after,
                        difference_cost(one.before_count, one.after_count, 0).value);
    if (!cost.is_zero()) costs_.push_back({{i}, cost});
    add(total_, one);
  }
  group_sites(figures, origins);
}

void Comparison::group_sites(std::span<const ChangedFigures> figures,
                             std::span<const Origin> origins) {
  using Place = std::pair<std::uint32_t, std::uint32_t>;  // function and module
  std::map<Place, std::size_t> known;
  struct Largest {  // difference of a stack
    std::int64_t any = -1, before = -1, after = -1;
  };
  std::vector<Largest> largest;  // by site
  for (std::uint32_t i = 0; i < figures.size(); ++i) {
    const ChangedFigures& one = figures[i];
    if (one.before == 0 && one.after == 0 && one.before_count == 0 &&
        one.after_count == 0) {
      continue;
    }
    const FrameLine* line = stacks_->place({i});
    const Place place =
        line == nullptr ? Place() : Place(line->function.value, line->module.value);
    const auto [entry, is_new] = known.try_emplace(place, sites_.size());
    if (is_new) {
      ChangedSite& site = sites_.emplace_back();
      site.function = line == nullptr ? kNoCallStack : stacks_->text(line->function);
      if (line != nullptr) {
        site.file = stacks_->text(line->file);
        site.line = line->line;
        site.module = stacks_->text(stacks_->frames().module(line->module).path);
      }
      largest.emplace_back();
    }
    ChangedSite& site = sites_[entry->second];
    if (line != nullptr && site.line != line->line) site.line = 0;
    add(site.figures, one);
    ++site.stacks;
    Largest& most = largest[entry->second];
    const std::int64_t size = magnitude(one.delta());
    if (size > most.any) {
      most.any = size;
      site.stack = {i};
    }
    if (origins[i].before && size > most.before) {
      most.before = size;
      site.before_stack = origins[i].before;
    }
    if (origins[i].after && size > most.after) {
      most.after = size;
      site.after_stack = origins[i].after;
    }
  }
  const auto rank = [](const ChangedSite& site) {
    const ChangedFigures& figures = site.figures;
    return std::tuple(figures.change() == Change::kSame, -magnitude(figures.delta()),
                      -magnitude(figures.after), std::string_view(site.function),
                      site.stack);
  };
  std::sort(
      sites_.begin(), sites_.end(),
      [&rank](const ChangedSite& a, const ChangedSite& b) { return rank(a) < rank(b); });
}

}  // namespace memoir
