#include "analyze/tree_keys.h"

#include <algorithm>
#include <numeric>
#include <tuple>
#include <unordered_map>

namespace memoir {
namespace {

struct Key {
  NameId function, file;
  std::uint32_t line;
  ModuleId module;

  friend bool operator==(const Key&, const Key&) = default;
};

struct KeyHash {
  std::size_t operator()(const Key& key) const noexcept {
    std::uint64_t hash = 0;
    for (const std::uint32_t part :
         {key.function.value, key.file.value, key.line, key.module.value}) {
      hash = (hash ^ part) * 0x9e3779b97f4a7c15U;
      hash ^= hash >> 29;
    }
    return hash;
  }
};

bool is_hidden(const FrameTable& frames, const FrameLine& line,
               const CallTreeOptions& options) {
  return (options.hide_allocator && line.frame_class != FrameClass::kProgram) ||
         (options.hide_system && frames.module(line.module).system);
}

}  // namespace

TreeKeys::TreeKeys(const FrameTable& frames, const CallTreeOptions& options)
    : frames_(frames), by_line_(options.by_line), lines_(1) {
  const std::span<const FrameLine> all = frames.all_lines();
  keys_.reserve(all.size());
  std::unordered_map<Key, std::uint32_t, KeyHash> known;
  for (std::uint32_t i = 0; i < all.size(); ++i) {
    const FrameLine& line = all[i];
    if (is_hidden(frames, line, options)) {
      keys_.push_back(kHidden);
      continue;
    }
    Key key{line.function, {}, 0, line.module};
    if (by_line_) {
      key.file = line.file;
      key.line = line.line;
    }
    const auto next = static_cast<std::uint32_t>(lines_.size());
    const auto [entry, is_new] = known.try_emplace(key, next);
    if (is_new) lines_.push_back(i);
    keys_.push_back(entry->second);
  }
  rank_keys();
}

void TreeKeys::rank_keys() {
  std::vector<std::uint32_t> order(lines_.size());
  std::iota(order.begin(), order.end(), 0);
  const auto name = [this](std::uint32_t key) {
    return frames_.text(frames_.all_lines()[lines_[key]].function);
  };
  // The first one is no key.
  std::sort(order.begin() + 1, order.end(), [&name](std::uint32_t a, std::uint32_t b) {
    return std::tuple(name(a), a) < std::tuple(name(b), b);
  });
  ranks_.resize(order.size());
  for (std::uint32_t i = 0; i < order.size(); ++i) ranks_[order[i]] = i;
}

CallNode TreeKeys::make_node(std::uint32_t key) const {
  const FrameLine& line = frames_.all_lines()[lines_[key]];
  CallNode node;
  node.function = line.function;
  node.file = line.file;
  if (by_line_) node.line = line.line;
  node.module = line.module;
  node.frame_class = line.frame_class;
  return node;
}

}  // namespace memoir
