#pragma once

// Slots of one size each, side by side in chunks of memory from below: what many small
// blocks cost less in than one by one. A chunk in which no slot is taken goes back.
//
//   chunk: | slot | slot | slot | ... |      the free ones are known by number, outside
//
// Complexity: O(log chunks). Thread safety: any.

#include <algorithm>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <memory_resource>
#include <mutex>
#include <new>
#include <vector>

#include "memoir/config.h"

MEMOIR_BEGIN
namespace detail {

class slab_source final : public std::pmr::memory_resource {
 public:
  explicit slab_source(std::unique_ptr<std::pmr::memory_resource> below)
      : below_{std::move(below)} {}
  ~slab_source() override {
    for (const auto& [begin, one] : chunks_) {
      below_->deallocate(begin, one.bytes, kChunkAlignment);
    }
  }

 private:
  static constexpr std::size_t kChunkAlignment = 64;
  static constexpr std::size_t kLeastChunk = std::size_t{64} << 10;
  static constexpr std::size_t kLeastSlots = 8;

  struct chunk {
    std::size_t bytes = 0;
    std::size_t slot = 0;
    std::uint32_t slots = 0;
    std::uint32_t next = 0;  // slots from here on were never taken
    std::vector<std::uint32_t> free;
    std::uint32_t taken() const { return next - static_cast<std::uint32_t>(free.size()); }
    bool full() const { return taken() == slots; }
  };
  using chunk_map = std::map<std::byte*, chunk>;

  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (alignment > kChunkAlignment) throw std::bad_alloc();
    const std::size_t slot = (bytes + alignment - 1) & ~(alignment - 1);
    const std::lock_guard lock{mutex_};
    std::vector<std::byte*>& open = open_[slot];
    if (open.empty()) open.push_back(make_chunk(slot)->first);
    std::byte* const begin = open.back();
    chunk& one = chunks_.at(begin);
    std::uint32_t number = one.next;
    if (one.free.empty()) {
      ++one.next;
    } else {
      number = one.free.back();
      one.free.pop_back();
    }
    if (one.full()) open.pop_back();
    return begin + number * slot;
  }

  void do_deallocate(void* memory, std::size_t, std::size_t) override {
    const std::lock_guard lock{mutex_};
    auto* const address = static_cast<std::byte*>(memory);
    const auto found = std::prev(chunks_.upper_bound(address));
    chunk& one = found->second;
    std::vector<std::byte*>& open = open_[one.slot];
    // There is room: both were reserved with the chunk.
    if (one.full()) open.push_back(found->first);
    one.free.push_back(static_cast<std::uint32_t>(
        static_cast<std::size_t>(address - found->first) / one.slot));
    if (one.taken() != 0) return;
    std::erase(open, found->first);
    below_->deallocate(found->first, one.bytes, kChunkAlignment);
    chunks_.erase(found);
  }

  bool do_is_equal(const std::pmr::memory_resource& other) const noexcept override {
    return this == &other;
  }

  chunk_map::iterator make_chunk(std::size_t slot) {
    const std::size_t bytes = std::max(kLeastChunk, std::bit_ceil(slot * kLeastSlots));
    chunk one;
    one.bytes = bytes;
    one.slot = slot;
    one.slots = static_cast<std::uint32_t>(bytes / slot);
    one.free.reserve(one.slots);
    std::vector<std::byte*>& open = open_[slot];
    open.reserve(chunks_.size() + 1);
    auto* begin = static_cast<std::byte*>(below_->allocate(bytes, kChunkAlignment));
    try {
      return chunks_.emplace(begin, std::move(one)).first;
    } catch (...) {
      below_->deallocate(begin, bytes, kChunkAlignment);
      throw;
    }
  }

  std::unique_ptr<std::pmr::memory_resource> below_;
  std::mutex mutex_;
  chunk_map chunks_;
  std::map<std::size_t, std::vector<std::byte*>> open_;  // chunks with room, by slot size
};

}  // namespace detail
MEMOIR_END
