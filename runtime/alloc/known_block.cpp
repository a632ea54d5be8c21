#define MEMOIR_TRACKING 1

#include "memoir/detail/known_block.h"

#include "alloc/ledgers.h"

namespace memoir::records {

known_block find_known_block(const void* address) noexcept {
  block_entry block;
  if (address == nullptr || !find_live_block(address, block)) return {};
  return {block.begin, block.size, block.number};
}

bool is_known_live(const known_block& block) noexcept {
  return is_live_block(block.begin, block.number);
}

}  // namespace memoir::records
