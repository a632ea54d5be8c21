// The misuse matrix: arenas of tensors that do not grow, and those that are lent to
// threads. See misuse_matrix.h.

#include <array>
#include <chrono>
#include <optional>
#include <thread>

#include "memoir/buffer/fixed_tensor_arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_lent_arenas {
namespace {

using std::chrono::milliseconds;
using tensor = tensor_view<double, 1>;

CLEAN(fixed_tensor_arena) {
  fixed_tensor_arena<double> arena{100};
  auto a = arena.alloc(10, 10);
  a(9, 9) = 1;
  arena.drop(a);
  arena.free();
}

CLEAN(threads_arena) {
  threads_arena<double> threads{100, 2};
  auto lease = threads.lease();
  lease->alloc(8).fill(1);
  on_another_thread([&] {
    threads.alloc(8).fill(2);
    threads.reset();
  });
  lease.reset();
  EXPECT_EQ(threads.leased_count(), 0u);
  EXPECT_TRUE(threads.repair().empty());
}

// Of both alike; what a thread has of a threads_arena is a tensor_arena.
struct with_fixed {
  static constexpr const char* kKind = "fixed_tensor_arena";
  fixed_tensor_arena<double> arena{100};
  fixed_tensor_arena<double> strict{100, drop_policy::strict_lifo};
};
struct with_threads {
  static constexpr const char* kKind = "tensor_arena";
  threads_arena<double> arena{100, 2};
  threads_arena<double> strict{100, 2, {.drops = drop_policy::strict_lifo}};
};
#define MISUSE_OF_ARENAS(kind, what, function)                    \
  MISUSE_AS(fixed_tensor_arena, kind, what, function<with_fixed>) \
  MISUSE_AS(threads_arena, kind, what, function<with_threads>)

template <class With>
void drop_twice(misuse_run& run) {
  if (run.is_undefined()) return;
  run.by(With::kKind);
  With with;
  tensor a = (run.allocates(), with.arena.alloc(8)), same = a;
  run.releases(), with.arena.drop(a);
  run.act_throws<std::invalid_argument>(
      [&](auto... at) { run.here(), with.arena.drop(same, at...); });
}
MISUSE_OF_ARENAS(double_free, a_drop, drop_twice)

template <class With>
void drop_anothers(misuse_run& run) {
  run.by(With::kKind);
  With with, other;
  tensor mine = with.arena.alloc(8);
  tensor a = (run.allocates(), other.arena.alloc(8));
  run.act_throws<std::invalid_argument>([&](auto... at) { with.arena.drop(a, at...); });
  with.arena.drop(mine);
}
MISUSE_OF_ARENAS(foreign_return, a_drop, drop_anothers)

template <class With>
void drop_a_local(misuse_run& run) {
  run.by(With::kKind);
  With with;
  tensor mine = with.arena.alloc(8);
  std::array<double, 8> local{};
  tensor a{local.data(), {8}, {1}};
  run.act_throws<std::invalid_argument>([&](auto... at) { with.arena.drop(a, at...); });
  with.arena.drop(mine);
}
MISUSE_OF_ARENAS(invalid_free, a_drop, drop_a_local)

template <class With>
void drop_out_of_order(misuse_run& run) {
  run.by(With::kKind);
  With with;
  tensor a = (run.allocates(), with.strict.alloc(8));
  tensor b = with.strict.alloc(8);
  run.act_throws<std::logic_error>([&](auto... at) { with.strict.drop(a, at...); });
  with.strict.drop(a, b);
}
MISUSE_OF_ARENAS(non_lifo_drop, a_drop, drop_out_of_order)

template <class With>
void allocate_after_a_shape(misuse_run& run) {
  run.by(With::kKind);
  With with;
  tensor a = with.arena.reshape(100);
  run.act_throws<std::logic_error>([&](auto... at) { a = with.arena.alloc({8, at...}); });
}
MISUSE_OF_ARENAS(mode_conflict, a_tensor, allocate_after_a_shape)

template <class With>
void extents_that_do_not_fit(misuse_run& run) {
  run.by(With::kKind);
  With with;
  run.act_throws<std::bad_array_new_length>([&](auto... at) {
    run.here(), static_cast<void>(with.arena.alloc({kTooMany / 2, at...}, 8));
  });
}
MISUSE_OF_ARENAS(size_overflow, extents, extents_that_do_not_fit)

template <class With>
void write_beyond_a_tensor(misuse_run& run) {
  if (run.is_undefined()) return;
  run.by(With::kKind);
  With with;
  tensor a = (run.allocates(), with.arena.alloc(8));
  a.data()[8] = 1;
  run.find([&](auto... at) { with.arena.drop(a, at...); });
}
MISUSE_OF_ARENAS(pool_overflow, a_drop, write_beyond_a_tensor)

template <class With>
void use_after_a_reset(misuse_run& run) {
  run.by(With::kKind);
  With with;
  tensor a = (run.allocates(), with.arena.alloc(8));
  run.releases(), with.arena.reset();
  run.act([&](auto... at) { EXPECT_EQ(a.check(at...), !is_tracking); });
}
MISUSE_OF_ARENAS(use_after_reset, a_reset, use_after_a_reset)

MISUSE(fixed_tensor_arena, double_free) {
  fixed_tensor_arena<double> arena{100};
  arena.set_name(run.name());
  arena.free();
  run.act([&](auto... at) { arena.free(at...); });
}

MISUSE(fixed_tensor_arena, use_after_dispose) {
  fixed_tensor_arena<double> arena{100};
  arena.free();
  tensor a;
  run.act_throws<std::logic_error>([&](auto... at) { a = arena.alloc({8, at...}); });
}

MISUSE_PMR(fixed_tensor_arena, use_after_dispose) {
  fixed_tensor_arena<double> arena{100};
  arena.free();
  run.act_throws<std::logic_error>([&] { pmr_allocate(*arena.memory(), 8); });
}

MISUSE(fixed_tensor_arena, use_after_reset) {
  fixed_tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8));
  run.releases(), arena.free();
  run.act([&](auto... at) { EXPECT_EQ(a.check(at...), !is_tracking); });
}

