// The engine of what is lent out.

#include "memoir/detail/lease_set.h"

#include <atomic>

#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

using namespace std::chrono_literals;
using detail::lease_holder;
using detail::lease_set;
using detail::lease_ticket;

TEST(LeaseSetTest, AsManyLeasesAsSlots) {
  lease_set set{"test_leases", 2};
  const lease_ticket first = set.try_acquire(site::current());
  const lease_ticket second = set.try_acquire(site::current());
  EXPECT_TRUE(first);
  EXPECT_TRUE(second);
  EXPECT_NE(first.slot, second.slot);
  EXPECT_FALSE(set.try_acquire(site::current()));
  EXPECT_EQ(set.leased(), 2u);
  EXPECT_TRUE(set.release(second));
  const lease_ticket third = set.try_acquire(site::current());
  EXPECT_EQ(third.slot, second.slot);
  EXPECT_NE(third.number, second.number);
  EXPECT_FALSE(set.holds(second));
  EXPECT_TRUE(set.holds(third));
}

TEST(LeaseSetTest, ALeaseEndsOnce) {
  lease_set set{"test_leases", 1};
  const lease_ticket first = set.acquire(site::current());
  EXPECT_TRUE(set.release(first));
  EXPECT_FALSE(set.release(first));
  const lease_ticket second = set.acquire(site::current());
  EXPECT_FALSE(set.release(first));
  EXPECT_TRUE(set.holds(second));
  EXPECT_FALSE(set.release({}));
}

TEST(LeaseSetTest, ACertainSlot) {
  lease_set set{"test_leases", 3};
  const lease_ticket middle = set.try_acquire_slot(1, site::current());
  EXPECT_EQ(middle.slot, 1u);
  EXPECT_FALSE(set.try_acquire_slot(1, site::current()));
  EXPECT_EQ(set.holder_of(1).thread, std::this_thread::get_id());
  EXPECT_EQ(set.holder_of(0).number, 0u);
  EXPECT_TRUE(set.release(middle));
  EXPECT_TRUE(set.acquire_slot(1, site::current()));
}

TEST(LeaseSetTest, NoSlotsAreRefused) {
  EXPECT_THROW(lease_set("test_leases", 0), std::invalid_argument);
}

TEST(LeaseSetTest, RevokedLeasesAreListed) {
  lease_set set{"test_leases", 3};
  const lease_ticket first = set.acquire(site::current());
  const lease_ticket second = set.acquire(site::current());
  std::vector<std::uint64_t> numbers;
  EXPECT_EQ(
      set.revoke_all([&](const lease_holder& one) { numbers.push_back(one.number); }),
      2u);
  EXPECT_EQ(numbers, (std::vector{first.number, second.number}));
  EXPECT_FALSE(set.holds(first));
  EXPECT_FALSE(set.release(second));
  EXPECT_EQ(set.leased(), 0u);
}

TEST(LeaseSetTest, AWaitInVainIsTold) {
  finding_log log;
  lease_set set{"test_leases", 1};
  set.acquire(site::current());
  EXPECT_FALSE(set.acquire_for(1ms, site::current()));
  EXPECT_ONE_FINDING(log, finding::lease_timeout, __LINE__ - 1);
}

TEST(LeaseSetTest, ALongWaitIsToldOnceAndGoesOn) {
  finding_log log;
  lease_set set{"test_leases", 1};
  set.set_patience(1ms);
  const lease_ticket held = set.acquire(site::current());
  std::atomic<bool> done = false;
  std::thread waiting{[&] {
    const lease_ticket got = set.acquire(site::current());
    done = true;
    set.release(got);
  }};
  std::vector<logged_finding> found;
  while (is_tracking && found.empty()) {
    std::this_thread::sleep_for(1ms);
    found = log.take();
  }
  EXPECT_FALSE(done);
  set.release(held);
  waiting.join();
  EXPECT_TRUE(done);
  if constexpr (is_tracking) {
    EXPECT_EQ(found[0].kind, finding::lease_timeout);
  }
  EXPECT_NO_FINDING(log);
}

TEST(LeaseSetTest, ThreadsNeverShareASlot) {
  finding_log log;
  constexpr std::size_t kSlots = 3;
  lease_set set{"test_leases", kSlots};
  set.set_patience(std::chrono::hours{1});
  std::array<int, kSlots> counts{};
  std::vector<std::thread> threads;
  for (int t = 0; t < 6; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 500; ++i) {
        const lease_ticket mine = set.acquire(site::current());
        ++counts[mine.slot];
        EXPECT_TRUE(set.release(mine));
      }
    });
  }
  for (std::thread& one : threads) one.join();
  EXPECT_EQ(counts[0] + counts[1] + counts[2], 3000);
  EXPECT_EQ(set.leased(), 0u);
  EXPECT_NO_FINDING(log);
}

}  // namespace
}  // namespace memoir
