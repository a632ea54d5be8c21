// The misuse matrix: blocks of allocators that are given back wrongly, or used
// afterwards. See misuse_matrix.h.

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <vector>

#include "unit/alloc/misuse_allocators.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_allocators {
namespace {

template <class With>
void use_properly() {
  With with;
  allocator& memory = with.memory;
  {
    buffer<std::byte> bytes = memory.allocate<std::byte>(With::kBytes, zero::yes);
    bytes[With::kBytes - 1] = std::byte{1};
    memory.free(memory.allocate<std::byte>(With::kBytes).release().data());
    const std::pmr::vector<std::byte> list(With::kBytes, &memory);
  }
  EXPECT_EQ(with.verify(site::current()), 0u);
  EXPECT_EQ(memory.total_allocated_bytes(), 0u);
}
CLEAN(system_allocator) { use_properly<with_system>(); }
CLEAN(memory_pool) { use_properly<with_memory_pool>(); }
CLEAN(slab_allocator) { use_properly<with_slabs>(); }
CLEAN(large_block_allocator) { use_properly<with_large>(); }
CLEAN(debug_allocator) { use_properly<with_debug>(); }
CLEAN(hybrid_allocator) {
  use_properly<with_hybrid>();
  use_properly<with_hybrid_slabs>();
}

template <class With, class Misuse>
void act_refused(misuse_run& run, Misuse misuse, site user = site::current()) {
  run.by(With::kKind, With::kName);
  if constexpr (With::kRefuses) {
    run.act_throws<std::invalid_argument>(misuse, user);
  } else {
    run.act(misuse, user);
  }
}

template <class With>
void free_twice(misuse_run& run) {
  if (run.is_undefined()) return;
  With with;
  allocator& memory = with.memory;
  void* const block = (run.allocates(), memory.allocate(With::kBytes));
  run.releases(), memory.free(block);
  run.by(With::kKind, With::kName);
  run.act([&](auto... at) {
    try {
      run.here(), memory.free(block, at...);
    } catch (const std::invalid_argument&) {
    }
  });
}
MISUSE_OF_POOLS(double_return, its_address, free_twice)
MISUSE_OF_OTHERS(double_free, its_address, free_twice)
MISUSE_AS(hybrid_allocator, double_return, its_address, free_twice<with_hybrid_slabs>)

template <class With>
void deallocate_twice(misuse_run& run) {
  if (run.is_undefined()) return;
  With with;
  allocator& memory = with.memory;
  void* const block = (run.allocates(), memory.allocate(With::kBytes));
  run.releases(), memory.deallocate(block, With::kBytes);
  run.by(With::kKind, With::kName);
  run.act([&] { pmr_deallocate(memory, block, With::kBytes); });
}
MISUSE_OF_POOLS(double_return, a_container, deallocate_twice)
MISUSE_OF_OTHERS(double_free, a_container, deallocate_twice)

template <class With>
void free_a_local(misuse_run& run) {
  if (!With::kRefuses && run.is_undefined()) return;
  With with;
  allocator& memory = with.memory;
  int local = 0;
  act_refused<With>(run, [&](auto... at) { memory.free(&local, at...); });
}
MISUSE_OF_POOLS(invalid_free, a_local, free_a_local)
MISUSE_OF_OTHERS(invalid_free, a_local, free_a_local)

template <class With>
void free_what_lies_within(misuse_run& run) {
  if (!With::kRefuses && run.is_undefined()) return;
  With with;
  allocator& memory = with.memory;
  buffer<int> numbers = (run.allocates(), memory.allocate<int>(With::kBytes / 4));
  act_refused<With>(
      run, [&](auto... at) { run.here(), memory.free(numbers.data() + 1, at...); });
}
MISUSE_OF_POOLS(invalid_free, an_address_within, free_what_lies_within)
MISUSE_OF_OTHERS(invalid_free, an_address_within, free_what_lies_within)

template <class With>
void free_anothers(misuse_run& run) {
  if (!With::kRefuses && run.is_undefined()) return;
  With with, other;
  allocator& memory = with.memory;
  buffer<int> numbers =
      (run.allocates(), other.memory.template allocate<int>(With::kBytes / 4));
  act_refused<With>(run, [&](auto... at) { memory.free(numbers.data(), at...); });
}
MISUSE_OF_POOLS(foreign_return, an_address, free_anothers)
MISUSE_OF_OTHERS(foreign_return, an_address, free_anothers)

template <class With>
void deallocate_anothers(misuse_run& run) {
  if (run.is_undefined()) return;
  With with, other;
  void* const block = (run.allocates(), other.memory.allocate(With::kBytes));
  run.by(With::kKind, With::kName);
  run.act([&] { pmr_deallocate(with.memory, block, With::kBytes); });
  other.memory.deallocate(block, With::kBytes);
}
MISUSE_OF_POOLS(foreign_return, a_container, deallocate_anothers)
MISUSE_OF_OTHERS(foreign_return, a_container, deallocate_anothers)

template <class With>
void deallocate_with_another_size(misuse_run& run) {
  if (run.is_undefined()) return;
  With with;
  allocator& memory = with.memory;
  void* const block = (run.allocates(), memory.allocate(With::kBytes));
  run.by(With::kKind, With::kName);
  run.act([&](auto... at) { memory.deallocate(block, With::kBytes / 2, 8, at...); });
}
MISUSE_OF_POOLS(alloc_dealloc_mismatch, a_size, deallocate_with_another_size)
MISUSE_OF_OTHERS(alloc_dealloc_mismatch, a_size, deallocate_with_another_size)
MISUSE_AS(hybrid_allocator, alloc_dealloc_mismatch, a_size_of_the_slabs,
          deallocate_with_another_size<with_hybrid_slabs>)

template <class With>
void use_after_free_by_address(misuse_run& run) {
  if (run.is_undefined()) return;
  With with;
  allocator& memory = with.memory;
  buffer<int> numbers = (run.allocates(), memory.allocate<int>(With::kBytes / 4));
  run.releases(), memory.free(numbers.data());
  run.by(With::kKind, With::kName);
  run.act([&](auto... at) { static_cast<void>(numbers.span(at...)); });
  static_cast<void>(numbers.release());
}
MISUSE_OF_POOLS(use_after_return, its_buffer, use_after_free_by_address)
MISUSE_OF_OTHERS(use_after_free, its_buffer, use_after_free_by_address)
MISUSE_AS(hybrid_allocator, use_after_return, its_buffer,
          use_after_free_by_address<with_hybrid_slabs>)

template <class With>
void write_after_free(misuse_run& run) {
  if (run.is_undefined()) return;
  With with;
  buffer<int> numbers =
      (run.allocates(), with.memory.template allocate<int>(With::kBytes / 4));
  int* const stale = numbers.data();
  run.releases(), numbers.dispose();
  stale[1] = 1;
  run.by(With::kKind, With::kName);
  run.find([&](auto... at) { run.here(), with.verify(at...); });
}
MISUSE_OF_POOLS(use_after_return, a_look, write_after_free)
MISUSE_AS(system_allocator, use_after_free, a_look, write_after_free<with_system>)

// What had its block is handed out again by now, where that can be had.
template <class With>
void use_a_reused_block(misuse_run& run) {
  if (run.is_undefined()) return;
  With with;
  allocator& memory = with.memory;
  buffer<int> old = memory.allocate<int>(With::kBytes / 4);
  const int* const block = old.data();
  memory.free(old.data());
  buffer<int> young;
  for (int tries = 0; young.data() != block && tries < 1000; ++tries) {
    young = (run.allocates(), memory.allocate<int>(With::kBytes / 4));
  }
  if (young.data() != block) {
    run.skip();
  } else {
    run.by(With::kKind, With::kName);
    run.act([&](auto... at) { static_cast<void>(old.span(at...)); });
  }
  static_cast<void>(old.release());
}
MISUSE_OF_POOLS(stale_handle, its_buffer, use_a_reused_block)
MISUSE_OF_OTHERS(stale_handle, its_buffer, use_a_reused_block)

template <class With>
void write_beyond(misuse_run& run) {
  if (run.is_undefined()) return;
  With with;
  buffer<int> numbers =
      (run.allocates(), with.memory.template allocate<int>(With::kBytes / 4));
  numbers.data()[With::kBytes / 4] = 1;
  run.by(With::kOverflow, With::kOverflowName);
  run.find([&](auto... at) { numbers.dispose(at...); });
}
MISUSE_OF_POOLS(pool_overflow, its_end, write_beyond)
MISUSE_OF_OTHERS(pool_overflow, its_end, write_beyond)

template <class With>
void write_before(misuse_run& run) {
  if (run.is_undefined()) return;
  With with;
  buffer<int> numbers =
      (run.allocates(), with.memory.template allocate<int>(With::kBytes / 4));
  numbers.data()[-1] = 1;
  run.by(With::kOverflow, With::kOverflowName);
  run.find([&](auto... at) { with.verify(at...); });
}
MISUSE_OF_POOLS(pool_overflow, a_look, write_before)
MISUSE_OF_OTHERS(pool_overflow, a_look, write_before)

template <class With>
void write_beyond_a_container(misuse_run& run) {
  if (run.is_undefined()) return;
  With with;
  std::pmr::vector<int> list{&with.memory};
  run.allocates([&] { list.reserve(With::kBytes / 4); });
  list.data()[With::kBytes / 4] = 1;
  run.by(With::kOverflow, With::kOverflowName);
  run.find([&] { std::pmr::vector<int>{&with.memory}.swap(list); });
}
MISUSE_OF_POOLS(pool_overflow, a_container, write_beyond_a_container)
MISUSE_OF_OTHERS(pool_overflow, a_container, write_beyond_a_container)

template <class With>
void count_below_zero(misuse_run& run) {
  With with;
  allocator& memory = with.memory;
  buffer<int> none;
  run.by(With::kKind, With::kName);
  run.act_throws<std::out_of_range>(
      [&](auto... at) { run.here(), none = memory.allocate<int>(-1, zero::no, at...); });
}
MISUSE_OF_POOLS(bad_size, a_count, count_below_zero)
MISUSE_OF_OTHERS(bad_size, a_count, count_below_zero)

template <class With>
void count_that_does_not_fit(misuse_run& run) {
  With with;
  allocator& memory = with.memory;
  buffer<int> none;
  run.by(With::kKind, With::kName);
  run.act_throws<std::bad_array_new_length>([&](auto... at) {
    run.here(), none = memory.allocate<int>(kTooMany / 2, zero::no, at...);
  });
}
MISUSE_OF_POOLS(size_overflow, a_count, count_that_does_not_fit)
MISUSE_OF_OTHERS(size_overflow, a_count, count_that_does_not_fit)

template <class With>
void allocate_too_much(misuse_run& run) {
  With with;
  run.by(With::kKind, With::kName);
  run.act_throws<std::bad_alloc>([&] { pmr_allocate(with.memory, kTooMany); });
}
MISUSE_OF_POOLS(size_overflow, a_container, allocate_too_much)
MISUSE_OF_OTHERS(size_overflow, a_container, allocate_too_much)

// As many bytes of each size as there ever are at once.
struct chunk {
  std::byte bytes[512];
};
template <class With, std::size_t Least, std::size_t Most>
void keep_much_more_than_is_used(misuse_run& run) {
  With with;
  allocator& memory = with.memory;
  run.by(With::kKind, With::kName);
  run.act([&] {
    run.allocates(site::of_thread()), run.releases(site::of_thread());
    std::vector<buffer<chunk>> many;
    for (std::size_t size = Least; size <= Least * std::min<std::size_t>(Most, 32);
         size += (size + 3) / 4) {
      while ((many.size() + 1) * size <= Least * Most) {
        many.push_back(memory.allocate<chunk>(size, zero::no, site::of_thread()));
      }
      many.clear();
    }
  });
}
MISUSE_AS(memory_pool, over_retention, many_sizes,
          keep_much_more_than_is_used<with_memory_pool, 8, 32>)
MISUSE_AS(slab_allocator, over_retention, many_sizes,
          keep_much_more_than_is_used<with_slabs, 2, 128>)
MISUSE_AS(large_block_allocator, over_retention, many_sizes,
          keep_much_more_than_is_used<with_large, 128, 8>)
MISUSE_AS(hybrid_allocator, over_retention, many_sizes,
          keep_much_more_than_is_used<with_hybrid_slabs, 2, 128>)

template <class Pool, class... Base>
void end_before_its_blocks(misuse_run& run, Base&... base) {
  std::optional<Pool> pool;
  pool.emplace(base...);
  buffer<int> numbers = (run.allocates(), pool->template allocate<int>(1000));
  run.act([&] { pool.reset(); });
  numbers[999] = 1;  // still good
}

MISUSE(system_allocator, pool_destroyed_with_live_blocks) {
  end_before_its_blocks<system_allocator>(run);
}
MISUSE(memory_pool, pool_destroyed_with_live_blocks) {
  system_allocator base;
  end_before_its_blocks<memory_pool>(run, base);
}
MISUSE(slab_allocator, pool_destroyed_with_live_blocks) {
  system_allocator base;
  end_before_its_blocks<slab_allocator>(run, base);
}
MISUSE(large_block_allocator, pool_destroyed_with_live_blocks) {
  end_before_its_blocks<large_block_allocator>(run);
}
MISUSE(hybrid_allocator, pool_destroyed_with_live_blocks) {
  system_allocator base;
  end_before_its_blocks<hybrid_allocator>(run, base);
}

MISUSE(debug_allocator, leak) {
  system_allocator base;
  debug_allocator memory{"watched", base, leak_mode::throw_};
  run.by("debug_allocator", "watched");
  buffer<int> lost = (run.allocates(), memory.allocate<int>(5));
  run.act_throws<memory_leak>([&](auto... at) { memory.close(at...); });
}

MISUSE_BY(debug_allocator, leak, its_end) {
  system_allocator base;
  std::optional<debug_allocator> memory;
  memory.emplace("watched", base, leak_mode::callback);
  run.by("debug_allocator", "watched");
  buffer<int> lost = (run.allocates(), memory->allocate<int>(5));
  run.act([&] { memory.reset(); });
}

MISUSE(debug_allocator, use_after_dispose) {
  system_allocator base;
  debug_allocator memory{"watched", base};
  memory.close();
  run.by("debug_allocator", "watched");
  buffer<int> none;
  run.act_throws<std::logic_error>(
      [&](auto... at) { run.here(), none = memory.allocate<int>(5, zero::no, at...); });
}

MISUSE_PMR(debug_allocator, use_after_dispose) {
  system_allocator base;
  debug_allocator memory{"watched", base};
  memory.close();
  run.by("debug_allocator", "watched");
  run.act_throws<std::logic_error>([&] { pmr_allocate(memory, 20); });
}

}  // namespace
}  // namespace memoir::matrix_of_allocators
