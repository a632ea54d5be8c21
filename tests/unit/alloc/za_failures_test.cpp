// Memory runs out in the middle, at each place where it can; and what costs none.

#include <functional>
#include <memory>
#include <vector>

#include "memoir/slab_allocator.h"
#include "memoir/ziggy.h"
#include "unit/alloc/finding_log.h"
#include "unit/alloc/heap_count.h"

namespace memoir {
namespace {

// Another allocator, whose nth block is refused; n from 1.
class failing_allocator final : public allocator {
 public:
  failing_allocator(allocator& below, int nth) : below_{below}, left_{nth} {}

  bool has_failed() const { return left_ <= 0; }
  std::uint64_t total_allocated_bytes() const noexcept override {
    return below_.total_allocated_bytes();
  }
  std::uint64_t cumulative_allocated_bytes() const noexcept override {
    return below_.cumulative_allocated_bytes();
  }
  detail::detached_block hand_out(const block_request& request, site where) override {
    if (--left_ == 0) throw std::bad_alloc();
    return below_.hand_out(request, where);
  }
  detail::block_owner& core() const noexcept override { return below_.core(); }

 private:
  void take_back(void* block, site where) override { below_.free(block, where); }

  allocator& below_;
  int left_;
};

using maker = std::function<std::unique_ptr<allocator>(allocator&)>;

// Runs with the first, the second, ... block refused, until none is. Whatever was handed
// out is whole, what failed has changed nothing, and all comes back.
void fail_everywhere(const maker& make) {
  system_allocator system;
  for (int nth = 1;; ++nth) {
    ASSERT_LT(nth, 1000);
    bool failed = false;
    {
      failing_allocator base{system, nth};
      const std::unique_ptr<allocator> memory = make(base);
      std::vector<buffer<int>> held;
      held.reserve(60);
      for (const std::size_t count : {10, 600, 3000, 100, 9000, 20}) {
        for (int i = 0; i < 10; ++i) {
          const std::uint64_t before = memory->total_allocated_bytes();
          try {
            held.push_back(memory->allocate<int>(count, zero::yes));
            held.back().fill(i);
          } catch (const std::bad_alloc&) {
            EXPECT_EQ(memory->total_allocated_bytes(), before);
          }
        }
      }
      failed = base.has_failed();
      for (auto& one : held) EXPECT_EQ(one.front(), one.back());
      held.clear();
      EXPECT_EQ(memory->total_allocated_bytes(), 0u);
    }
    EXPECT_EQ(system.total_allocated_bytes(), 0u);
    if (!failed) return;
  }
}

class FailuresTest : public ::testing::Test {
 protected:
  finding_log log_;
};

TEST_F(FailuresTest, ZA_71_pools) {
  fail_everywhere([](allocator& base) { return std::make_unique<memory_pool>(base); });
  EXPECT_NO_FINDING(log_);
}

TEST_F(FailuresTest, ZA_71_slabs) {
  fail_everywhere([](allocator& base) { return std::make_unique<slab_allocator>(base); });
  EXPECT_NO_FINDING(log_);
}

TEST_F(FailuresTest, ZA_71_hybrids) {
  fail_everywhere(
      [](allocator& base) { return std::make_unique<hybrid_allocator>(base); });
  EXPECT_NO_FINDING(log_);
}

TEST_F(FailuresTest, ZA_71_debug_allocators) {
  fail_everywhere(
      [](allocator& base) { return std::make_unique<debug_allocator>("failing", base); });
  EXPECT_NO_FINDING(log_);
}

TEST_F(FailuresTest, ZA_71_deferred_buffers) {
  system_allocator system;
  failing_allocator base{system, 3};
  defer_scope scope;
  auto first = allocate_deferred<int>(base, scope, 10);
  auto second = allocate_deferred<int>(base, scope, 10);
  EXPECT_THROW(static_cast<void>(allocate_deferred<int>(base, scope, 10)),
               std::bad_alloc);
  EXPECT_EQ(scope.count(), 2u);
  second[0] = first[0] = 1;
  EXPECT_NO_FINDING(log_);
}

// A buffer is its block and nothing else: upstream made 64 bytes of garbage for each.
TEST_F(FailuresTest, ZA_P3_buffers_have_no_hidden_allocation) {
  system_allocator system;
  memory_pool pool{system};
  pool.allocate<int>(100).fill(1);
  pool.allocate<int>(100).fill(1);
  const std::uint64_t before = system.cumulative_allocated_bytes();
  const std::size_t heap = heap_allocations();
  for (int i = 0; i < 1000; ++i) {
    auto numbers = pool.allocate<int>(100);
    auto moved = std::move(numbers);
    moved[99] = i;
    auto view = system_allocator::wrap(moved.span());
    static_cast<void>(view.span());
  }
  EXPECT_EQ(heap_allocations(), heap);
  EXPECT_EQ(system.cumulative_allocated_bytes(), before);
  EXPECT_EQ(pool.stats().growth_events, 1u);
}

// The conversion is two loads: nothing is left of it but the pointer and the length.
TEST_F(FailuresTest, ZA_P1_spans_are_the_buffers_own_memory) {
  system_allocator system;
  auto numbers = system.allocate<int>(100);
  const std::span<int> all = numbers;
  EXPECT_EQ(all.data(), numbers.data());
  EXPECT_EQ(all.size(), numbers.size());
}

TEST_F(FailuresTest, ZA_1_what_the_design_lists) {
  system_allocator system;                // several strategies
  memory_pool pool{system};               //
  hybrid_allocator hybrid{pool};          // that stand on each other
  debug_allocator memory{"all", hybrid};  // and are watched
  defer_scope scope;                      // RAII
  auto typed = allocate_deferred<int>(memory, scope, 100, zero::yes);
  const std::span<int> span = typed.span();  // spans
  EXPECT_THROW(typed[100] = 1, std::out_of_range);
  EXPECT_ONE_FINDING(log_, finding::out_of_bounds, __LINE__ - 1);
  typed.ptr().raw()[99] = 1;  // native pointers
  EXPECT_EQ(span[99], 1);
  EXPECT_EQ(memory.tracked_count(), 1u);
  scope.run();
  EXPECT_EQ(memory.tracked_count(), 0u);
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
