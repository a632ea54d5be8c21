#pragma once

// Memory of malloc(), for everything that has no better place: of any size, for any time,
// from any thread.
//
// Where tracking is on: redzones around each block, and a quarantine that blocks pass
// through before free(), so that late writes are found. Blocks that outlive it can still
// be given back. Where it is off, free() of an address that is not a live block's is
// undefined.
//
// Complexity: that of malloc(), and a header of 16 bytes; wrap() looks through all blocks
// where tracking is on.
// Thread safety: any thread, but for the making and the ending.
// Errors: as allocator.h says; where tracking is on, free() of what is none of its blocks
// does nothing.
// Findings: bad_size, size_overflow (allocate()), double_free, invalid_free,
// foreign_return, alloc_dealloc_mismatch (deallocate() with another size),
// use_after_free, stale_handle (a buffer whose block was freed by its address and handed
// out again), pool_overflow, pool_destroyed_with_live_blocks
// Design: ZiggyAlloc's SystemMemoryAllocator.

#include <cstddef>
#include <cstdint>
#include <ranges>
#include <span>
#include <string_view>

#include "memoir/allocator.h"
#include "memoir/detail/system_core.h"

MEMOIR_BEGIN

class system_allocator final : public allocator {
 public:
  explicit system_allocator(site where = site::current())
      : core_{*new detail::system_core(where)} {}
  // `name` is what reports and traces call it.
  explicit system_allocator(std::string_view name, site where = site::current())
      : system_allocator{where} {
    core_.name(name);
  }
  ~system_allocator() override { core_.close(site::of_thread()); }

  std::uint64_t total_allocated_bytes() const noexcept override {
    return core_.live_bytes();
  }
  std::uint64_t cumulative_allocated_bytes() const noexcept override {
    return core_.allocated_bytes();
  }
  // Looks at all redzones and at the quarantine. How many findings there were.
  std::size_t verify(site where = site::current()) { return core_.verify(where); }

  // A view on `count` elements that somebody else owns: see buffer::wrap().
  template <unmanaged T>
  [[nodiscard]] static buffer<T> wrap_existing(T* elements, std::size_t count,
                                               site where = site::current()) {
    return buffer<T>::wrap(elements, count, where);
  }
  template <unmanaged T>
  [[nodiscard]] static buffer<T> wrap(std::span<T> elements,
                                      site where = site::current()) {
    return buffer<T>::wrap(elements.data(), elements.size(), where);
  }
  // Containers that end before the view could be used.
  template <std::ranges::range Container>
  requires(
      !std::is_lvalue_reference_v<Container> &&
      !std::ranges::borrowed_range<Container>) static void wrap(Container&&,
                                                                site = site::current()) =
      delete;

  [[nodiscard]] detail::detached_block hand_out(const block_request& request,
                                                site where) override {
    return core_.hand_out(request, where);
  }
  detail::block_owner& core() const noexcept override { return core_; }

 private:
  void take_back(void* block, site where) override {
    core_.take_back(block, 0, detail::block_number{}, where);
  }

  detail::system_core& core_;
};

MEMOIR_END
