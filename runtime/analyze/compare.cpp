#include "analyze/compare.h"

#include <algorithm>
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

Comparison::Comparison(const Side& before, const Side& after) {
  // What is there afterwards is added first: files and lines are as they are now.
  MergedStacks merged(*after.stacks, *before.stacks);
  std::vector<ChangedFigures> figures(1);  // by stack of both
  const auto at = [&figures](TraceStackId stack) -> ChangedFigures& {
    if (stack.value >= figures.size()) figures.resize(stack.value + std::size_t{1});
    return figures[stack.value];
  };
  for (const StackCost& cost : after.costs) {
    add(at(merged.add(MergedStacks::Side::kOne, cost.stack)),
        {0, cost.cost.value, 0, cost.cost.count});
  }
  for (const StackCost& cost : before.costs) {
    add(at(merged.add(MergedStacks::Side::kOther, cost.stack)),
        {cost.cost.value, 0, cost.cost.count, 0});
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
  group_sites(figures);
}

void Comparison::group_sites(std::span<const ChangedFigures> figures) {
  using Place = std::pair<std::uint32_t, std::uint32_t>;  // function and module
  std::map<Place, std::size_t> known;
  std::vector<std::int64_t> largest;  // difference of a stack, by site
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
      largest.push_back(-1);
    }
    ChangedSite& site = sites_[entry->second];
    if (line != nullptr && site.line != line->line) site.line = 0;
    add(site.figures, one);
    ++site.stacks;
    if (magnitude(one.delta()) > largest[entry->second]) {
      largest[entry->second] = magnitude(one.delta());
      site.stack = {i};
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
