// unique_buffer: one owner, any memory, any deleter.

#include <functional>
#include <memory>
#include <numeric>
#include <thread>
#include <type_traits>
#include <vector>

#include "memoir/buffer/shared_buffer.h"
#include "memoir/buffer/smart_buffer.h"
#include "memoir/buffer/unique_buffer.h"
#include "unit/alloc/counted_object.h"
#include "unit/alloc/failing_resource.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class UniqueBufferTest : public ::testing::Test {
 protected:
  // A deleter that counts.
  auto counting() {
    return [this](int* memory) {
      ++deleted_;
      delete[] memory;
    };
  }

  int deleted_ = 0;
  finding_log log_;
};

static_assert(!std::is_copy_constructible_v<unique_buffer<int>>);
static_assert(!std::is_copy_assignable_v<unique_buffer<int>>);
static_assert(std::is_nothrow_move_constructible_v<unique_buffer<int>>);
static_assert(std::is_nothrow_move_assignable_v<unique_buffer<int>>);
static_assert(!std::is_convertible_v<unique_buffer<int>&, buffer_view<int>>);
static_assert(std::ranges::contiguous_range<unique_buffer<int>>);

TEST_F(UniqueBufferTest, PT_1_everything_is_in_one_namespace) {
  memoir::unique_buffer<int> buffer(1);
  memoir::buffer_view<int> view = buffer.view();
  memoir::shared_buffer<int> shared;
  EXPECT_EQ(view.size(), 1u);
  EXPECT_EQ(shared.use_count(), 0u);
}

TEST_F(UniqueBufferTest, PT_2_size_ownership_and_view_in_one) {
  unique_buffer<int> buffer(3);
  std::iota(buffer.begin(), buffer.end(), 1);
  const std::span<const int> span = buffer.span();
  EXPECT_EQ(std::accumulate(span.begin(), span.end(), 0), 6);
  EXPECT_EQ(buffer[2], 3);
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_3_memory_can_be_released) {
  unique_buffer<int> buffer(new int[4]{1, 2, 3, 4}, 4, counting());
  int* const memory = buffer.get();
  released_buffer<int> released = buffer.release();
  EXPECT_EQ(buffer, nullptr);
  EXPECT_EQ(released.get(), memory);
  EXPECT_EQ(deleted_, 0);
  released.free();
  EXPECT_EQ(deleted_, 1);
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_4_moves_to_another_thread) {
  unique_buffer<int> buffer(100);
  std::thread([mine = std::move(buffer)]() mutable {
    std::iota(mine.begin(), mine.end(), 0);
    EXPECT_EQ(mine.at(99), 99);
    mine.reset();
  }).join();
  EXPECT_EQ(buffer, nullptr);  // NOLINT: moved from
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_4_two_threads_at_once_are_reported) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  unsigned line = 0;
  unique_buffer<int> buffer;
  // While the deleter runs, the buffer is being changed.
  buffer = unique_buffer<int>(new int[1], 1, [&](int* memory) {
    std::thread([&] {
      line = __LINE__ + 1;
      buffer.reset();
    }).join();
    delete[] memory;
  });
  EXPECT_NO_FINDING(log_);
  buffer.reset();
  EXPECT_ONE_FINDING(log_, finding::unsynchronized_use, line);
}

TEST_F(UniqueBufferTest, PT_6_elements_have_a_type) {
  static_assert(std::is_same_v<decltype(unique_buffer<float>(1).get()), float*>);
  static_assert(!std::is_constructible_v<unique_buffer<float>, void*, std::size_t,
                                         void (*)(void*)>);
  static_assert(!std::is_constructible_v<unique_buffer<float>, unique_buffer<int>>);
}

