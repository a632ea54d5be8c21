// Types that say "any thread" and have no such test of their own, used by four at once:
// each writes into what it got, and finds it as it was. For the thread sanitizer, too.

#include <memory>
#include <thread>
#include <vector>

#include "memoir/block_pool_resource.h"
#include "memoir/global_pools.h"
#include "memoir/large_block_allocator.h"
#include "memoir/slab_allocator.h"
#include "memoir/stream/round_robin_buffers.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class SharedByThreadsTest : public ::testing::Test {
 protected:
  // `use` gets the number of its thread, which no other has.
  template <class Use>
  void share(int rounds, Use use) {
    std::vector<std::thread> threads;
    for (int number = 1; number <= 4; ++number) {
      threads.emplace_back([&, number] {
        for (int i = 0; i < rounds; ++i) use(number);
      });
    }
    for (std::thread& thread : threads) thread.join();
    EXPECT_NO_FINDING(log_);
  }
  static void use_span(std::span<std::byte> bytes, int number) {
    const auto mine = static_cast<std::byte>(number);
    bytes.front() = bytes.back() = mine;
    std::this_thread::yield();
    EXPECT_EQ(bytes.front(), mine);
    EXPECT_EQ(bytes.back(), mine);
  }
  finding_log log_;
};

TEST_F(SharedByThreadsTest, ZA_36_slabs) {
  system_allocator system;
  slab_allocator slabs{system};
  share(500, [&](int number) {
    auto one = slabs.allocate<std::byte>(48 * number);
    use_span(one.span(), number);
  });
  EXPECT_EQ(slabs.total_allocated_bytes(), 0u);
}

TEST_F(SharedByThreadsTest, ZA_36_large_blocks) {
  large_block_allocator large;
  share(50, [&](int number) {
    auto one = large.allocate<std::byte>(70'000);
    use_span(one.span(), number);
  });
  EXPECT_EQ(large.total_allocated_bytes(), 0u);
}

TEST_F(SharedByThreadsTest, FR_39_global_pools) {
  share(100, [](int number) {
    auto small = global_pools().small();
    auto some = global_pools().get(5000);
    use_span(small.span(), number);
    use_span(some.span(), number);
  });
}

TEST_F(SharedByThreadsTest, PT_19_blocks_behind_containers) {
  block_pool_resource nodes{64, 8};
  share(500, [&](int number) {
    std::pmr::vector<std::byte> bytes{&nodes};
    bytes.resize(64);
    use_span(bytes, number);
  });
  EXPECT_EQ(nodes.pool().available(), 8u);
}

TEST_F(SharedByThreadsTest, FQ_32_buffers_in_turn) {
  round_robin_buffers turns{3, 64, reuse_policy::wait};
  share(300, [&](int number) {
    auto one = turns.get_next();
    one.resize(64);
    use_span(one.span(), number);
  });
  EXPECT_EQ(turns.leased(), 0u);
}

}  // namespace
}  // namespace memoir
