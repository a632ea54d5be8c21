// The misuse matrix: arenas that are lent to threads, and tensors without an arena. See
// misuse_matrix.h.

#include <optional>
#include <span>

#include "memoir/buffer/sizing_arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "unit/alloc/misuse_matrix.h"

namespace memoir::matrix_of_leases {
namespace {

using tensor = tensor_view<double, 1>;

CLEAN(arena_lease) {
  threads_arena<double> threads{100, 1};
  auto lease = threads.lease();
  tensor a = lease->alloc(8);
  a.fill(1);
  lease->drop(a);
  on_another_thread([&] {
    lease.take_over();
    lease->alloc(8).fill(2);
    lease.reset();
  });
}

MISUSE(arena_lease, stale_handle) {
  arena_lease<double> none;
  run.act_throws<std::logic_error>([&](auto... at) { none.get(at...); });
}

MISUSE_BY(arena_lease, stale_handle, an_arrow) {
  arena_lease<double> none;
  run.act_throws<std::logic_error>([&] { static_cast<void>(none->alloc(8)); });
}

MISUSE(arena_lease, lease_affinity) {
  threads_arena<double> threads{100, 1};
  auto lease = threads.lease();
  run.act([&](auto... at) { on_another_thread([&] { lease.get(at...); }); });
}

MISUSE(arena_lease, leak) {
  threads_arena<double> threads{100, 1};
  auto lease = threads.lease();
  lease->alloc(8).fill(1);
  run.act_throws<std::logic_error>([&](auto... at) { lease.release(at...); });
}

MISUSE(arena_lease, unsynchronized_use) {
  run.by("tensor_arena");
  threads_arena<double> threads{100, 1};
  auto lease = threads.lease();
  tensor_arena<double>& arena = lease.get();
  tensor a = arena.alloc(8);
  run.act([&](auto... at) { on_another_thread([&] { arena.drop(a, at...); }); });
}

CLEAN(sizing_arena) {
  sizing_arena<double> plan;
  auto a = plan.alloc(10, 10);
  auto b = plan.alloc(5);
  plan.drop(b);
  plan.drop(a);
  EXPECT_EQ(plan.peak(), 105u);
}

MISUSE(sizing_arena, double_free) {
  sizing_arena<double> plan;
  auto a = plan.alloc(8), same = a;
  plan.drop(a);
  run.act_throws<std::logic_error>([&](auto... at) { plan.drop(same, at...); });
}

MISUSE(sizing_arena, bad_size) {
  sizing_arena<double> plan;
  run.act_throws<std::invalid_argument>([&](auto... at) {
    run.here(), static_cast<void>(plan.alloc({-1, at...}));
  });
}

MISUSE(sizing_arena, size_overflow) {
  sizing_arena<double> plan;
  run.act_throws<std::bad_array_new_length>([&](auto... at) {
    run.here(), static_cast<void>(plan.alloc({kTooMany / 2, at...}, 8));
  });
}

CLEAN(tensor_view) {
  tensor_arena<double> arena{100};
  auto a = arena.alloc(4, 5);
  a(3, 4) = a[19] = 1;
  EXPECT_EQ(a.slice(1, 4)(3), 1);
  EXPECT_EQ(a.part(1, 4, 1).size(), 4u);
  EXPECT_TRUE(a.check());
}

MISUSE(tensor_view, out_of_bounds) {
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8));
  run.act_throws<std::out_of_range>([&](auto... at) { a({8, at...}) = 1; });
}

MISUSE_BY(tensor_view, out_of_bounds, a_linear_index) {
  tensor_arena<double> arena{100};
  auto a = (run.allocates(), arena.alloc(4, 5));
  run.act_throws<std::out_of_range>([&](auto... at) { a[{20, at...}] = 1; });
}

MISUSE_BY(tensor_view, out_of_bounds, at) {
  tensor_arena<double, unchecked_access> arena{100};
  auto a = (run.allocates(), arena.alloc(4, 5));
  run.act_throws<std::out_of_range>([&](auto... at) { a.at(0, {5, at...}) = 1; });
}

MISUSE_BY(tensor_view, out_of_bounds, a_slice) {
  tensor_arena<double> arena{100};
  auto a = (run.allocates(), arena.alloc(4, 5));
  run.act_throws<std::out_of_range>([&](auto... at) { a.slice(1, {5, at...}); });
}

MISUSE_BY(tensor_view, out_of_bounds, a_part) {
  tensor_arena<double> arena{100};
  auto a = (run.allocates(), arena.alloc(4, 5));
  run.act_throws<std::out_of_range>([&](auto... at) { a.part(1, {4, at...}, 2); });
}

MISUSE(tensor_view, use_after_reset) {
  if (run.is_undefined()) return;
  run.by("tensor_arena");
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8)), same = a;
  run.releases(), arena.drop(a);
  run.act([&](auto... at) { static_cast<void>(same({1, at...})); });
}

MISUSE_BY(tensor_view, use_after_reset, a_dropped_view) {
  run.by("tensor_arena");
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8));
  run.releases(), arena.drop(a);
  run.act_throws<std::out_of_range>([&](auto... at) { a({1, at...}) = 1; });
}

MISUSE_BY(tensor_view, use_after_reset, the_end_of_the_arena) {
  if (run.is_undefined()) return;
  run.by("tensor_arena");
  std::optional<tensor_arena<double>> arena{100u};
  tensor a = arena->alloc(8);
  arena.reset();
  run.act([&](auto... at) { EXPECT_FALSE(a.check(at...)); });
}

MISUSE(tensor_view, stale_handle) {
  if (run.is_undefined()) return;
  run.by("tensor_arena");
  tensor_arena<double> arena{100};
  tensor a = arena.alloc(8), same = a;
  arena.drop(a);
  a = (run.allocates(), arena.alloc(8));
  run.act([&](auto... at) { static_cast<void>(same.span(at...)); });
}

CLEAN(detached) {
  tensor_arena<double> arena{100};
  tensor a = arena.alloc(8);
  {
    const detached<double> pointer = arena.neuralyze(a);
    pointer.span()[7] = 1;
  }
  const double* const released = arena.neuralyze(a).release();
  arena.recall(released);
  arena.drop(a);
}

MISUSE(detached, stale_handle) {
  run.by("tensor_arena");
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8));
  const detached<double> pointer = arena.neuralyze(a);
  run.act([&](auto... at) { arena.drop(a, at...); });
}

MISUSE_BY(detached, stale_handle, a_reset) {
  run.by("tensor_arena");
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8));
  static_cast<void>(arena.neuralyze(a).release());
  run.act([&](auto... at) { arena.reset(at...); });
}

MISUSE_BY(detached, stale_handle, growth) {
  run.by("tensor_arena");
  tensor_arena<double> arena{10};
  tensor a = (run.allocates(), arena.reshape(8));
  const detached<double> pointer = arena.neuralyze(a);
  run.act([&](auto... at) { arena.reshape({100, at...}); });
}

MISUSE(detached, use_after_reset) {
  run.by("tensor_arena");
  tensor_arena<double> arena{100};
  tensor a = (run.allocates(), arena.alloc(8)), same = a;
  run.releases(), arena.drop(a);
  run.act([&](auto... at) { static_cast<void>(arena.neuralyze(same, at...)); });
}

}  // namespace
}  // namespace memoir::matrix_of_leases
