// What is done at the end of a scope, and the old names that stand on it.

#include <array>
#include <memory>
#include <numeric>
#include <optional>
#include <string>
#include <vector>

#include "memoir/defer_scope.h"
#include "memoir/ziggy.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class DeferScopeTest : public ::testing::Test {
 protected:
  finding_log log_;
  system_allocator memory_;
  std::string done_;
};

TEST_F(DeferScopeTest, ZA_63_starts_empty) {
  auto scope = defer_scope::start();
  EXPECT_EQ(scope.count(), 0u);
  deferred_cleanup_scope old_name;
  EXPECT_EQ(old_name.count(), 0u);
}

TEST_F(DeferScopeTest, ZA_64_runs_in_reverse_order) {
  {
    defer_scope scope;
    scope.defer([&] { done_ += "a"; });
    scope.defer([&] { done_ += "b"; });
    {
      defer_scope inner;
      inner.defer([&] { done_ += "inner "; });
    }
    scope.defer([&] { done_ += "c"; });
  }
  EXPECT_EQ(done_, "inner cba");
}

TEST_F(DeferScopeTest, ZA_64_keeps_what_can_only_be_moved_and_what_is_large) {
  {
    defer_scope scope;
    auto text = std::make_unique<std::string>("unique ");
    scope.defer([this, kept = std::move(text)] { done_ += *kept; });
    std::array<char, 500> large{};
    large[499] = 'L';
    scope.defer([this, large] { done_ += large[499]; });
  }
  EXPECT_EQ(done_, "Lunique ");
}

TEST_F(DeferScopeTest, ZA_64_empty_functions_are_refused) {
  defer_scope scope;
  EXPECT_THROW(scope.defer(std::function<void()>{}), std::invalid_argument);
  void (*none)() = nullptr;
  EXPECT_THROW(scope.defer(none), std::invalid_argument);
  EXPECT_EQ(scope.count(), 0u);
}

TEST_F(DeferScopeTest, ZA_64_not_after_it_has_run) {
  defer_scope scope;
  scope.run();
  EXPECT_THROW(scope.defer([] {}), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::use_after_dispose, __LINE__ - 1);
}

TEST_F(DeferScopeTest, ZA_65_counts_what_is_to_run) {
  defer_scope scope;
  for (int i = 0; i < 1000; ++i) scope.defer([&] { done_ += '.'; });
  EXPECT_EQ(scope.count(), 1000u);
  scope.run();
  EXPECT_EQ(scope.count(), 0u);
  EXPECT_EQ(done_.size(), 1000u);
}

TEST_F(DeferScopeTest, ZA_66_one_exception_is_thrown_on) {
  defer_scope scope;
  scope.defer([&] { done_ += "first"; });
  scope.defer([] { throw std::runtime_error("second"); });
  scope.defer([&] { done_ += "third "; });
  EXPECT_THROW(scope.run(), std::runtime_error);
  EXPECT_EQ(done_, "third first");
  scope.run();
  scope.dispose();
}

TEST_F(DeferScopeTest, ZA_66_several_exceptions_are_collected) {
  defer_scope scope;
  scope.defer([] { throw std::runtime_error("one"); });
  scope.defer([&] { done_ += "runs"; });
  scope.defer([] { throw 2; });
  try {
    scope.run();
    FAIL() << "did not throw";
  } catch (const deferred_errors& failed) {
    ASSERT_EQ(failed.errors().size(), 2u);
    EXPECT_THROW(std::rethrow_exception(failed.errors()[0]), int);
    EXPECT_THROW(std::rethrow_exception(failed.errors()[1]), std::runtime_error);
  }
  EXPECT_EQ(done_, "runs");
  EXPECT_NO_FINDING(log_);
}

TEST_F(DeferScopeTest, ZA_66_the_destructor_reports_and_does_not_throw) {
  unsigned line = 0;
  {
    defer_scope scope;
    scope.defer([&] { done_ += "runs"; });
    scope.defer([] { throw std::runtime_error("the disk is full"); });
    line = __LINE__ - 1;
  }
  EXPECT_EQ(done_, "runs");
  const auto found = log_.take();
  if constexpr (is_tracking) {
    ASSERT_EQ(found.size(), 1u);
    EXPECT_EQ(found[0].kind, finding::bad_deleter);
    EXPECT_EQ(found[0].where.line, line);
    EXPECT_EQ(found[0].text, "the disk is full");
  }
}

TEST_F(DeferScopeTest, ZA_67_buffers_live_as_long_as_the_scope) {
  {
    defer_scope scope;
    auto numbers = allocate_deferred<int>(memory_, scope, 100, zero::yes);
    auto others = allocate_deferred<int>(memory_, scope, 50);
    EXPECT_TRUE(others.valid());
    numbers[99] = 1;
    EXPECT_THROW(numbers[100] = 1, std::out_of_range);
    EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
    EXPECT_EQ(std::accumulate(numbers.begin(), numbers.end(), 0), 1);
    EXPECT_EQ(memory_.total_allocated_bytes(), 600u);
    EXPECT_EQ(scope.count(), 2u);
  }
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(DeferScopeTest, ZA_67_uses_after_the_scope_are_found) {
  std::optional<defer_scope> scope{std::in_place};
  auto numbers = allocate_deferred<int>(memory_, *scope, 100);
  scope.reset();
  if constexpr (is_tracking) {
    static_cast<void>(numbers.span());
    EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  }
}

TEST_F(DeferScopeTest, ZA_68_single_elements) {
  defer_scope scope;
  auto number = allocate_deferred<double>(memory_, scope, zero::yes);
  EXPECT_EQ(*number, 0.0);
  EXPECT_EQ(number.size(), 1u);
}

TEST_F(DeferScopeTest, ZA_69_the_names_of_version_1) {
  {
    allocation_context context{memory_};
    slice<std::byte> bytes = context.allocate_slice<std::byte>(1024, zero::yes);
    slice<int> number = context.allocate<int>();
    *number = 3;
    EXPECT_EQ(bytes.length(), 1024u);
    auto defer = deferred_cleanup_scope::start();
    auto data = context.allocate_slice_deferred<int>(defer, 10);
    data.fill(7);
    EXPECT_EQ(data.ptr().raw()[9], 7);
    EXPECT_EQ(memory_.total_allocated_bytes(), 1024u + 4 + 40);
    defer.dispose();
    EXPECT_EQ(memory_.total_allocated_bytes(), 1024u + 4);
  }
  EXPECT_EQ(memory_.total_allocated_bytes(), 0u);
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
