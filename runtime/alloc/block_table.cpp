#include "alloc/block_table.h"

#include <algorithm>
#include <bit>

namespace memoir::records {
namespace {

constexpr std::size_t kFirstSlots = 64;

}  // namespace

std::size_t block_table::home(const void* begin) const {
  const auto address = reinterpret_cast<std::uintptr_t>(begin);
  return (address * 0x9e3779b97f4a7c15u >> 32) & (slots_.size() - 1);
}

const block_entry* block_table::find(const void* begin) const {
  if (slots_.empty()) return nullptr;
  for (std::size_t i = home(begin);; i = (i + 1) & (slots_.size() - 1)) {
    if (slots_[i].state == block_state::none) return nullptr;
    if (slots_[i].begin == begin) return &slots_[i];
  }
}

void block_table::insert(const block_entry& block) {
  std::size_t i = home(block.begin);
  while (slots_[i].state != block_state::none) i = (i + 1) & (slots_.size() - 1);
  slots_[i] = block;
  ++used_;
}

void block_table::put(const block_entry& block) {
  newest_ = std::max(newest_, block.number);
  if (block_entry* old = find(block.begin)) {
    *old = block;
    return;
  }
  if ((used_ + 1) * 4 > slots_.size() * 3) make_room();
  insert(block);
}

void block_table::make_room() {
  std::size_t live = 0;
  each([&](const block_entry& entry) { live += entry.state == block_state::live; });
  const std::size_t size =
      std::max({kFirstSlots, slots_.size(), std::bit_ceil(live * 4 + 1)});
  // At most a quarter of the slots remember what is not live: the newest ones. Numbers
  // are the process's, so that this is a bound, not a promise.
  const std::uint64_t oldest = newest_ > size / 4 ? newest_ - size / 4 : 0;
  slots old(size);
  old.swap(slots_);
  used_ = 0;
  for (const block_entry& entry : old) {
    if (entry.state == block_state::live ||
        (entry.state != block_state::none && entry.number > oldest)) {
      insert(entry);
    }
  }
}

}  // namespace memoir::records
