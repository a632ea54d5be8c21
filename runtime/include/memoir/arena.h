#pragma once

// Bytes cut from one piece of memory, or from several (extendable), and given back all at
// once.
//
//   memoir::arena scratch{1 << 20};
//   std::span<double> row = scratch.allocate<double>(100);
//   std::pmr::vector<int> list{&scratch};
//   scratch.reset();                              // all gone, the memory kept
//
// Complexity: O(1): an allocation is an addition and a comparison, unless it grows, or
// zeroes (arena_content::zeroed); so is a reset of one chunk.
// Thread safety: one thread at a time; handing over is said with hand_over().
// Errors: try_allocate() has a result; allocate() throws std::bad_alloc where a fixed
// arena is full, std::bad_array_new_length where a count does not fit, and what upstream
// does.
// Findings: bad_size (a capacity, an alignment), size_overflow, capacity_exceeded
// (allocate()), double_free, foreign_return, invalid_free, alloc_dealloc_mismatch
// (deallocate()), use_after_reset, pool_overflow, dirty_reuse (arena_content::reported),
// unsynchronized_use
// Design: Arena of the FASTQ parser's `buffer` module (Rust), which knows no alignment,
// and one block at a time.

#include <cstddef>
#include <cstdint>
#include <memory_resource>
#include <new>
#include <span>
#include <string_view>
#include <type_traits>

#include "memoir/detail/chunk_arena.h"
#include "memoir/detail/thread_owner.h"
#include "memoir/resource.h"
#include "memoir/result.h"

MEMOIR_BEGIN

// What bytes of former blocks a new one may show. kept: whatever is there (filled with
// 0xcd where tracking is on). zeroed: none. reported: as kept, and each block in memory
// that was used before a reset is a finding (dirty_reuse): for arenas whose contents must
// not pass from one owner to the next.
enum class arena_content : std::uint8_t { kept, zeroed, reported };

struct arena_options {
  bool extendable = false;
  arena_content content = arena_content::kept;
};

class arena final : public resource {
 public:
  // `capacity` in bytes: with 0 and extendable, memory is got when needed. Throws
  // std::bad_array_new_length for one that no memory has (bad_size), and what upstream
  // does, which lives as long as the arena.
  explicit arena(std::size_t capacity, const arena_options& options = {},
                 std::pmr::memory_resource* upstream = std::pmr::get_default_resource(),
                 site where = site::current())
      : engine_{"arena",
                {.capacity = checked(capacity, where),
                 .extendable = options.extendable,
                 .zeroed = options.content == arena_content::zeroed},
                upstream,
                where},
        content_{options.content} {}

  // `alignment` is a power of two. Nothing is reported where the arena is full; an
  // alignment that is none, or a size that no memory has, is.
  result<std::span<std::byte>> try_allocate(std::size_t bytes, std::size_t alignment = 1,
                                            site where = site::current()) {
    if (!is_sensible(bytes, alignment, where)) [[unlikely]] {
      return bytes > kMost ? errc::size_overflow : errc::invalid_size;
    }
    if (bytes == 0) return std::span<std::byte>{};
    try {
      const detail::arena_block block = take(bytes, alignment, where);
      if (!block) [[unlikely]]
        return errc::capacity_exceeded;
      return std::span{static_cast<std::byte*>(block.data), bytes};
    } catch (const std::bad_alloc&) {
      return errc::out_of_memory;
    }
  }

  // Never null; an empty block takes a place of its own. Throws std::bad_alloc where a
  // fixed arena is full (capacity_exceeded), for an alignment that is no power of two
  // (bad_size), and for a size that no memory has (size_overflow).
  [[nodiscard]] void* allocate(std::size_t bytes,
                               std::size_t alignment = alignof(std::max_align_t),
                               site where = site::current()) {
    if (!is_sensible(bytes, alignment, where)) [[unlikely]]
      throw std::bad_alloc();
    const detail::arena_block block = take(bytes, alignment, where);
    if (!block) [[unlikely]]
      refuse(bytes, where);
    return block.data;
  }

