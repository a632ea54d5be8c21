// fixed_tensor_arena, with_buffer and sizing_arena: the rows of MAllocBuffer and @buffer.

#include "memoir/buffer/fixed_tensor_arena.h"
#include "memoir/buffer/sizing_arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class FixedTensorArenaTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(FixedTensorArenaTest, BJ_17_a_buffer_for_a_scope) {
  const int sum = with_buffer<int>(1000, [](auto& buffer) {
    EXPECT_EQ(buffer.capacity(), 1000u);
    auto a = buffer.alloc(10, 10);
    a.fill(2);
    int all = 0;
    for (int x : a) all += x;
    return all;
  });
  EXPECT_EQ(sum, 200);
  EXPECT_NO_FINDING(log_);
}

TEST_F(FixedTensorArenaTest, BJ_17_is_freed_when_the_function_throws) {
  failing_resource memory;
  const auto before = memory.live_blocks();
  const auto throwing = [&] {
    fixed_tensor_arena<int> buffer(100, drop_policy::deferred, &memory);
    static_cast<void>(buffer.alloc(10));
    throw std::runtime_error("");
  };
  EXPECT_THROW(throwing(), std::runtime_error);
  EXPECT_EQ(memory.live_blocks(), before);
  EXPECT_THROW(with_buffer<int>(10, [](auto&) { throw std::runtime_error(""); }),
               std::runtime_error);
  EXPECT_NO_FINDING(log_);
}

TEST_F(FixedTensorArenaTest, BJ_17_views_that_escape_are_found) {
  const auto escaped = with_buffer<int>(100, [](auto& b) { return b.alloc(3); });
  EXPECT_EQ(escaped.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
}

TEST_F(FixedTensorArenaTest, BJ_19_one_block_that_never_grows) {
  failing_resource memory;
  fixed_tensor_arena<double> buffer{100, drop_policy::deferred, &memory};
  EXPECT_EQ(memory.allocations(), 1u);
  auto a = buffer.alloc(10, 10);
  EXPECT_THROW(static_cast<void>(buffer.alloc(1)), std::length_error);
  EXPECT_ONE_FINDING(log_, finding::capacity_exceeded, __LINE__ - 1);
  a.fill(1);
  buffer.drop(a);
  EXPECT_EQ(buffer.growth_count(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(FixedTensorArenaTest, BJ_U6_cannot_be_made_to_grow_and_is_freed_once) {
  fixed_tensor_arena<int> buffer{elements{10}};
  EXPECT_FALSE(buffer.extendable());
  EXPECT_THROW(buffer.set_extendable(true), std::logic_error);
  buffer.set_extendable(false);
  auto a = buffer.alloc(10);
  buffer.free();
  EXPECT_EQ(buffer.used(), 0u);
  EXPECT_EQ(buffer.capacity(), 0u);
  EXPECT_NO_FINDING(log_);
  EXPECT_EQ(a.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
  buffer.free();
  EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
  EXPECT_THROW(static_cast<void>(buffer.alloc(1)), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::use_after_dispose, __LINE__ - 1);
}

TEST_F(FixedTensorArenaTest, BJ_U13_two_buffers_end_in_reverse_order) {
  with_buffer<int>(10, [&](auto& outer) {
    auto a = outer.alloc(10);
    with_buffer<double>(20, [&](auto& inner) {
      auto b = inner.alloc(20);
      b.fill(1.5);
      a.fill(static_cast<int>(b[19]));
    });
    EXPECT_EQ(a[9], 1);
  });
  EXPECT_NO_FINDING(log_);
}

TEST_F(FixedTensorArenaTest, BJ_E6_the_published_example) {
  with_buffer<int>(1000, [](auto& buf) {
    auto a = buf.alloc(10, 10);
    auto b = buf.alloc(10, 5);
    a.fill(0);
    b.fill(1);
    buf.drop(a);
    buf.drop(b);
    EXPECT_EQ(buf.used(), 0u);
  });
  EXPECT_NO_FINDING(log_);
}

TEST_F(FixedTensorArenaTest, Corpus_12_an_exception_leaks_nothing) {
  failing_resource memory;
  try {
    fixed_tensor_arena<int> buffer{100, drop_policy::deferred, &memory};
    auto a = buffer.alloc(10);
    a.at(10) = 1;
  } catch (const std::out_of_range&) {
  }
  EXPECT_EQ(memory.live_blocks(), 0u);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 4);
}

TEST_F(FixedTensorArenaTest, S_BJ_sizes_that_wrap_are_refused) {
  EXPECT_THROW(fixed_tensor_arena<double>(SIZE_MAX / 8 + 2), std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

TEST_F(FixedTensorArenaTest, S_BJ_a_failed_allocation_changes_nothing) {
  const auto fail_at_once = [] {
    failing_resource memory;
    memory.fail_after(0);
    fixed_tensor_arena<double> buffer(10, drop_policy::deferred, &memory);
  };
  EXPECT_THROW(fail_at_once(), std::bad_alloc);
  for (std::size_t n = 1; n < 5; ++n) {
    failing_resource memory;
    memory.fail_after(n);
    tensor_arena<double> arena{10, {}, &memory};
    std::vector<tensor_view<double, 1>> all;
    try {
      while (true) all.push_back(arena.alloc(400));
    } catch (const std::bad_alloc&) {
    }
    EXPECT_EQ(arena.used(), 400 * all.size());
    for (auto& one : all) one.fill(1);
    for (auto& one : all) arena.drop(one);
    EXPECT_EQ(arena.used(), 0u);
    memory.never_fail();
    EXPECT_EQ(arena.alloc(4000).size(), 4000u);
  }
  EXPECT_NO_FINDING(log_);
}

TEST_F(FixedTensorArenaTest, BJ_U12_a_dry_run_says_how_much_is_needed) {
  const auto work = [](auto& arena) {
    auto a = arena.alloc(10, 10);
    auto b = arena.alloc(10, 5);
    arena.drop(a);
    auto c = arena.alloc(7);
    c.fill(1);
    arena.drop(b, c);
    auto d = arena.alloc(120);
    arena.drop(d);
  };
  sizing_arena<int> plan;
  work(plan);
  EXPECT_EQ(plan.peak(), 157u);
  EXPECT_EQ(plan.used(), 0u);
  fixed_tensor_arena<int> exact{plan.peak()};
  work(exact);
  EXPECT_EQ(exact.peak_usage(), plan.peak());
  fixed_tensor_arena<int> small{plan.peak() - 1};
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(work(small), std::length_error);
  EXPECT_EQ(log_.take().size(), is_tracking ? 1u : 0u);
}

TEST_F(FixedTensorArenaTest, BJ_U12_the_dry_run_refuses_what_the_arena_refuses) {
  sizing_arena<int> plan;
  auto a = plan.alloc(10);
  plan.drop(a);
  EXPECT_TRUE(a.is_null());
  EXPECT_THROW(plan.drop(a), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
  EXPECT_THROW(static_cast<void>(plan.alloc(-1)), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

}  // namespace
}  // namespace memoir