TEST_F(UniqueBufferTest, PT_7_access_is_checked) {
  unique_buffer<int> buffer(4);
  buffer[3] = 5;
  EXPECT_EQ(buffer.at(3), 5);
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(buffer[4] = 1, std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(buffer.at(4), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(buffer.subview(2, 3), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  const auto& constant = buffer;
  EXPECT_THROW(static_cast<void>(constant[static_cast<std::size_t>(-1)]),
               std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 2);
}

TEST_F(UniqueBufferTest, PT_7_a_buffer_that_was_moved_from_says_so) {
  unique_buffer<int> buffer(4);
  unique_buffer<int> other = std::move(buffer);
  EXPECT_THROW(buffer[0] = 1, std::out_of_range);  // NOLINT: moved from
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  EXPECT_TRUE(buffer.span().empty());
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
}

TEST_F(UniqueBufferTest, PT_8_is_moved_and_not_copied) {
  unique_buffer<int> a(new int[1], 1, counting());
  unique_buffer<int> b(new int[1], 1, counting());
  a = std::move(b);
  EXPECT_EQ(deleted_, 1);
  EXPECT_EQ(b, nullptr);  // NOLINT: moved from
  unique_buffer<int>& same = a;
  a = std::move(same);
  EXPECT_NE(a, nullptr);
  a = nullptr;
  EXPECT_EQ(deleted_, 2);
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_9_the_address_can_be_taken_out) {
  unique_buffer<int> buffer(new int[2]{1, 2}, 2, counting());
  int* const memory = buffer.release().detach();
  EXPECT_EQ(memory[1], 2);
  EXPECT_EQ(deleted_, 0);
  delete[] memory;
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_16_owns_what_it_allocates) {
  {
    unique_buffer<counted_object> buffer(5);
    EXPECT_EQ(counted_object::live, 5);
    EXPECT_EQ(buffer[4].value, 7);
    EXPECT_EQ(buffer.location(), memory_location::host);
  }
  EXPECT_EQ(counted_object::live, 0);
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_16_alignment_of_elements_is_kept) {
  struct alignas(128) wide {
    char bytes[128];
  };
  unique_buffer<wide> buffer(3);
  EXPECT_EQ(reinterpret_cast<std::uintptr_t>(buffer.get()) % 128, 0u);
}

TEST_F(UniqueBufferTest, PT_16_writes_beyond_its_memory_are_found) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  unique_buffer<int> buffer(4);
  const unsigned line = __LINE__ - 1;
  buffer.data()[4] = 1;
  buffer.reset();
  const auto found = log_.take();
  ASSERT_EQ(found.size(), 1u);
  EXPECT_EQ(found[0].kind, finding::pool_overflow);
  EXPECT_EQ(found[0].allocated.line, line);
  EXPECT_EQ(found[0].where.line, static_cast<unsigned>(__LINE__ - 5));
}

TEST_F(UniqueBufferTest, PT_16_scalar_delete_for_arrays_is_reported) {
  // Never called: what it would do is undefined.
  auto* memory = new int[4];
  released_buffer<int> released(memory, 4, std::default_delete<int>{});
  EXPECT_ONE_FINDING(log_, finding::alloc_dealloc_mismatch, __LINE__ - 1);
  delete[] released.detach();
  unique_buffer<int> good(new int[4], 4, std::default_delete<int[]>{});
  unique_buffer<int> single(new int, 1, std::default_delete<int>{});
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_16_two_buffers_of_the_same_memory_are_a_double_free) {
  if constexpr (!is_tracking) GTEST_SKIP() << "undefined without tracking";
  auto* memory = new int[4];
  {
    unique_buffer<int> a(memory, 4, counting());
    unique_buffer<int> b(memory, 4, counting());
    a.reset();
    EXPECT_ONE_FINDING(log_, finding::double_free, __LINE__ - 1);
    EXPECT_EQ(deleted_, 0);
  }
  EXPECT_EQ(deleted_, 1);
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_16_a_constructor_that_throws_leaves_nothing) {
  counted_object::until_throw = 3;
  EXPECT_THROW(unique_buffer<counted_object>(5), std::runtime_error);
  counted_object::until_throw = -1;
  EXPECT_EQ(counted_object::live, 0);
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_16_memory_from_a_resource_goes_back_to_it) {
  failing_resource upstream;
  {
    unique_buffer<int> buffer(10, &upstream, memory_location::host_pinned);
    EXPECT_EQ(buffer.location(), memory_location::host_pinned);
    buffer[9] = 1;
    EXPECT_EQ(upstream.live_blocks(), 1u);
  }
  EXPECT_EQ(upstream.live_blocks(), 0u);
  upstream.fail_after(0);
  EXPECT_THROW(unique_buffer<int>(10, &upstream), std::bad_alloc);
  EXPECT_EQ(upstream.live_blocks(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_16_too_many_elements) {
  EXPECT_THROW(unique_buffer<int>(static_cast<std::size_t>(-1) / 2),
               std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 2);
  EXPECT_THROW(unique_buffer<int>(new int[1], static_cast<std::size_t>(-1), counting()),
               std::bad_array_new_length);
  EXPECT_ONE_FINDING(log_, finding::size_overflow, __LINE__ - 2);
  EXPECT_EQ(deleted_, 1);
}

TEST_F(UniqueBufferTest, PT_U4_get_and_comparison) {
  unique_buffer<int> empty;
  EXPECT_EQ(empty, nullptr);
  EXPECT_TRUE(nullptr == empty);
  EXPECT_FALSE(empty);
  EXPECT_EQ(empty.get(), nullptr);
  EXPECT_EQ(empty.size(), 0u);
  EXPECT_TRUE(empty.empty());
  unique_buffer<int> full(2);
  EXPECT_NE(full, nullptr);
  EXPECT_TRUE(full);
  EXPECT_EQ(full.get(), full.data());
  EXPECT_EQ(full.size_bytes(), 2 * sizeof(int));
  unique_buffer<int> none(0);
  EXPECT_EQ(none, nullptr);
}

TEST_F(UniqueBufferTest, PT_U4_spans) {
  unique_buffer<std::uint16_t> buffer(3);
  EXPECT_EQ(buffer.span().size(), 3u);
  EXPECT_EQ(buffer.byte_span().size(), 6u);
  const auto& constant = buffer;
  static_assert(
      std::is_same_v<decltype(constant.span()), std::span<const std::uint16_t>>);
  static_assert(
      std::is_same_v<decltype(constant.byte_span()), std::span<const std::byte>>);
}

TEST_F(UniqueBufferTest, PT_U4_swap) {
  unique_buffer<int> a(1);
  unique_buffer<int> b(2);
  swap(a, b);
  EXPECT_EQ(a.size(), 2u);
  EXPECT_EQ(b.size(), 1u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_U4_reset_takes_other_memory) {
  unique_buffer<int> buffer(new int[1], 1, counting());
  buffer.reset(new int[2], 2, counting());
  EXPECT_EQ(deleted_, 1);
  EXPECT_EQ(buffer.size(), 2u);
  int* const before = buffer.get();
  EXPECT_THROW(buffer.reset(nullptr, 2, counting()), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
  EXPECT_EQ(buffer.get(), before);
  buffer.reset();
  EXPECT_EQ(deleted_, 2);
  EXPECT_NO_FINDING(log_);
}

TEST_F(UniqueBufferTest, PT_U5_deleters_that_throw_are_reported) {
  auto* memory = new int[1];
  unique_buffer<int> buffer(memory, 1,
                            [](int*) { throw std::runtime_error("device is gone"); });
  buffer.reset();
  const auto found = log_.take();
  if constexpr (is_tracking) {
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, finding::bad_deleter);
    EXPECT_EQ(found[0].text, "the deleter threw: device is gone");
    EXPECT_EQ(found[0].where.line, static_cast<unsigned>(__LINE__ - 6));
    EXPECT_STREQ(found[0].where.file, __FILE__);
  }
  EXPECT_EQ(buffer, nullptr);
  delete[] memory;
}

TEST_F(UniqueBufferTest, PT_U6_missing_deleters_are_reported) {
  int memory[2] = {};
  unique_buffer<int> buffer(memory, 2, std::function<void(int*)>{});
  buffer.reset();
  EXPECT_ONE_FINDING(log_, finding::bad_deleter, __LINE__ - 1);
  void (*none)(int*) = nullptr;
  buffer.reset(memory, 2, none);
  EXPECT_NO_FINDING(log_);
  buffer = nullptr;
  EXPECT_EQ(log_.take().size(), is_tracking ? 1u : 0u);
}

TEST_F(UniqueBufferTest, PT_U7_memory_without_elements_is_owned) {
  {
    unique_buffer<int> buffer(new int[1], 0, counting());
    EXPECT_TRUE(buffer);
    EXPECT_TRUE(buffer.empty());
  }
  EXPECT_EQ(deleted_, 1);
  unique_buffer<int> none(nullptr, 0, counting());
  none.reset();
  EXPECT_EQ(deleted_, 1);
  EXPECT_THROW(unique_buffer<int>(nullptr, 3, counting()), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

TEST_F(UniqueBufferTest, PT_U8_models_the_concept) {
  static_assert(smart_buffer<unique_buffer<int>>);
  static_assert(smart_buffer<unique_buffer<counted_object>>);
  static_assert(smart_buffer<shared_buffer<int>>);
  static_assert(smart_buffer<buffer_view<int>>);
  static_assert(smart_buffer<buffer_view<const int>>);
  static_assert(!smart_buffer<std::vector<int>>);
  static_assert(!smart_buffer<std::unique_ptr<int[]>>);
  static_assert(!smart_buffer<released_buffer<int>>);
}

}  // namespace
}  // namespace memoir