  // `count` elements, uninitialized. For types that need no destructor.
  template <class T>
  [[nodiscard]] std::span<T> allocate(std::size_t count, site where = site::current()) {
    static_assert(std::is_trivially_destructible_v<T>, "nobody calls destructors");
    if (count > kMost / sizeof(T)) [[unlikely]] {
      engine_.watch().report(finding::size_overflow, where,
                             "count times size does not fit");
      throw std::bad_array_new_length();
    }
    return {static_cast<T*>(allocate(count * sizeof(T), alignof(T), where)), count};
  }

  // Gives nothing back before the reset; where tracking is on, uses from here on are
  // found, and so is what is no block of the arena's. Null: nothing.
  void deallocate(void* memory, std::size_t bytes,
                  std::size_t /*alignment*/ = alignof(std::max_align_t),
                  site where = site::current()) {
    if (memory == nullptr) return;
    owner_.used("arena", this, where);
    engine_.watch().check_size(memory, bytes, where);
    engine_.watch().released(memory, where);
  }

  // Takes all blocks back and keeps the memory. How many blocks, where tracking is on.
  // Constant time where it is off.
  std::size_t reset(site where = site::current()) {
    owner_.used("arena", this, where);
    return engine_.reset(where);
  }

  // In bytes, as are the next three; of all chunks.
  std::size_t capacity() const { return engine_.capacity(); }
  // Bytes of all blocks, and the padding between them.
  std::size_t position() const { return engine_.position(); }
  // What a block of alignment 1 may have without growth.
  std::size_t left() const { return engine_.left(); }
  // The capacity that would have been enough, from the beginning on.
  std::size_t peak_usage() const { return engine_.peak(); }
  std::size_t growth_count() const { return engine_.growths(); }
  // Counts resets.
  std::uint64_t generation() const { return engine_.generation(); }
  bool extendable() const { return engine_.extendable(); }
  std::pmr::memory_resource* upstream() const { return engine_.upstream(); }
  // Gives upstream the chunks that no block lies in. Bytes.
  std::size_t shrink_to_fit(site where = site::current()) {
    owner_.used("arena", this, where);
    return engine_.trim(where);
  }
  // What reports and traces call it.
  void set_name(std::string_view name) { engine_.watch().set_name(name); }
  // The next thread that uses it owns it.
  void hand_over() { owner_.hand_over(); }
  // Reports damage around blocks, and to memory that nobody has. How many findings.
  std::size_t verify(site where = site::current()) {
    return engine_.watch().verify(where);
  }

 private:
  static constexpr auto kMost =
      static_cast<std::size_t>(std::numeric_limits<std::ptrdiff_t>::max());

  static std::size_t checked(std::size_t capacity, site where) {
    if (capacity > kMost) {
      detail::report(finding::bad_size, "arena", where,
                     "a capacity that no arena can have");
      throw std::bad_array_new_length();
    }
    return capacity;
  }

  bool is_sensible(std::size_t bytes, std::size_t alignment, site where) const {
    if (bytes > kMost) [[unlikely]] {
      engine_.watch().report(finding::size_overflow, where,
                             "more bytes than any memory has", nullptr, bytes);
      return false;
    }
    if (alignment == 0 || (alignment & (alignment - 1)) != 0) [[unlikely]] {
      engine_.watch().report(finding::bad_size, where, "no power of two as alignment",
                             nullptr, alignment);
      return false;
    }
    return true;
  }

  detail::arena_block take(std::size_t bytes, std::size_t alignment, site where) {
    owner_.used("arena", this, where);
    if constexpr (is_tracking) {
      if (content_ == arena_content::reported && engine_.is_used_memory()) {
        engine_.watch().report(finding::dirty_reuse, where,
                               "its bytes were another block's before the reset", nullptr,
                               bytes);
      }
    }
    return engine_.allocate(bytes, alignment, where);
  }

  [[noreturn]] void refuse(std::size_t bytes, site where) const {
    engine_.watch().report(finding::capacity_exceeded, where,
                           "it cannot grow, and has not that much room left", nullptr,
                           bytes);
    throw std::bad_alloc();
  }

  void* allocate_at(std::size_t bytes, std::size_t alignment, site where) override {
    return allocate(bytes, alignment, where);
  }
  void deallocate_at(void* memory, std::size_t bytes, std::size_t alignment,
                     site where) override {
    deallocate(memory, bytes, alignment, where);
  }

  detail::chunk_arena engine_;
  arena_content content_;
  [[no_unique_address]] detail::thread_owner owner_;
};

MEMOIR_END
