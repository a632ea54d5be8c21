// threads_arena: the rows of ThreadsBuffer.

#include <atomic>
#include <latch>
#include <thread>

#include "memoir/buffer/fixed_tensor_arena.h"
#include "memoir/buffer/sizing_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

using namespace std::chrono_literals;

class ThreadsArenaTest : public ::testing::Test {
 protected:
  // Runs something on another thread, to its end.
  template <class F>
  static void elsewhere(F f) {
    std::thread{f}.join();
  }

  finding_log log_;
};

TEST_F(ThreadsArenaTest, BJ_4_threads_do_not_disturb_each_other) {
  constexpr int kThreads = 4;
  threads_arena<int> arenas{100, kThreads};
  std::vector<std::thread> threads;
  std::atomic<int> wrong = 0;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      for (int round = 0; round < 200; ++round) {
        const auto lease = arenas.lease();
        auto a = lease->alloc(10, 5);
        a.fill(t);
        for (int x : a) wrong += x != t;
        lease->drop(a);
      }
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(wrong, 0);
  EXPECT_EQ(arenas.leased_count(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, BJ_14_so_many_elements_for_each_thread) {
  threads_arena<double> arenas(1000);
  EXPECT_EQ(arenas.buffer_count(), threads_arena<double>::default_count());
  EXPECT_EQ(arenas.capacity(), 1000u);
  threads_arena<double> three(1000, 3);
  EXPECT_EQ(three.buffer_count(), 3u);
  auto a = three.alloc(1000);
  EXPECT_EQ(three.used(), 1000u);
  elsewhere([&] {
    EXPECT_EQ(three.used(), 0u);
    auto b = three.alloc(1000);
    b.fill(1);
    three.drop(b);
    three.release();
  });
  three.drop(a);
  three.release();
  EXPECT_NO_FINDING(log_);
  EXPECT_THROW(threads_arena<double>(10, 0), std::invalid_argument);
  EXPECT_ONE_FINDING(log_, finding::bad_size, __LINE__ - 1);
}

template <class Arena>
class TensorArenaLikeTest : public ::testing::Test {
 protected:
  finding_log log_;
  Arena arena_{std::size_t{1000}};
};
using Arenas =
    ::testing::Types<tensor_arena<int>, fixed_tensor_arena<int>, threads_arena<int>>;
TYPED_TEST_SUITE(TensorArenaLikeTest, Arenas);

TYPED_TEST(TensorArenaLikeTest, BJ_15_all_operations_of_one_work_on_all) {
  static_assert(tensor_arena_like<TypeParam>);
  auto& arena = this->arena_;
  EXPECT_EQ(arena.capacity(), 1000u);
  auto a = arena.alloc(10, 10);
  auto b = arena.alloc(10, 5);
  const std::array<int, 3> values{1, 2, 3};
  auto c = arena.append(values);
  auto d = *arena.try_alloc(4);
  auto e = arena.template alloc_shape<2>({2, 3}, tensor_order::row_major);
  EXPECT_EQ(arena.used(), 100u + 50 + 3 + 4 + 6);
  EXPECT_EQ(arena.neuralyze(c).span()[2], 3);
  arena.drop(e);
  arena.drop(a, d);
  arena.drop(b, c);
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_GE(arena.peak_usage(), 163u);
  arena.reset();
  EXPECT_EQ(arena.reshape(10, 100).size(), 1000u);
  EXPECT_EQ(arena.used(), std::nullopt);
  EXPECT_EQ(arena.template reshape<1>({10}, {.offset = 5}).size(), 10u);
  arena.reset();
  EXPECT_EQ(arena.used(), 0u);
  EXPECT_NO_FINDING(this->log_);
}

TYPED_TEST(TensorArenaLikeTest, BJ_15_and_report_the_callers_line) {
  auto& arena = this->arena_;
  static_cast<void>(arena.alloc(1));
  EXPECT_THROW(static_cast<void>(arena.alloc(2, -1)), std::invalid_argument);
  EXPECT_ONE_FINDING(this->log_, finding::bad_size, __LINE__ - 1);
  auto a = arena.alloc(3);
  auto b = a;
  EXPECT_THROW(arena.drop(a, b), std::logic_error);
  EXPECT_ONE_FINDING(this->log_, finding::double_free, __LINE__ - 1);
  arena.drop(a);
  EXPECT_THROW(arena.drop(a), std::logic_error);
  EXPECT_ONE_FINDING(this->log_, finding::double_free, __LINE__ - 1);
  if constexpr (is_tracking) {
    EXPECT_THROW(arena.drop(b), std::invalid_argument);
    EXPECT_ONE_FINDING(this->log_, finding::double_free, __LINE__ - 1);
  }
  EXPECT_THROW(arena.reshape(10), std::logic_error);
  EXPECT_ONE_FINDING(this->log_, finding::mode_conflict, __LINE__ - 1);
  arena.reset();
}

TEST_F(ThreadsArenaTest, BJ_16_a_lease_is_for_one_thread) {
  threads_arena<int> arenas{10, 2};
  auto lease = arenas.lease();
  elsewhere([&] {
    static_cast<void>(lease.get());
    EXPECT_ONE_FINDING(log_, finding::lease_affinity, __LINE__ - 1);
    lease.take_over();
    lease->alloc(3).fill(1);
    EXPECT_NO_FINDING(log_);
  });
  lease.take_over();
  lease->reset();
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, BJ_16_a_thread_without_a_lease_may_not_drop) {
  threads_arena<int> arenas{10, 2};
  auto a = arenas.alloc(3);
  elsewhere([&] {
    EXPECT_THROW(arenas.drop(a), std::logic_error);
    EXPECT_ONE_FINDING(log_, finding::lease_affinity, __LINE__ - 1);
    EXPECT_THROW(arenas.release(), std::logic_error);
    EXPECT_ONE_FINDING(log_, finding::lease_affinity, __LINE__ - 1);
    EXPECT_EQ(arenas.reset(), 0u);
  });
  EXPECT_FALSE(a.is_null());
  arenas.drop(a);
  arenas.release();
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, BJ_18_buffers_for_a_scope) {
  const auto sum = with_threads_buffer<int>(100, 2, [](auto& arenas) {
    std::atomic<int> all = 0;
    std::vector<std::thread> threads;
    for (int t = 0; t < 2; ++t) {
      threads.emplace_back([&] {
        auto a = arenas.alloc(10, 10);
        a.fill(1);
        for (int x : a) all += x;
        EXPECT_FALSE(arenas.extendable());
        arenas.reset();
      });
    }
    for (std::thread& one : threads) one.join();
    return all.load();
  });
  EXPECT_EQ(sum, 200);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, BJ_18_leases_that_outlive_the_scope_are_safe_and_found) {
  arena_lease<int> kept;
  unsigned taken = 0;
  with_threads_buffer<int>(100, 2, [&](auto& arenas) {
    kept = arenas.lease();
    taken = __LINE__ - 1;
  });
  EXPECT_ONE_FINDING(log_, finding::pool_destroyed_with_live_blocks, taken);
  kept->alloc(100).fill(1);
  kept.reset();
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, BJ_U7_a_lease_waits_for_a_free_buffer) {
  threads_arena<int> arenas{10, 1};
  arenas.set_patience(std::chrono::hours{1});
  std::latch taken{1};
  std::atomic<bool> given = false;
  std::thread holder{[&] {
    auto lease = arenas.lease();
    taken.count_down();
    std::this_thread::sleep_for(5ms);
    given = true;
  }};
  taken.wait();
  EXPECT_FALSE(arenas.try_lease() && !given);
  auto mine = arenas.lease();
  EXPECT_TRUE(given);
  EXPECT_TRUE(mine);
  holder.join();
  EXPECT_FALSE(arenas.try_lease());
  EXPECT_NO_FINDING(log_);
  EXPECT_FALSE(arenas.lease_for(1ms));
  EXPECT_ONE_FINDING(log_, finding::lease_timeout, __LINE__ - 1);
}

TEST_F(ThreadsArenaTest, BJ_U8_release_wants_an_empty_buffer) {
  threads_arena<int> arenas{10, 1};
  auto a = arenas.alloc(3);
  EXPECT_THROW(arenas.release(), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::leak, __LINE__ - 1);
  EXPECT_EQ(arenas.leased_count(), 1u);
  arenas.drop(a);
  arenas.release();
  EXPECT_EQ(arenas.leased_count(), 0u);
  auto lease = arenas.lease();
  lease->alloc(3).fill(1);
  EXPECT_THROW(lease.release(), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::leak, __LINE__ - 1);
  lease.reset();
  EXPECT_FALSE(lease);
  EXPECT_EQ(arenas.leased_count(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, BJ_U9_repair_takes_all_leases_back) {
  threads_arena<int> arenas{10, 3};
  elsewhere([&] { arenas.alloc(3).fill(1); });  // and never gives it back
  auto lease = arenas.lease();
  const unsigned taken = __LINE__ - 1;
  auto a = lease->alloc(2);
  auto b = arenas.alloc(2);
  EXPECT_EQ(arenas.leased_count(), 3u);
  const auto revoked = arenas.repair();
  ASSERT_EQ(revoked.size(), 3u);
  EXPECT_NE(revoked[0].thread, std::this_thread::get_id());
  EXPECT_EQ(revoked[1].thread, std::this_thread::get_id());
  EXPECT_EQ(revoked[1].at.line, is_tracking ? taken : 0u);
  EXPECT_EQ(arenas.leased_count(), 0u);
  EXPECT_NO_FINDING(log_);
  EXPECT_FALSE(lease.is_valid());
  EXPECT_THROW(static_cast<void>(lease.get()), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::stale_handle, __LINE__ - 1);
  EXPECT_THROW(arenas.drop(b), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::lease_affinity, __LINE__ - 1);
  EXPECT_EQ(a.check(), !is_tracking);
  EXPECT_ONE_FINDING(log_, finding::use_after_reset, __LINE__ - 1);
  auto again = arenas.lease();
  lease = {};
  EXPECT_TRUE(again.is_valid());
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, BJ_U10_a_lease_for_the_length_of_a_call) {
  threads_arena<int> arenas{10, 1};
  EXPECT_EQ(with_buffer(arenas,
                        [&](auto& arena) {
                          EXPECT_EQ(arenas.leased_count(), 1u);
                          return arena.alloc(5).size();
                        }),
            5u);
  EXPECT_THROW(with_buffer(arenas, [](auto&) { throw std::runtime_error(""); }),
               std::runtime_error);
  EXPECT_EQ(arenas.leased_count(), 0u);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, BJ_U11_buffer_count) {
  EXPECT_EQ((threads_arena<int>{10, 7}.buffer_count()), 7u);
}

TEST_F(ThreadsArenaTest, Corpus_13_a_lost_lease_is_named_and_repaired) {
  threads_arena<int> arenas{10, 1};
  elsewhere([&] { arenas.alloc(3).fill(1); });
  EXPECT_FALSE(arenas.lease_for(1ms));
  EXPECT_ONE_FINDING(log_, finding::lease_timeout, __LINE__ - 1);
  EXPECT_EQ(arenas.repair().size(), 1u);
  EXPECT_TRUE(arenas.lease_for(1ms));
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, Corpus_13_repair_while_leased_is_found) {
  threads_arena<int> arenas{10, 1};
  auto a = arenas.alloc(3);
  elsewhere([&] { arenas.repair(); });
  EXPECT_THROW(arenas.drop(a), std::logic_error);
  EXPECT_ONE_FINDING(log_, finding::lease_affinity, __LINE__ - 1);
}

TEST_F(ThreadsArenaTest, S_BJ_a_task_that_throws_gives_its_lease_back) {
  threads_arena<int> arenas{10, 1};
  const auto task = [&] {
    const auto lease = arenas.lease();
    lease->alloc(3).at(3) = 1;
  };
  EXPECT_THROW(task(), std::out_of_range);
  EXPECT_EQ(log_.take().size(), is_tracking ? 1u : 0u);
  EXPECT_EQ(arenas.leased_count(), 0u);
}

TEST_F(ThreadsArenaTest, S_BJ_two_tasks_on_one_thread_do_not_share_a_buffer) {
  threads_arena<int> arenas{10, 2};
  auto one = arenas.lease();
  auto other = arenas.lease();
  EXPECT_NE(&*one, &*other);
  EXPECT_NO_FINDING(log_);
}

TEST_F(ThreadsArenaTest, ATensorArenaIsForOneThreadAtATime) {
  tensor_arena<int> arena{10};
  static_cast<void>(arena.alloc(1));
  elsewhere([&] {
    static_cast<void>(arena.alloc(1));
    EXPECT_ONE_FINDING(log_, finding::unsynchronized_use, __LINE__ - 1);
  });
  arena.reset();
  static_cast<void>(log_.take());
  arena.hand_over();
  elsewhere([&] { static_cast<void>(arena.alloc(1)); });
  EXPECT_NO_FINDING(log_);
}

}  // namespace
}  // namespace memoir