MISUSE(fixed_tensor_arena, capacity_exceeded) {
  fixed_tensor_arena<double> arena{10};
  tensor a;
  run.act_throws<std::length_error>([&](auto... at) { a = arena.alloc({11, at...}); });
}

MISUSE(fixed_tensor_arena, out_of_bounds) {
  fixed_tensor_arena<double> arena{10};
  run.act_throws<std::out_of_range>([&](auto... at) { arena.reshape({11, at...}); });
}

MISUSE(fixed_tensor_arena, bad_size) {
  fixed_tensor_arena<double> arena{10};
  tensor a;
  run.act_throws<std::invalid_argument>([&](auto... at) {
    run.here(), a = arena.alloc({-1, at...});
  });
}

MISUSE_PMR(fixed_tensor_arena, foreign_return) {
  if (run.is_undefined()) return;
  fixed_tensor_arena<double> arena{100}, other{100};
  void* const block = (run.allocates(), other.memory()->allocate(64));
  run.act([&] { pmr_deallocate(*arena.memory(), block, 64); });
}

MISUSE_PMR(fixed_tensor_arena, alloc_dealloc_mismatch) {
  if (run.is_undefined()) return;
  fixed_tensor_arena<double> arena{100};
  void* const block = (run.allocates(), arena.memory()->allocate(64));
  run.act([&] { pmr_deallocate(*arena.memory(), block, 32); });
}

MISUSE_PMR(fixed_tensor_arena, capacity_exceeded) {
  fixed_tensor_arena<double> arena{10};
  run.act_throws<std::bad_alloc>([&] { pmr_allocate(*arena.memory(), 88); });
}

MISUSE(fixed_tensor_arena, stale_handle) {
  if (run.is_undefined()) return;
  fixed_tensor_arena<double> arena{100};
  tensor a = arena.alloc(8), same = a;
  arena.drop(a);
  a = (run.allocates(), arena.alloc(8));
  run.act([&](auto... at) { EXPECT_FALSE(same.check(at...)); });
}

