#include "analyze/hotspots.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>

namespace memoir {
namespace {

// Where a stack is attributed; without symbols, its own frame.
struct PlaceKey {
  std::int64_t function, file, line, module, frame;
  friend bool operator==(const PlaceKey&, const PlaceKey&) = default;
};

struct PlaceKeyHash {
  std::size_t operator()(const PlaceKey& key) const noexcept {
    std::uint64_t hash = 0;
    for (const std::int64_t part :
         {key.function, key.file, key.line, key.module, key.frame}) {
      hash = (hash ^ static_cast<std::uint64_t>(part)) * 0x9e3779b97f4a7c15U;
      hash ^= hash >> 29;
    }
    return hash;
  }
};

// Groups frames by the place that they stand for.
class Places {
 public:
  explicit Places(Database& database)
      : line_(database.prepare(
            "SELECT l.function, l.file, l.line, f.module FROM frame f"
            " LEFT JOIN frame_line l ON l.frame = f.id WHERE f.id = ?"
            " ORDER BY l.skip <> 0, CASE l.skip WHEN 0 THEN l.depth ELSE -l.depth END"
            " LIMIT 1")) {}

  // A number for the place of the frame, from 0 in the order of first appearance.
  std::size_t number(std::int64_t frame) {
    const auto [known, is_new] = by_frame_.try_emplace(frame);
    if (!is_new) return known->second;
    PlaceKey key{0, 0, 0, 0, frame};
    line_.reset();
    line_.bind(0, frame);
    if (line_.step() && !line_.is_null(0)) {
      key = {line_.integer(0), line_.integer(1), line_.integer(2), line_.integer(3), 0};
    }
    return known->second = places_.try_emplace(key, places_.size()).first->second;
  }

 private:
  Statement line_;
  std::unordered_map<std::int64_t, std::size_t> by_frame_;
  std::unordered_map<PlaceKey, std::size_t, PlaceKeyHash> places_;
};

}  // namespace

CallSites::CallSites(Database& database, SiteKind kind, std::optional<ProcessId> only)
    : database_(database) {
  Places places(database);
  for (const SiteEntry& entry : read_sites(database, kind, only)) {
    const std::size_t place = places.number(entry.place.value);
    if (place >= groups_.size()) groups_.resize(place + 1);
    Group& group = groups_[place];
    group.figures.add(entry.figures);
    group.sites.push_back({entry.stack, static_cast<int>(entry.api), entry.figures});
    total_.add(entry.figures);
  }
}

std::vector<CallSite> CallSites::top(SiteOrder order, std::size_t count) const {
  std::vector<const Group*> groups;
  groups.reserve(groups_.size());
  for (const Group& group : groups_) groups.push_back(&group);
  count = std::min(count, groups.size());
  // The stack at last, so that two reports of one trace are the same.
  const auto rank = [order](const Group* group) {
    return std::tuple(~group->figures.value(order), ~group->figures.allocated_bytes,
                      group->sites.front().stack);
  };
  std::partial_sort(
      groups.begin(), groups.begin() + static_cast<std::ptrdiff_t>(count), groups.end(),
      [&rank](const Group* a, const Group* b) { return rank(a) < rank(b); });
  std::vector<CallSite> sites;
  for (std::size_t i = 0; i < count; ++i) sites.push_back(describe(*groups[i], order));
  return sites;
}

CallSite CallSites::describe(const Group& group, SiteOrder order) const {
  // One stack may have made blocks in several ways and in several processes.
  std::map<std::uint32_t, SiteFigures> stacks;
  std::map<int, std::uint64_t> apis;
  for (const Site& site : group.sites) {
    stacks[site.stack.value].add(site.figures);
    apis[site.api] += site.figures.allocations;
  }
  const auto heaviest = std::max_element(
      stacks.begin(), stacks.end(), [order](const auto& a, const auto& b) {
        return a.second.value(order) < b.second.value(order);
      });
  const auto api =
      std::max_element(apis.begin(), apis.end(),
                       [](const auto& a, const auto& b) { return a.second < b.second; });

  CallSite site;
  site.figures = group.figures;
  site.stacks = stacks.size();
  site.concerned = static_cast<std::uint64_t>(std::ranges::count_if(
      stacks, [order](const auto& stack) { return stack.second.value(order) != 0; }));
  site.heaviest_stack = {heaviest->first};
  site.heaviest = heaviest->second;
  Statement place = database_.prepare(
      "SELECT function, file, line, module FROM stack_place WHERE stack = ?");
  place.bind(0, heaviest->first);
  if (place.step()) {
    site.function = place.text(0);
    site.file = place.text(1);
    site.line = place.integer(2);
    site.module = place.text(3);
  }
  if (site.function.empty()) site.function = "(no call stack)";
  Statement name = database_.prepare("SELECT name FROM api WHERE id = ?");
  name.bind(0, api->first);
  if (name.step()) site.api = name.text(0);
  return site;
}

}  // namespace memoir
