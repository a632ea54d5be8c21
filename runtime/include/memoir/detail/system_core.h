#pragma once

// What a system_allocator keeps as long as its blocks are out.

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <new>
#include <string_view>

#include "memoir/detail/block_header.h"
#include "memoir/detail/block_request.h"
#include "memoir/detail/buffer_handle.h"
#include "memoir/detail/quarantine.h"
#include "memoir/detail/striped_counter.h"

MEMOIR_BEGIN
namespace detail {

// malloc() by the size of what comes with a block. Null where there is no memory.
inline void* system_memory(std::size_t bytes, std::size_t alignment, zero content) {
  if (alignment > alignof(std::max_align_t)) {
    void* memory = nullptr;
    if (posix_memalign(&memory, alignment, bytes) != 0) return nullptr;
    return memory;
  }
  return content == zero::yes ? std::calloc(1, bytes) : std::malloc(bytes);
}

// Thread safety: any.
class system_core final : public block_owner {
 public:
  explicit system_core(site where)
      : watch_{"system_allocator", watch_style::allocator, where} {}

  void name(std::string_view name) { watch_.set_name(name); }

  [[nodiscard]] detached_block hand_out(const block_request& request, site where) {
    const std::size_t total = block_header::total(request.bytes, request.alignment);
    if (total < request.bytes) throw std::bad_alloc();
    void* memory = system_memory(total, request.alignment, request.content);
    if (memory == nullptr) throw std::bad_alloc();
    void* block = block_header::write(memory, request.bytes, request.alignment, 0);
    if (request.content == zero::yes && request.alignment > alignof(std::max_align_t)) {
      std::memset(block, 0, request.bytes);
    }
    allocated_.add(request.bytes);
    watch_.claim(memory);
    const block_number number =
        watch_.allocated(block, request.bytes, pool_watch::redzone,
                         pool_watch::space_after(), request.alignment, where,
                         request.content == zero::yes ? block_content::kept
                                                      : block_content::uninitialized);
    return {block, request.bytes, this, number};
  }

  void take_back(void* block, std::size_t, block_number number,
                 site where) noexcept override {
    if (!watch_.released(block, number, where)) return;
    const block_header header = block_header::of(block);
    freed_.add(header.bytes);
    quarantine_.put({block, header.bytes, header.memory(block)}, watch_, where);
  }

  const pool_watch& watch() const noexcept override { return watch_; }

  std::uint64_t live_bytes() const noexcept { return allocated_.sum() - freed_.sum(); }
  std::uint64_t allocated_bytes() const noexcept { return allocated_.sum(); }

  std::size_t verify(site where) {
    return watch_.verify(where) + quarantine_.check(watch_, where);
  }

  // The face ends. With blocks out, this stays for them, and for good: whose turn the
  // last one is cannot be told without counting on every way back.
  void close(site where) {
    quarantine_.clear(watch_, where);
    if (live_bytes() == 0) {  // no block has none
      release();
      return;
    }
    watch_.report_live(finding::pool_destroyed_with_live_blocks, where);
    static std::atomic<system_core*> survivors{nullptr};
    next_ = survivors.load();
    while (!survivors.compare_exchange_weak(next_, this)) {
    }
  }

 private:
  ~system_core() override { quarantine_.clear(watch_, site::of_thread()); }

  pool_watch watch_;
  [[no_unique_address]] quarantine quarantine_;
  striped_counter allocated_;
  striped_counter freed_;
  system_core* next_ = nullptr;
};

}  // namespace detail
MEMOIR_END