MISUSE(fixed_tensor_arena, unsynchronized_use) {
  fixed_tensor_arena<double> arena{100};
  tensor a = arena.alloc(8);
  run.act([&](auto... at) { on_another_thread([&] { arena.drop(a, at...); }); });
}

MISUSE(threads_arena, lease_affinity) {
  threads_arena<double> threads{100, 2};
  tensor a = threads.alloc(8);
  run.act_throws<std::logic_error>([&](auto... at) {
    on_another_thread([&] { run.here(), threads.drop(a, at...); });
  });
  threads.reset();
}

MISUSE_BY(threads_arena, lease_affinity, no_lease) {
  threads_arena<double> threads{100, 2};
  run.act_throws<std::logic_error>([&](auto... at) { threads.release(at...); });
}

MISUSE(threads_arena, leak) {
  threads_arena<double> threads{100, 2};
  threads.alloc(8).fill(1);
  run.act_throws<std::logic_error>([&](auto... at) { threads.release(at...); });
  threads.reset();
}

MISUSE(threads_arena, lease_timeout) {
  threads_arena<double> threads{100, 1};
  const auto all = threads.lease();
  run.act([&](auto... at) { EXPECT_FALSE(threads.lease_for(milliseconds(1), at...)); });
}

MISUSE_BY(threads_arena, lease_timeout, patience) {
  threads_arena<double> threads{100, 1};
  threads.set_patience(milliseconds(1));
  std::optional all{threads.lease()};
  const std::uint64_t before = finding_count();
  std::thread other{[&] {
    while (is_tracking && finding_count() == before) std::this_thread::yield();
    all.reset();
  }};
  run.act([&](auto... at) { run.here(), static_cast<void>(threads.lease(at...)); });
  other.join();
}

MISUSE(threads_arena, pool_destroyed_with_live_blocks) {
  std::optional<threads_arena<double>> threads{std::in_place, 100u, 2u};
  auto lease = (run.allocates(), threads->lease());
  run.act([&] { threads.reset(); });
  lease->alloc(8).fill(1);  // still good
}

MISUSE(threads_arena, stale_handle) {
  run.by("arena_lease");
  threads_arena<double> threads{100, 2};
  auto lease = threads.lease();
  EXPECT_EQ(threads.repair().size(), 1u);
  run.act_throws<std::logic_error>([&](auto... at) { lease.get(at...); });
}

MISUSE(threads_arena, use_after_reset) {
  run.by("tensor_arena");
  threads_arena<double> threads{100, 2};
  tensor a = (run.allocates(), threads.alloc(8));
  run.releases(), threads.repair();
  run.act([&](auto... at) { EXPECT_EQ(a.check(at...), !is_tracking); });
}

MISUSE(threads_arena, bad_size) {
  run.act_throws<std::invalid_argument>(
      [&](auto... at) { run.here(), threads_arena<double>(100, 0, {}, kHeap, at...); });
}

MISUSE_BY(threads_arena, bad_size, an_extent) {
  run.by("tensor_arena");
  threads_arena<double> threads{100, 2};
  tensor a;
  run.act_throws<std::invalid_argument>([&](auto... at) {
    run.here(), a = threads.alloc({-1, at...});
  });
  threads.reset();
}

MISUSE(threads_arena, capacity_exceeded) {
  run.by("tensor_arena");
  threads_arena<double> threads{10, 2, {.extendable = false}};
  tensor a;
  run.act_throws<std::length_error>([&](auto... at) {
    run.here(), a = threads.alloc({11, at...});
  });
  threads.reset();
}

MISUSE(threads_arena, out_of_bounds) {
  run.by("tensor_arena");
  threads_arena<double> threads{10, 2, {.extendable = false}};
  run.act_throws<std::out_of_range>([&](auto... at) { threads.reshape({11, at...}); });
}

MISUSE(threads_arena, unsynchronized_use) {
  run.by("tensor_arena");
  threads_arena<double> threads{100, 1};
  tensor_arena<double>& arena = threads.lease().get();  // kept beyond the lease
  tensor a = threads.alloc(8);
  run.act([&](auto... at) { on_another_thread([&] { arena.drop(a, at...); }); });
  threads.reset();
}

}  // namespace
}  // namespace memoir::matrix_of_lent_arenas
