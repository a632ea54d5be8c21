// tensor_arena: how tensors are given back: one by one, several at once, out of order,
// all.

#include <gmock/gmock.h>

#include <complex>
#include <numeric>
#include <vector>

#include "memoir/buffer/tensor_arena.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class TensorDropTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(TensorDropTest, BJ_12_drop_makes_the_view_null) {
  tensor_arena<double> arena{10};
  auto a = arena.alloc(10);
  arena.drop(a);
  EXPECT_TRUE(a.is_null());
  EXPECT_EQ(a.size(), 0u);
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(arena.drop(a), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
}

TEST_F(TensorDropTest, BJ_12_a_copy_of_a_dropped_tensor) {
  tensor_arena<double> arena{10};
  auto a = arena.alloc(10);
  auto copy = a;
  arena.drop(a);
  EXPECT_EQ(copy.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
  if constexpr (is_tracking) {
    EXPECT_THROW(arena.drop(copy), std::invalid_argument);
    EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
    auto b = arena.alloc(10);
    EXPECT_THROW(arena.drop(copy), std::invalid_argument);
    EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
    b[0] = 1;
    EXPECT_EQ(arena.used(), 10u);
  }
}

TEST_F(TensorDropTest, BJ_12_tensors_of_another_buffer) {
  tensor_arena<double> one{10};
  tensor_arena<double> other{10};
  auto a = one.alloc(10);
  auto b = other.alloc(10);
  EXPECT_THROW(other.drop(a), std::invalid_argument);
  EXPECT_FALSE(a.is_null());
  if constexpr (is_tracking) {
    const auto found = log_.take();
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].where.line, static_cast<unsigned>(__LINE__ - 5));
    EXPECT_THAT(found[0].kind,
                ::testing::AnyOf(finding::foreign_return, finding::stale_handle));
  }
  one.drop(a);
  other.drop(b);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorDropTest, BJ_13_reset_keeps_the_memory) {
  tensor_arena<double> arena{100};
  auto a = arena.alloc(10, 10);
  double* const memory = a.data();
  EXPECT_EQ(arena.reset(), is_tracking ? 1u : 0u);
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_EQ(arena.generation(), 1u);
  auto b = arena.alloc(10, 10);
  EXPECT_EQ(b.data(), memory);
  EXPECT_EQ(arena.growth_count(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorDropTest, BJ_13_uses_after_a_reset_are_found) {
  tensor_arena<double> arena{100};
  auto a = arena.alloc(10, 10);
  arena.reset();
  a(1, 1) = 3;
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
  arena.verify();
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
}

TEST_F(TensorDropTest, BJ_13_uses_after_the_end_of_the_arena_are_found) {
  tensor_view<double, 1> escaped;
  {
    tensor_arena<double> arena{100};
    escaped = arena.alloc(3);
  }
  EXPECT_EQ(escaped.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
}

TEST_F(TensorDropTest, BJ_U4_several_at_once_in_any_order) {
  tensor_arena<int> arena{100, {.drops = drop_policy::strict_lifo}};
  auto a = arena.alloc(10);
  auto b = arena.alloc(2, 5);
  auto c = arena.alloc(2, 5, 2);
  arena.drop(b, c);
  EXPECT_TRUE(b.is_null());
  EXPECT_TRUE(c.is_null());
  EXPECT_EQ(arena.used(), 10u);
  EXPECT_NO_FINDING(log_);
  auto d = arena.alloc(10);
  auto e = arena.alloc(10);
  EXPECT_THROW(arena.drop(a, e), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::non_lifo_drop, __LINE__ - 1);
  EXPECT_EQ(arena.used(), 30u);
  EXPECT_FALSE(a.is_null());
  EXPECT_FALSE(e.is_null());
  auto same = d;
  EXPECT_THROW(arena.drop(e, d, same), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
  EXPECT_EQ(arena.used(), 30u);
  arena.drop(a, d, e);
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorDropTest, BJ_U4_also_across_chunks) {
  tensor_arena<int> arena{10, {.drops = drop_policy::strict_lifo}};
  auto a = arena.alloc(10);
  auto b = arena.alloc(500);
  auto c = arena.alloc(4000);
  arena.drop(c, a, b);
  EXPECT_EQ(arena.mode(), tensor_mode::idle);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorDropTest, BJ_U5_modes_exclude_each_other) {
  tensor_arena<int> arena{100};
  arena.alloc(10).fill(1);
  EXPECT_THROW(arena.reshape(100), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::mode_conflict, __LINE__ - 1);
  arena.reset();
  auto whole = arena.reshape(100);
  EXPECT_THROW(static_cast<void>(arena.alloc(1)), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::mode_conflict, __LINE__ - 1);
  EXPECT_THROW(arena.drop(whole), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::mode_conflict, __LINE__ - 1);
  arena.reset();
  EXPECT_EQ(arena.alloc(1).size(), 1u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorDropTest, S_BJ_1_drops_out_of_order_are_clean_by_default) {
  tensor_arena<int> arena{1000};
  auto a = arena.alloc(10, 10);
  auto b = arena.alloc(10, 5);
  arena.drop(a);
  EXPECT_EQ(arena.used(), 50u);
  arena.drop(b);
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_EQ(arena.mode(), tensor_mode::idle);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorDropTest, S_BJ_1_and_are_refused_by_strict_lifo) {
  tensor_arena<int> arena{1000, {.drops = drop_policy::strict_lifo}};
  auto a = arena.alloc(10, 10);
  auto b = arena.alloc(10, 5);
  EXPECT_THROW(arena.drop(a), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::non_lifo_drop, __LINE__ - 1);
  EXPECT_FALSE(a.is_null());
  EXPECT_EQ(arena.used(), 150u);
  arena.drop(b);
  arena.drop(a);
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorDropTest, Corpus_11_the_published_drop_order) {
  tensor_arena<int> strict{1000, {.drops = drop_policy::strict_lifo}};
  auto a = strict.alloc(10, 10);
  auto b = strict.alloc(10, 5);
  b.fill(1);
  EXPECT_THROW(strict.drop(a), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::non_lifo_drop, __LINE__ - 1);
}

}  // namespace
}  // namespace memoir
