#pragma once

// Figures by call stack: a hash table that keeps what it holds in one array.
//
// Thread safety: one thread.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/compiler.h"

namespace memoir {

template <typename Figures>
class ByStack {
 public:
  struct Entry {
    std::uint32_t stack = 0;
    Figures figures;
  };

  Figures& operator[](std::uint32_t stack) { return entries_[index_of(stack)].figures; }

  // Where its figures are in entries(), new ones if there were none.
  std::uint32_t index_of(std::uint32_t stack) {
    for (std::size_t i = home_of(stack);; i = (i + 1) & (slots_.size() - 1)) {
      const std::uint32_t slot = slots_[i];
      if (slot == 0) {
        entries_.push_back({stack, {}});
        slots_[i] = static_cast<std::uint32_t>(entries_.size());
        used_.push_back(static_cast<std::uint32_t>(i));
        if (entries_.size() * 2 > slots_.size()) grow();
        return static_cast<std::uint32_t>(entries_.size() - 1);
      }
      if (entries_[slot - 1].stack == stack) return slot - 1;
    }
  }
  Figures& figures_at(std::uint32_t index) { return entries_[index].figures; }

  // Fetches what index_of() will look at, if the stack is there.
  MEMOIR_FAST_PATH void prefetch(std::uint32_t stack) const {
    const std::uint32_t slot = slots_[home_of(stack)];
    if (slot != 0) __builtin_prefetch(&entries_[slot - 1], 1);
  }

  std::size_t size() const { return entries_.size(); }
  // In no order.
  const std::vector<Entry>& entries() const { return entries_; }
  // By stack; the table is empty afterwards.
  std::vector<Entry> take_sorted() {
    std::vector<Entry> taken;
    taken.reserve(entries_.size());
    for (const std::uint64_t key : sorted_keys()) {
      taken.push_back(std::move(entries_[static_cast<std::uint32_t>(key)]));
    }
    clear();
    return taken;
  }
  // Calls visit(stack, figures) by stack.
  template <typename Visit>
  void for_each_sorted(Visit visit) const {
    for (const std::uint64_t key : sorted_keys()) {
      const Entry& entry = entries_[static_cast<std::uint32_t>(key)];
      visit(entry.stack, entry.figures);
    }
  }
  void clear() {
    entries_.clear();
    for (const std::uint32_t slot : used_) slots_[slot] = 0;
    used_.clear();
  }

 private:
  // Stacks and, below, where they are.
  std::vector<std::uint64_t> sorted_keys() const {
    std::vector<std::uint64_t> keys(entries_.size());
    for (std::size_t i = 0; i < keys.size(); ++i) {
      keys[i] = std::uint64_t{entries_[i].stack} << 32 | i;
    }
    std::sort(keys.begin(), keys.end());
    return keys;
  }
  std::size_t home_of(std::uint32_t stack) const {
    return (stack * std::uint64_t{0x9e3779b97f4a7c15} >> 32) & (slots_.size() - 1);
  }
  void grow() {
    slots_.assign(slots_.size() * 2, 0);
    for (std::size_t n = 0; n < entries_.size(); ++n) {
      std::size_t i = home_of(entries_[n].stack);
      while (slots_[i] != 0) i = (i + 1) & (slots_.size() - 1);
      slots_[i] = static_cast<std::uint32_t>(n + 1);
      used_[n] = static_cast<std::uint32_t>(i);
    }
  }

  std::vector<Entry> entries_;
  std::vector<std::uint32_t> used_;  // by entry: its slot
  std::vector<std::uint32_t> slots_ = std::vector<std::uint32_t>(1024);  // index + 1
};

}  // namespace memoir
