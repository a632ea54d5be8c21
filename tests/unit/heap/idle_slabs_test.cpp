// Memory that goes back from slabs in which something lives.
#include <gtest/gtest.h>
#include <sys/mman.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <vector>

#include "base/pages.h"
#include "heap/checked_heap.h"

namespace memoir {
namespace {

constexpr std::size_t kSize = 5000;  // more than a page, and no whole number of them

class IdleSlabsTest : public testing::Test {
 protected:
  IdleSlabsTest() {
    HeapSettings settings;
    settings.canary_seed = 42;
    settings.quarantine_bytes = 1 << 20;
    heap_->start(settings);
  }

  char* make() {
    BlockRequest request;
    request.size = kSize;
    request.api = Api::kMalloc;
    return static_cast<char*>(heap_->allocate(request, cache_, findings_));
  }

  Place place(const void* address) {
    return heap_->find(reinterpret_cast<std::uintptr_t>(address));
  }

  void release(const void* block) {
    const Place at = place(block);
    ASSERT_TRUE(heap_->claim(at));
    heap_->release(at, Api::kFree, 0, 1, cache_, findings_);
  }

  // Frees all blocks but every twentieth, and lets them leave the quarantine.
  std::vector<char*> keep_few(int count) {
    std::vector<char*> blocks;
    blocks.reserve(static_cast<std::size_t>(count));
    for (int i = 0; i < count; ++i) blocks.push_back(make());
    std::vector<char*> kept;
    for (int i = 0; i < count; ++i) {
      char* block = blocks[static_cast<std::size_t>(i)];
      if (i % 20 == 10) {
        kept.push_back(block);
      } else {
        release(block);
      }
    }
    return kept;
  }

  bool is_bare(const void* block) {
    const Place at = place(block);
    return at.slab->records[at.slot].is_bare();
  }

  // Of the pages around the blocks, how many have memory.
  static std::size_t resident(const char* from, const char* to) {
    const auto begin = reinterpret_cast<std::uintptr_t>(from) & ~(kPageSize - 1);
    const std::size_t pages = (reinterpret_cast<std::uintptr_t>(to) - begin) / kPageSize;
    std::vector<unsigned char> in(pages);
    EXPECT_EQ(0, mincore(reinterpret_cast<void*>(begin), pages * kPageSize, in.data()));
    std::size_t count = 0;
    for (const unsigned char page : in) count += page & 1;
    return count;
  }

  std::size_t count_findings() {
    std::size_t count = 0;
    for (const Finding& finding : findings_) count += finding.damage.size();
    findings_ = {};
    heap_->check_all([&](const Finding& finding) { count += finding.damage.size(); });
    return count;
  }

  const std::unique_ptr<CheckedHeap> heap_ = std::make_unique<CheckedHeap>();
  ThreadCache cache_;
  Findings findings_;
};

TEST_F(IdleSlabsTest, PagesGoWhereSomethingLivesBesideThem) {
  const std::vector<char*> kept = keep_few(4000);
  ASSERT_EQ(0u, count_findings());
  std::size_t with_memory = 0;
  std::size_t all = 0;
  for (std::size_t i = 0; i + 1 < kept.size(); ++i) {
    // The same slab: 19 blocks that were freed lie between them.
    if (kept[i + 1] - kept[i] != kept[1] - kept[0]) continue;
    with_memory += resident(kept[i], kept[i + 1]);
    all += static_cast<std::size_t>(kept[i + 1] - kept[i]) / kPageSize;
  }
  ASSERT_GT(all, 1000u);
  EXPECT_LT(with_memory, all / 3);
}

TEST_F(IdleSlabsTest, RedzonesStandAgainAroundEveryBlock) {
  const std::vector<char*> kept = keep_few(4000);
  ASSERT_EQ(0u, count_findings());
  std::vector<char*> again;
  const Slab& slab = *place(kept[0]).slab;
  EXPECT_TRUE(std::any_of(slab.records, slab.records + slab.slots,
                          [](const BlockRecord& record) { return record.is_bare(); }));
  for (int i = 0; i < 6000; ++i) {
    again.push_back(make());
    ASSERT_FALSE(is_bare(again.back()));
    const Place at = place(again.back());
    if (at.slot + 1 < at.slab->slots) {
      ASSERT_FALSE(at.slab->records[at.slot + 1].is_bare());
    }
    std::memset(again.back(), 1, kSize);
  }
  EXPECT_EQ(0u, count_findings());
  // One byte on each side of each.
  for (char* block : again) block[-1] = 0;
  EXPECT_EQ(again.size(), count_findings());
  for (char* block : again) block[kSize] = 0;
  EXPECT_EQ(again.size(), count_findings());
}

// What lies between two hollow slots is nobody's: a write that runs in from a live block
// ends where it ended.
TEST_F(IdleSlabsTest, AnOverflowEndsWhereNothingStands) {
  const std::vector<char*> kept = keep_few(4000);
  ASSERT_EQ(0u, count_findings());
  std::size_t tried = 0;
  for (char* block : kept) {
    const Place at = place(block);
    if (at.slot + 3 >= at.slab->slots) continue;
    if (!at.slab->records[at.slot + 2].is_bare()) continue;
    ++tried;
    const std::size_t until = room_begin(*at.slab, at.slot + 1) -
                              reinterpret_cast<std::uintptr_t>(block) - kSize;
    std::memset(block + kSize, 0, until + 100);
    release(block);
    ASSERT_EQ(1u, findings_.end() - findings_.begin());
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block), findings_.begin()->block.begin);
    EXPECT_EQ(until, findings_.begin()->damage.size());
    findings_ = {};
  }
  EXPECT_GT(tried, 10u);
}

}  // namespace
}  // namespace memoir
