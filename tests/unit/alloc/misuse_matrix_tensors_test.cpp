// The misuse matrix: arenas of tensors, and what they hand out. See misuse_matrix.h.

#include <optional>
#include <span>
#include <vector>

#include "memoir/buffer/tensor_arena.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_tensors {
namespace {

using tensor = tensor_view<double, 1>;

CLEAN(tensor_arena) {
  tensor_arena<double> arena{100};
  auto a = arena.alloc(10, 10);
  a(9, 9) = 1;
  auto b = arena.alloc(5);
  b.fill(2);
  arena.drop(a);
  arena.drop(b);
  { std::pmr::vector<double> list({1, 2, 3}, arena.memory()); }
  EXPECT_EQ(arena.verify(), 0u);
  arena.reset();
  arena.reshape(4, 5)(3, 4) = 1;
  arena.reset();
  arena.hand_over();
  on_another_thread([&] { arena.alloc(3).fill(1); });
}

MISUSE(tensor_arena, double_free) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  arena.set_name(run.name());
  tensor a = (run.allocates(), arena.alloc(8)), same = a;
  run.releases(), arena.drop(a);
  run.act_throws<std::invalid_argument>([&](auto... at) { arena.drop(same, at...); });
}

MISUSE_BY(tensor_arena, double_free, the_same_view) {
  tensor_arena<double> arena{100};
  tensor a = arena.alloc(8);
  arena.drop(a);
  run.act_throws<std::logic_error>([&](auto... at) { arena.drop(a, at...); });
}

MISUSE_BY(tensor_arena, double_free, one_drop) {
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8)), same = a;
  run.act_throws<std::logic_error>([&](auto... at) { arena.drop({a, at...}, same); });
}

MISUSE_PMR(tensor_arena, double_free) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  void* const block = (run.allocates(), arena.memory()->allocate(64));
  run.releases(), arena.memory()->deallocate(block, 64);
  run.act([&] { pmr_deallocate(*arena.memory(), block, 64); });
}

MISUSE(tensor_arena, foreign_return) {
  tensor_arena<double> arena{100}, other{100};
  tensor a = (run.allocates(), other.alloc(8));
  run.act_throws<std::invalid_argument>([&](auto... at) { arena.drop(a, at...); });
  other.drop(a);
}

MISUSE_PMR(tensor_arena, foreign_return) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100}, other{100};
  void* const block = (run.allocates(), other.memory()->allocate(64));
  run.act([&] { pmr_deallocate(*arena.memory(), block, 64); });
}

MISUSE(tensor_arena, invalid_free) {
  tensor_arena<double> arena{100};
  std::array<double, 8> local{};
  tensor a{local.data(), {8}, {1}};
  run.act_throws<std::invalid_argument>([&](auto... at) { arena.drop(a, at...); });
}

MISUSE_PMR(tensor_arena, invalid_free) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  auto* const block =
      (run.allocates(), static_cast<double*>(arena.memory()->allocate(64)));
  run.act([&] { pmr_deallocate(*arena.memory(), block + 1, 8); });
}

MISUSE_PMR(tensor_arena, alloc_dealloc_mismatch) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  void* const block = (run.allocates(), arena.memory()->allocate(64));
  run.act([&] { pmr_deallocate(*arena.memory(), block, 32); });
}

MISUSE(tensor_arena, stale_handle) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  tensor a = arena.alloc(8), same = a;
  arena.drop(a);
  a = (run.allocates(), arena.alloc(8));
  run.act([&](auto... at) { EXPECT_FALSE(same.check(at...)); });
}

MISUSE(tensor_arena, use_after_reset) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8));
  run.releases(), arena.reset();
  a.data()[1] = 1;
  run.find([&](auto... at) { arena.verify(at...); });
}

MISUSE_BY(tensor_arena, use_after_reset, the_next_tensor) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8));
  run.releases(), arena.reset();
  a.data()[1] = 1;
  run.find([&](auto... at) { a = arena.alloc({8, at...}); });
}

MISUSE_BY(tensor_arena, use_after_reset, a_drop) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8));
  run.releases(), arena.reset();
  run.act_throws<std::invalid_argument>([&](auto... at) { arena.drop(a, at...); });
}

MISUSE(tensor_arena, pool_overflow) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8));
  a.data()[8] = 1;
  run.find([&](auto... at) { arena.drop(a, at...); });
}

