#pragma once

// Blocks by address: a hash table with open addressing, in pages of its own. It forgets
// the oldest of the blocks that are not live any more when it would grow for their sake.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "alloc/page_allocator.h"
#include "memoir/detail/watch_style.h"
#include "memoir/site.h"

namespace memoir::records {

enum class block_state : std::uint8_t { none, live, released, reset };

struct block_entry {
  std::byte* begin = nullptr;
  std::size_t size = 0;
  std::size_t before = 0;  // bytes of redzone in front
  std::size_t after = 0;   // and behind
  std::uint64_t number = 0;
  block_state state = block_state::none;
  std::uint8_t alignment_log2 = 0;
  block_content content = block_content::uninitialized;
  source_place allocated;
  source_place released;

  std::byte* end() const { return begin + size; }
  std::byte* extent_begin() const { return begin - before; }
  std::byte* extent_end() const { return begin + size + after; }
};

// Not thread safe. Pointers to entries hold until the next put().
class block_table {
 public:
  const block_entry* find(const void* begin) const;
  block_entry* find(const void* begin) {
    return const_cast<block_entry*>(static_cast<const block_table*>(this)->find(begin));
  }
  // In place of the block at this address, if there is one.
  void put(const block_entry& block);

  template <class Visit>
  void each(Visit visit) const {
    for (const block_entry& entry : slots_) {
      if (entry.state != block_state::none) visit(entry);
    }
  }
  template <class Visit>
  void each(Visit visit) {
    for (block_entry& entry : slots_) {
      if (entry.state != block_state::none) visit(entry);
    }
  }

 private:
  using slots = std::vector<block_entry, page_allocator<block_entry>>;

  std::size_t home(const void* begin) const;
  void insert(const block_entry& block);
  void make_room();

  slots slots_;
  std::size_t used_ = 0;
  std::uint64_t newest_ = 0;
};

}  // namespace memoir::records
