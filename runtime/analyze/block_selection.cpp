#include "analyze/block_selection.h"

#include <algorithm>
#include <utility>

namespace memoir {
namespace {

std::uint64_t key_of(const TracedBlock& block, BlockOrder order, std::uint64_t end_time) {
  switch (order) {
    case BlockOrder::kTime:
      return block.seq;
    case BlockOrder::kSize:
      return block.size;
    case BlockOrder::kLife:
      return block.life(end_time);
    case BlockOrder::kAddress:
      return block.address;
    case BlockOrder::kStack:
      return block.stack;
  }
  return 0;
}

auto before(BlockOrder order, bool descending, std::uint64_t end_time) {
  return [=](const TracedBlock& a, const TracedBlock& b) {
    const std::uint64_t key_a = key_of(a, order, end_time);
    const std::uint64_t key_b = key_of(b, order, end_time);
    if (key_a != key_b) return descending ? key_a > key_b : key_a < key_b;
    return a.seq < b.seq;
  };
}

}  // namespace

void sort_blocks(std::vector<TracedBlock>& blocks, BlockOrder order, bool descending,
                 std::uint64_t end_time) {
  std::sort(blocks.begin(), blocks.end(), before(order, descending, end_time));
}

bool BlockSelection::is_before(const TracedBlock& a, const TracedBlock& b) const {
  return before(query_.order, query_.descending, end_time_)(a, b);
}

void BlockSelection::keep(const TracedBlock& block) {
  found_.blocks.push_back(block);
  if (found_.blocks.size() >= query_.most + query_.most / 2 + 1024) cut();
}

void BlockSelection::cut() {
  std::vector<TracedBlock>& blocks = found_.blocks;
  if (blocks.size() <= query_.most) return;
  const auto end = blocks.begin() + static_cast<std::ptrdiff_t>(query_.most);
  std::nth_element(blocks.begin(), end, blocks.end(),
                   before(query_.order, query_.descending, end_time_));
  worst_ = *end;
  blocks.erase(end, blocks.end());
}

void BlockSelection::merge(BlockSelection& other) {
  found_.count += other.found_.count;
  found_.bytes += other.found_.bytes;
  found_.blocks.insert(found_.blocks.end(), other.found_.blocks.begin(),
                       other.found_.blocks.end());
  other.found_ = {};
  other.worst_.reset();
  cut();
}

FoundBlocks BlockSelection::take() {
  cut();
  sort_blocks(found_.blocks, query_.order, query_.descending, end_time_);
  found_.blocks.shrink_to_fit();
  found_.end_time = end_time_;
  worst_.reset();
  return std::exchange(found_, {});
}

}  // namespace memoir