MISUSE_PMR(tensor_arena, pool_overflow) {
  if (run.is_undefined()) return;
  tensor_arena<double> arena{100};
  auto* const block =
      (run.allocates(), static_cast<double*>(arena.memory()->allocate(64)));
  block[8] = 1;
  run.find([&] { pmr_deallocate(*arena.memory(), block, 64); });
}

MISUSE(tensor_arena, non_lifo_drop) {
  tensor_arena<double> arena{100, {.drops = drop_policy::strict_lifo}};
  arena.set_name(run.name());
  tensor a = (run.allocates(), arena.alloc(8));
  tensor b = arena.alloc(8);
  run.act_throws<std::logic_error>([&](auto... at) { arena.drop(a, at...); });
  arena.drop(a, b);
}

MISUSE(tensor_arena, mode_conflict) {
  tensor_arena<double> arena{100};
  static_cast<void>(arena.reshape(10, 10));
  tensor a;
  run.act_throws<std::logic_error>([&](auto... at) { a = arena.alloc({8, at...}); });
}

MISUSE_BY(tensor_arena, mode_conflict, a_shape) {
  tensor_arena<double> arena{100};
  static_cast<void>(arena.alloc(8));
  run.act_throws<std::logic_error>([&](auto... at) { arena.reshape({8, at...}); });
}

MISUSE_BY(tensor_arena, mode_conflict, a_drop) {
  tensor_arena<double> arena{100};
  tensor a = arena.reshape(8);
  run.act_throws<std::logic_error>([&](auto... at) { arena.drop(a, at...); });
}

MISUSE_PMR(tensor_arena, mode_conflict) {
  tensor_arena<double> arena{100};
  static_cast<void>(arena.reshape(10, 10));
  run.act_throws<std::logic_error>([&] { pmr_allocate(*arena.memory(), 8); });
}

MISUSE(tensor_arena, capacity_exceeded) {
  tensor_arena<double> arena{10, {.extendable = false}};
  tensor a;
  run.act_throws<std::length_error>([&](auto... at) { a = arena.alloc({11, at...}); });
  EXPECT_EQ(arena.try_alloc(11).error(), errc::capacity_exceeded);
}

MISUSE_BY(tensor_arena, capacity_exceeded, a_reservation) {
  tensor_arena<double> arena{10, {.extendable = false}};
  run.act_throws<std::length_error>([&](auto... at) { arena.reserve(11, at...); });
}

MISUSE_PMR(tensor_arena, capacity_exceeded) {
  tensor_arena<double> arena{10, {.extendable = false}};
  run.act_throws<std::bad_alloc>([&] { pmr_allocate(*arena.memory(), 88); });
}

MISUSE(tensor_arena, bad_size) {
  tensor_arena<double> arena{10};
  tensor a;
  run.act_throws<std::invalid_argument>([&](auto... at) {
    run.here(), a = arena.alloc({-1, at...});
  });
}

MISUSE_BY(tensor_arena, bad_size, its_capacity) {
  run.act_throws<std::bad_array_new_length>(
      [&](auto... at) { run.here(), tensor_arena<double>(kTooMany, {}, kHeap, at...); });
}

MISUSE(tensor_arena, size_overflow) {
  tensor_arena<double> arena{10};
  run.act_throws<std::bad_array_new_length>([&](auto... at) {
    run.here(), static_cast<void>(arena.alloc({kTooMany / 2, at...}, 8));
  });
}

MISUSE_PMR(tensor_arena, size_overflow) {
  tensor_arena<double> arena{10};
  run.act_throws<std::bad_array_new_length>(
      [&] { pmr_allocate(*arena.memory(), kTooMany + 1); });
}

MISUSE(tensor_arena, out_of_bounds) {
  tensor_arena<double> arena{10, {.extendable = false}};
  run.act_throws<std::out_of_range>([&](auto... at) { arena.reshape({11, at...}); });
}

MISUSE(tensor_arena, unsynchronized_use) {
  tensor_arena<double> arena{100};
  tensor a = arena.alloc(8);
  run.act([&](auto... at) { on_another_thread([&] { arena.drop(a, at...); }); });
}

MISUSE_PMR(tensor_arena, unsynchronized_use) {
  tensor_arena<double> arena{100};
  void* const block = arena.memory()->allocate(64);
  run.act([&](auto... at) {
    on_another_thread(
        [&] { run.here(), arena.memory()->deallocate(block, 64, 8, at...); });
  });
}

}  // namespace
}  // namespace memoir::matrix_of_tensors
