#pragma once

// The interface of all allocators that hand out typed buffers; each is a
// std::pmr::memory_resource, too.
//
//   auto numbers = memory.allocate<int>(100);            // a buffer: goes back by itself
//   auto zeros = memory.allocate<int>(100, zero::yes);
//   void* raw = memory.allocate(64);                     // goes back by deallocate(),
//   memory.free(raw);                                    // or by address
//   std::pmr::vector<int> numbers{&memory};
//
// An allocator consists of a face, which is this, and a core (detail::block_owner), which
// takes blocks back and outlives the face as long as blocks are out. Handing out and
// taking back happen in the core; allocators over others hold the core of those.
//
// Complexity: as the allocator says.
// Thread safety: any thread, but for the making and the ending, unless the allocator says
// otherwise.
// Errors: std::bad_alloc where there is no memory, std::bad_array_new_length where a size
// does not fit, std::out_of_range for counts below zero; nothing has changed then.
// Findings: bad_size (a count below zero), size_overflow, alloc_dealloc_mismatch
// (deallocate() with another size; others as the allocator says)
// Design: ZiggyAlloc's IUnmanagedMemoryAllocator.

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <new>
#include <stdexcept>

#include "memoir/buffer/buffer.h"
#include "memoir/detail/block_request.h"
#include "memoir/detail/buffer_handle.h"
#include "memoir/resource.h"

MEMOIR_BEGIN

class allocator : public resource {
 public:
  ~allocator() override = default;
  allocator(const allocator&) = delete;
  allocator& operator=(const allocator&) = delete;

  using resource::allocate;

  // `count` elements, uninitialized unless zeros are asked for (0xcd where tracking is
  // on). None: an empty buffer that is not valid(), and nothing is allocated.
  template <unmanaged T, std::integral Count>
  [[nodiscard]] buffer<T> allocate(Count count, zero content = zero::no,
                                   site where = site::current()) {
    const std::size_t bytes = bytes_for<T>(count, where);
    if (bytes == 0) return {};
    return buffer<T>{
        hand_out({bytes, alignof(T) > kDefaultAlignment ? alignof(T) : kDefaultAlignment,
                  content, element_kind_of<T>(), sizeof(T)},
                 where)};
  }

  // Takes back what allocate() or buffer::release() gave, by its address. Null: nothing.
  // What it does with addresses that are not its blocks' is said by the allocator.
  void free(void* block, site where = site::current()) {
    if (block != nullptr) take_back(block, where);
  }

  // Whether free() and buffers give single blocks back.
  virtual bool supports_individual_free() const noexcept { return true; }

  // Bytes that are handed out now, as they were asked for.
  virtual std::uint64_t total_allocated_bytes() const noexcept = 0;
  // All bytes that ever were.
  virtual std::uint64_t cumulative_allocated_bytes() const noexcept = 0;

  // For allocators over this one: a block, with whom it goes back to.
  [[nodiscard]] virtual detail::detached_block hand_out(const block_request& request,
                                                        site where) = 0;
  // Takes back any block of this allocator, also after its end while a reference is held.
  virtual detail::block_owner& core() const noexcept = 0;

 protected:
  static constexpr std::size_t kDefaultAlignment = alignof(std::max_align_t);

  static constexpr std::size_t kMostBytes = std::numeric_limits<std::ptrdiff_t>::max();

  template <class T, class Count>
  std::size_t bytes_for(Count count, site where) const {
    if constexpr (std::is_signed_v<Count>) {
      if (count < 0) {
        report(finding::bad_size, where, "a count below zero");
        throw std::out_of_range("allocate: a count below zero");
      }
    }
    const auto elements = static_cast<std::make_unsigned_t<Count>>(count);
    if (elements > kMostBytes / sizeof(T)) {
      report(finding::size_overflow, where, "count times size does not fit");
      throw std::bad_array_new_length();
    }
    return static_cast<std::size_t>(elements) * sizeof(T);
  }

  // In its own name.
  void report(finding kind, site where, const char* text, std::size_t bytes = 0) const {
    if constexpr (is_tracking) core().watch().report(kind, where, text, nullptr, bytes);
  }

  allocator() = default;

  virtual void take_back(void* block, site where) = 0;

  void* allocate_at(std::size_t bytes, std::size_t alignment, site where) override {
    if (bytes > kMostBytes) {
      report(finding::size_overflow, where, "more bytes than there can be", bytes);
      throw std::bad_alloc();
    }
    return hand_out({bytes == 0 ? 1 : bytes,
                     alignment > kDefaultAlignment ? alignment : kDefaultAlignment},
                    where)
        .block;
  }
  void deallocate_at(void* memory, std::size_t bytes, std::size_t, site where) override {
    if (memory != nullptr) {
      if constexpr (is_tracking) {
        core().watch().check_size(memory, bytes == 0 ? 1 : bytes, where);
      }
      core().take_back(memory, bytes == 0 ? 1 : bytes, detail::block_number{}, where);
    }
  }
};

MEMOIR_END
