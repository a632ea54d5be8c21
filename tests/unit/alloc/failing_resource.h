#pragma once

// Upstream resources for tests: counts what is live, and can fail on purpose.

#include <atomic>
#include <cstddef>
#include <limits>
#include <memory_resource>
#include <new>

namespace memoir {

// Hands on to new and delete; the nth allocation from fail_after() on throws bad_alloc.
// Thread safe.
class failing_resource : public std::pmr::memory_resource {
 public:
  // The next n allocations succeed, the one after them fails, and so on with those that
  // follow.
  void fail_after(std::size_t n) { left_ = n; }
  void never_fail() { left_ = std::numeric_limits<std::size_t>::max(); }

  std::size_t allocations() const { return allocations_; }  // that succeeded
  std::size_t live_blocks() const { return live_blocks_; }
  std::size_t live_bytes() const { return live_bytes_; }

 private:
  void* do_allocate(std::size_t bytes, std::size_t alignment) override {
    if (left_ == 0) throw std::bad_alloc();
    void* memory = std::pmr::new_delete_resource()->allocate(bytes, alignment);
    --left_;
    ++allocations_;
    ++live_blocks_;
    live_bytes_ += bytes;
    return memory;
  }
  void do_deallocate(void* memory, std::size_t bytes, std::size_t alignment) override {
    --live_blocks_;
    live_bytes_ -= bytes;
    std::pmr::new_delete_resource()->deallocate(memory, bytes, alignment);
  }
  bool do_is_equal(const memory_resource& other) const noexcept override {
    return this == &other;
  }

  std::atomic<std::size_t> left_{std::numeric_limits<std::size_t>::max()};
  std::atomic<std::size_t> allocations_{0};
  std::atomic<std::size_t> live_blocks_{0};
  std::atomic<std::size_t> live_bytes_{0};
};

}  // namespace memoir
