// buffer_view: to look at a buffer without owning it.

#include <array>
#include <numeric>
#include <ranges>
#include <type_traits>

#include "memoir/buffer/buffer_view.h"
#include "memoir/buffer/unique_buffer.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class BufferViewTest : public ::testing::Test {
 protected:
  finding_log log_;
};

template <class B>
concept has_view = requires(B&& buffer) {
  { static_cast<B&&>(buffer).view() } -> std::ranges::view;
};
static_assert(has_view<unique_buffer<int>&>);
static_assert(has_view<const unique_buffer<int>&>);
static_assert(!has_view<unique_buffer<int>>);
static_assert(!has_view<const unique_buffer<int>>);
static_assert(std::ranges::borrowed_range<buffer_view<int>>);
static_assert(!std::is_base_of_v<buffer_view<int>, unique_buffer<int>>);

TEST_F(BufferViewTest, PT_10_views_do_not_own) {
  unique_buffer<int> buffer(3);
  std::iota(buffer.begin(), buffer.end(), 1);
  buffer_view<int> view = buffer.view();
  view[0] = 9;
  EXPECT_EQ(buffer[0], 9);
  const unique_buffer<int>& constant = buffer;
  static_assert(std::is_same_v<decltype(constant.view()), buffer_view<const int>>);
  buffer_view<const int> readable = view;
  EXPECT_EQ(readable[0], 9);
  EXPECT_TRUE(readable.check());
  EXPECT_NO_FINDING(log_);
}

TEST_F(BufferViewTest, PT_10_views_outlive_moves_but_not_the_block) {
  unique_buffer<int> buffer(3);
  const unsigned line = __LINE__ - 1;
  buffer_view<int> view = buffer.view();
  unique_buffer<int> moved = std::move(buffer);
  EXPECT_TRUE(view.check());
  EXPECT_EQ(view.size(), view.span().size());
  EXPECT_NO_FINDING(log_);
  moved.reset();
  EXPECT_EQ(view.check(), !is_tracking);
  auto found = log_.take();
  if constexpr (is_tracking) {
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, finding::use_after_free);
    EXPECT_EQ(found[0].where.line, static_cast<unsigned>(__LINE__ - 5));
    EXPECT_EQ(found[0].allocated.line, line);
    EXPECT_EQ(found[0].released.line, static_cast<unsigned>(__LINE__ - 8));
  }
  static_cast<void>(view.span());
  EXPECT_ONE_FINDING(log_, finding::use_after_free, __LINE__ - 1);
}

TEST_F(BufferViewTest, PT_11_pointer_size_and_location) {
  std::array<short, 4> values{};
  buffer_view<short> view(values.data(), values.size(), memory_location::host_pinned);
  EXPECT_EQ(view.data(), values.data());
  EXPECT_EQ(view.size(), 4u);
  EXPECT_EQ(view.size_bytes(), 8u);
  EXPECT_EQ(view.location(), memory_location::host_pinned);
  EXPECT_TRUE(buffer_view<int>{}.empty());
  if constexpr (!is_tracking) {
    static_assert(is_tracking || sizeof view == 3 * sizeof(void*));
  }
}

TEST_F(BufferViewTest, PT_12_spans_of_elements_and_bytes) {
  unique_buffer<int> buffer(4);
  static_assert(std::is_same_v<decltype(buffer.view().span()), std::span<int>>);
  const auto& constant = buffer;
  static_assert(std::is_same_v<decltype(constant.view().span()), std::span<const int>>);
  EXPECT_EQ(buffer.view().span().data(), buffer.data());
  EXPECT_EQ(buffer.view().byte_span().size(), 16u);
  EXPECT_EQ(constant.view().byte_span().size(), 16u);
  EXPECT_NO_FINDING(log_);
}

int sum(std::span<const int> values) {
  return std::accumulate(values.begin(), values.end(), 0);
}

TEST_F(BufferViewTest, PT_13_functions_take_spans) {
  unique_buffer<int> buffer(3);
  std::ranges::fill(buffer, 2);
  EXPECT_EQ(sum(buffer.span()), 6);
  EXPECT_EQ(sum(buffer.view().span()), 6);
  EXPECT_EQ(sum(buffer), 6);
  EXPECT_EQ(sum(buffer.view()), 6);
}

TEST_F(BufferViewTest, PT_7_views_are_checked) {
  unique_buffer<int> buffer(4);
  buffer_view<int> view = buffer.subview(1, 2);
  EXPECT_EQ(view.data(), buffer.data() + 1);
  EXPECT_THROW(view[2] = 0, std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(view.at(2), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_THROW(view.subview(1, static_cast<std::size_t>(-1)), std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  EXPECT_TRUE(view.subview(2, 0).empty());
  EXPECT_NO_FINDING(log_);
}

TEST_F(BufferViewTest, PT_6_bytes_become_elements_only_where_they_fit) {
  unique_buffer<std::byte> bytes(10);
  EXPECT_EQ(bytes.subview(0, 8).as<std::byte>().size(), 8u);
  EXPECT_EQ(bytes.subview(0, 8).as<char>().size(), 8u);
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(bytes.view().as<int>(), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::alloc_dealloc_mismatch, __LINE__ - 1);
  EXPECT_THROW(bytes.subview(1, 8).as<int>(), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::alloc_dealloc_mismatch, __LINE__ - 1);
}

}  // namespace
}  // namespace memoir
