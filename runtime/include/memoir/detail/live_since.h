#pragma once

// What is live now and was not then: the numbers of all live blocks, and the blocks that
// have none of them. In memory of their own, so that looking makes no blocks.

#include <sys/mman.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "memoir/track.h"

namespace memoir::detail {

// Room for plain values, straight from the kernel. Filled by a function that says how
// many there are, and takes as many as fit.
template <typename T>
class PageArray {
 public:
  PageArray() = default;
  ~PageArray() { give_back(); }
  PageArray(const PageArray&) = delete;
  PageArray& operator=(const PageArray&) = delete;

  // False where that is not known, or there is no memory.
  template <typename List>
  bool fill(List list) {
    for (size_ = list(values_, capacity_); size_ != MEMOIR_UNKNOWN;
         size_ = list(values_, capacity_)) {
      if (size_ <= capacity_) return true;
      // Other threads may make more of them meanwhile.
      if (!make_room(size_ + size_ / 4 + 512)) break;
    }
    size_ = 0;
    return false;
  }

  T* begin() const { return values_; }
  T* end() const { return values_ + size_; }
  std::size_t size() const { return size_; }

 private:
  bool make_room(std::size_t capacity) {
    give_back();
    void* pages = mmap(nullptr, capacity * sizeof(T), PROT_READ | PROT_WRITE,
                       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (pages == MAP_FAILED) return false;
    values_ = static_cast<T*>(pages);
    capacity_ = capacity;
    return true;
  }

  void give_back() {
    if (values_ != nullptr) munmap(values_, capacity_ * sizeof(T));
    values_ = nullptr;
    capacity_ = 0;
  }

  T* values_ = nullptr;
  std::size_t size_ = 0;
  std::size_t capacity_ = 0;
};

// Of all blocks that are live when it is made.
class LiveNumbers {
 public:
  LiveNumbers() {
    is_known_ = numbers_.fill(memoir_live_numbers);
    std::sort(numbers_.begin(), numbers_.end());
  }

  // False: there is no checked heap.
  bool is_known() const { return is_known_; }
  const std::uint64_t* begin() const { return numbers_.begin(); }
  std::size_t size() const { return numbers_.size(); }

 private:
  PageArray<std::uint64_t> numbers_;
  bool is_known_ = false;
};

class LiveBlocks {
 public:
  // The blocks that are live and were not.
  bool read_since(const LiveNumbers& then) {
    return blocks_.fill([&then](memoir_block* blocks, std::size_t most) {
      return memoir_live_blocks(then.begin(), then.size(), blocks, most);
    });
  }

  const memoir_block* begin() const { return blocks_.begin(); }
  const memoir_block* end() const { return blocks_.end(); }
  std::size_t size() const { return blocks_.size(); }

 private:
  PageArray<memoir_block> blocks_;
};

}  // namespace memoir::detail
