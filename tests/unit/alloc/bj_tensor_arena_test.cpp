// tensor_arena: the rows of Buffer{T}; bj_tensor_drop_test.cpp has how tensors are given
// back.

#include <complex>
#include <numeric>
#include <vector>

#include "memoir/buffer/tensor_arena.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class TensorArenaTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(TensorArenaTest, BJ_1_buffers_for_various_data_types) {
  struct pixel {
    unsigned char r, g, b;
  };
  tensor_arena<pixel> pixels{12};
  tensor_arena<std::complex<double>> numbers{4};
  auto image = pixels.alloc(3, 4);
  image(2, 3) = {1, 2, 3};
  EXPECT_EQ(image(2, 3).b, 3);
  auto row = numbers.alloc(4);
  row[3] = {1, 2};
  EXPECT_EQ(row[3].imag(), 2.0);
  static_assert(!tensor_element<std::string>);
  static_assert(tensor_element<pixel>);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_1_is_a_memory_resource_for_containers) {
  tensor_arena<double> arena{64};
  {
    std::pmr::vector<double> values{arena.memory()};
    for (int i = 0; i < 100; ++i) values.push_back(i);
    EXPECT_EQ(std::accumulate(values.begin(), values.end(), 0.0), 4950.0);
    std::pmr::vector<std::max_align_t> wide{3, arena.memory()};
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(wide.data()) % alignof(std::max_align_t),
              0u);
    EXPECT_GE(*arena.used(), 100u);
  }
  EXPECT_EQ(arena.used(), 0u);
  arena.reset();
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_2_elements_can_be_appended_and_accessed) {
  tensor_arena<int> arena;
  const std::vector<int> values{4, 5, 6};
  auto first = arena.append(values);
  auto second = arena.append(std::vector<int>(1000, 7));
  EXPECT_EQ(first[0], 4);
  EXPECT_EQ(first.at(2), 6);
  EXPECT_EQ(second[999], 7);
  EXPECT_EQ(first.size(), 3u);
  EXPECT_GE(arena.capacity(), 1003u);
  EXPECT_TRUE(arena.append({}).empty());
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_2_indices_beyond_the_end_are_found) {
  tensor_arena<int> arena{10};
  auto a = arena.alloc(2, 5);
  EXPECT_THROW(a(2, 0), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(a(1, 5), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(a[10], std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(a(static_cast<std::size_t>(-1), 0), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(TensorArenaTest, BJ_3_arrays_of_any_rank_come_and_go) {
  tensor_arena<int> arena{1 + 6 + 24};
  auto one = arena.alloc(1);
  auto two = arena.alloc(2, 3);
  auto three = arena.alloc(2, 3, 4);
  static_assert(decltype(three)::rank() == 3);
  EXPECT_EQ(three.strides(), (std::array<std::size_t, 3>{1, 2, 6}));
  auto rows = arena.alloc_shape<2>({3, 4}, tensor_order::row_major);
  EXPECT_EQ(rows.strides(), (std::array<std::size_t, 2>{4, 1}));
  arena.drop(rows);
  arena.drop(three);
  arena.drop(two);
  arena.drop(one);
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_EQ(arena.mode(), tensor_mode::idle);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_3_products_that_do_not_fit_are_found) {
  tensor_arena<double> arena{10};
  const std::size_t large = std::size_t{1} << 33;
  EXPECT_THROW(static_cast<void>(arena.alloc(large, large)), std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 1);
  EXPECT_THROW(static_cast<void>(arena.alloc(3, -1)), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
  EXPECT_EQ(arena.try_alloc(large, large).error(), errc::size_overflow);
  EXPECT_EQ(arena.try_alloc(-3).error(), errc::invalid_size);
  EXPECT_TRUE(arena.alloc(large, 0, large).empty());
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_5_the_same_memory_under_a_new_shape) {
  tensor_arena<int> arena{100};
  auto flat = arena.reshape(100);
  std::iota(flat.begin(), flat.end(), 0);
  auto square = arena.reshape(10, 10);
  EXPECT_EQ(square(3, 4), 43);
  auto tail = arena.reshape<2>({5, 2}, {.offset = 90});
  EXPECT_EQ(tail(0, 1), 95);
  EXPECT_EQ(arena.growth_count(), 0u);
  EXPECT_EQ(arena.mode(), tensor_mode::reshape);
  arena.reset();
  EXPECT_EQ(arena.mode(), tensor_mode::idle);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_5_a_larger_shape_moves_the_elements_or_is_refused) {
  tensor_arena<int> arena{10};
  auto small = arena.reshape(10);
  small.fill(3);
  auto large = arena.reshape(1000);
  EXPECT_EQ(large[9], 3);
  EXPECT_EQ(small.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
  tensor_arena<int> fixed{10, {.extendable = false}};
  EXPECT_THROW(fixed.reshape(11), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
}

TEST_F(TensorArenaTest, BJ_6_neuralyze_gives_the_memory_without_its_origin) {
  tensor_arena<double> arena{100};
  auto a = arena.alloc(10, 10);
  a.fill(2);
  {
    auto raw = arena.neuralyze(a);
    static_assert(!std::is_convertible_v<detached<double>, std::span<double>>);
    const std::span<double> span = raw;
    EXPECT_EQ(span.data(), a.data());
    EXPECT_EQ(span.size(), 100u);
  }
  arena.drop(a);
  auto b = arena.alloc(10, 10);
  EXPECT_THROW(static_cast<void>(arena.neuralyze(b.part(0, 0, 5))), std::logic_error);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_6_detached_pointers_are_found_when_their_memory_goes) {
  tensor_arena<double> arena{100};
  auto a = arena.alloc(4);
  auto raw = arena.neuralyze(a);
  const unsigned detached_at = __LINE__ - 1;
  arena.drop(a);
  const auto found = log_.take();
  ASSERT_EQ(found.size(), is_tracking ? 1u : 0u);
  if constexpr (is_tracking) {
    EXPECT_EQ(found[0].kind, finding::stale_handle);
    EXPECT_EQ(found[0].where.line, detached_at + 2);
    EXPECT_NE(
        found[0].text.find("bj_tensor_arena_test.cpp:" + std::to_string(detached_at)),
        std::string::npos)
        << found[0].text;
  }
  auto b = arena.alloc(4);
  double* pointer = arena.neuralyze(b).release();
  arena.reset();
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  auto c = arena.alloc(4);
  pointer = arena.neuralyze(c).release();
  arena.recall(pointer);
  arena.reset();
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_8_an_empty_buffer_grows_with_its_first_tensor) {
  tensor_arena<int> arena;
  EXPECT_EQ(arena.capacity(), 0u);
  EXPECT_EQ(arena.used(), 0u);
  auto a = arena.alloc(10, 10);
  a.fill(1);
  EXPECT_GE(arena.capacity(), 100u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_9_growth_never_moves_a_tensor) {
  tensor_arena<int> arena{10};
  std::vector<tensor_view<int, 1>> all;
  for (int i = 0; i < 200; ++i) {
    all.push_back(arena.alloc(7));
    all.back().fill(i);
  }
  for (int i = 0; i < 200; ++i) {
    for (int x : all[static_cast<std::size_t>(i)]) ASSERT_EQ(x, i);
  }
  EXPECT_GE(arena.growth_count(), 2u);
  EXPECT_LE(arena.growth_count(), 8u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_10_the_size_is_in_elements_and_doubles_are_the_default) {
  tensor_arena buffer(100);
  static_assert(std::is_same_v<decltype(buffer)::value_type, double>);
  EXPECT_EQ(buffer.capacity(), 100u);
  tensor_arena named(std::size_t{7});
  EXPECT_EQ(named.capacity(), 7u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_11_alloc_bumps) {
  tensor_arena<double> arena{100};
  auto a = arena.alloc(10, 5);
  auto b = arena.alloc(10, 5);
  EXPECT_EQ(arena.used(), 100u);
  if constexpr (!is_tracking) {
    EXPECT_EQ(b.data(), a.data() + 50);
  }
  EXPECT_EQ(arena.growth_count(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_11_a_fixed_arena_is_full) {
  tensor_arena<double> arena{100, {.extendable = false}};
  auto a = arena.alloc(10, 10);
  EXPECT_THROW(static_cast<void>(arena.alloc(1)), std::length_error);
  EXPECT_ONE_FINDING(log_, finding::capacity_exceeded, __LINE__ - 1);
  EXPECT_EQ(arena.try_alloc(1).error(), errc::capacity_exceeded);
  EXPECT_EQ(arena.used(), 100u);
  arena.drop(a);
  EXPECT_TRUE(arena.try_alloc(100));
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_11_empty_tensors_are_distinct_and_droppable) {
  tensor_arena<double> arena{10};
  auto a = arena.alloc(0);
  auto b = arena.alloc(3, 0);
  EXPECT_NE(a.data(), b.data());
  EXPECT_TRUE(a.empty());
  EXPECT_EQ(arena.used(), 0u);
  arena.drop(a);
  arena.drop(b);
  EXPECT_EQ(arena.mode(), tensor_mode::idle);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_20_elements_or_bytes) {
  tensor_arena<double> counted{elements{100}};
  tensor_arena<double> measured{bytes{800}};
  EXPECT_EQ(counted.capacity(), 100u);
  EXPECT_EQ(measured.capacity(), 100u);
  EXPECT_THROW(tensor_arena<double>(SIZE_MAX / 4), std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

TEST_F(TensorArenaTest, BJ_P2_presizing_avoids_growth) {
  const auto work = [](tensor_arena<int>& arena) {
    for (int round = 0; round < 3; ++round) {
      auto a = arena.alloc(50);
      auto b = arena.alloc(70);
      auto c = arena.alloc(30);
      arena.drop(b);
      arena.drop(c);
      auto d = arena.alloc(20);
      arena.drop(d, a);
    }
  };
  tensor_arena<int> grows;
  work(grows);
  EXPECT_EQ(grows.peak_usage(), 150u);
  EXPECT_GT(grows.growth_count(), 0u);
  tensor_arena<int> presized{grows.peak_usage(), {.extendable = false}};
  work(presized);
  EXPECT_EQ(presized.growth_count(), 0u);
  tensor_arena<int> reserved;
  reserved.reserve(150);
  work(reserved);
  EXPECT_EQ(reserved.growth_count(), 0u);
  EXPECT_EQ(reserved.peak_usage(), 150u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_U1_used) {
  tensor_arena<int> arena{100};
  auto a = arena.alloc(10);
  auto b = arena.alloc(20);
  EXPECT_EQ(arena.used(), 30u);
  arena.drop(a);
  EXPECT_EQ(arena.used(), 20u);
  arena.drop(b);
  arena.reshape(50);
  EXPECT_EQ(arena.used(), std::nullopt);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_U2_capacity) {
  tensor_arena<int> arena{100};
  EXPECT_EQ(arena.capacity(), 100u);
  auto a = arena.alloc(101);
  EXPECT_GE(arena.capacity(), 201u);
  arena.drop(a);
  EXPECT_GT(arena.shrink_to_fit(), 0u);
  EXPECT_EQ(arena.capacity(), 100u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_U3_growth_can_be_switched) {
  tensor_arena<int> arena{10};
  EXPECT_TRUE(arena.extendable());
  arena.set_extendable(false);
  EXPECT_THROW(static_cast<void>(arena.alloc(11)), std::length_error);
  EXPECT_ONE_FINDING(log_, finding::capacity_exceeded, __LINE__ - 1);
  arena.set_extendable(true);
  EXPECT_EQ(arena.alloc(11).size(), 11u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, BJ_U14_checks_are_on_unless_the_type_says_otherwise) {
  tensor_arena<int, unchecked_access> fast{10};
  auto a = fast.alloc(2, 5);
  static_assert(std::is_same_v<decltype(a), tensor_view<int, 2, unchecked_access>>);
  a(1, 4) = 3;
  EXPECT_THROW(a.at(2, 0), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  tensor_arena<int> checked{10};
  auto b = checked.alloc(2, 5);
  EXPECT_THROW(b(2, 0), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_EQ(b.unchecked()(1, 4), b(1, 4));
  EXPECT_NO_FINDING(log_);
}

// The published example drops the older tensor first.

TEST_F(TensorArenaTest,
       S_BJ_growth_leaves_detached_pointers_alone_when_it_moves_nothing) {
  tensor_arena<int> arena{10};
  auto a = arena.alloc(10);
  a.fill(4);
  auto raw = arena.neuralyze(a);
  auto b = arena.alloc(1000);
  b.fill(5);
  EXPECT_EQ(raw.data()[9], 4);
  EXPECT_NO_FINDING(log_);
}

TEST_F(TensorArenaTest, Corpus_14_a_neuralyzed_pointer_after_growth) {
  tensor_arena<int> arena{10};
  int* const pointer = arena.neuralyze(arena.reshape(10)).release();
  pointer[0] = 1;
  EXPECT_EQ(arena.reshape(1000)[0], 1);
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
}

TEST_F(TensorArenaTest, WritesBesideATensorAreFound) {
  tensor_arena<char, unchecked_access> arena{100};
  auto a = arena.alloc(10);
  auto b = arena.alloc(10);
  if constexpr (is_tracking) a.data()[10] = 1;
  arena.drop(a);
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
  if constexpr (is_tracking) b.data()[-1] = 1;
  arena.reset();
  EXPECT_ONE_FINDING(log_, finding::pool_overflow, __LINE__ - 1);
}

}  // namespace
}  // namespace memoir
