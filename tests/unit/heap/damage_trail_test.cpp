#include "heap/damage_trail.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <vector>

#include "heap/checked_heap.h"
#include "heap/guard_pages.h"

namespace memoir {
namespace {

struct Block {
  char* begin = nullptr;
  std::size_t size = 0;
  bool live = true;

  char* end() const { return begin + size; }
};

// A heap full of blocks of some sizes, every third of which was freed.
class Scene {
 public:
  explicit Scene(unsigned seed) : random_(seed) {
    choose_guard_method(true);
    HeapSettings settings;
    settings.canary_seed = seed;
    heap_.start(settings);
    const std::size_t sizes[] = {pick(1, 16), pick(17, 40), pick(100, 300),
                                 pick(1, 5000)};
    for (int i = 0; i < 1200; ++i) {
      Block block;
      block.size = sizes[pick(0, 3)];
      BlockRequest request;
      request.size = block.size;
      request.alignment_log2 = pick(0, 9) == 0 ? 6 : 0;
      request.api = Api::kMalloc;
      block.begin = static_cast<char*>(heap_.allocate(request, cache_, ignored_));
      std::memset(block.begin, 'u', block.size);
      blocks_.push_back(block);
    }
    for (Block& block : blocks_) {
      if (pick(0, 2) == 0) release(block, ignored_);
    }
  }

  std::size_t pick(std::size_t least, std::size_t most) {
    return std::uniform_int_distribution<std::size_t>(least, most)(random_);
  }

  Block& any_block(bool live) {
    for (;;) {
      Block& block = blocks_[pick(0, blocks_.size() - 1)];
      if (block.live == live) return block;
    }
  }

  // Whether the program could write there without a fault of the processor.
  bool is_writable(const char* first, const char* last) const {
    for (const char* at = first; at < last; at += kGranule / 4) {
      if (heap_.find(reinterpret_cast<std::uintptr_t>(at)).slab == nullptr) return false;
    }
    return heap_.find(reinterpret_cast<std::uintptr_t>(last - 1)).slab != nullptr;
  }

  // The live block that holds an address, or ends almost there.
  std::optional<Block> block_at(const char* address) const {
    for (const Block& block : blocks_) {
      if (block.live && address >= block.begin && address < block.end() + 4) return block;
    }
    return std::nullopt;
  }

  // What is found when some of the blocks are freed, in any order, and all are looked at.
  std::vector<Finding> find_everything() {
    std::vector<Finding> list;
    std::shuffle(blocks_.begin(), blocks_.end(), random_);
    const std::size_t freed = pick(0, 1) * pick(0, blocks_.size());
    for (std::size_t i = 0; i < freed; ++i) {
      if (!blocks_[i].live) continue;
      Findings findings;
      release(blocks_[i], findings);
      list.insert(list.end(), findings.begin(), findings.end());
    }
    heap_.check_all([&](const Finding& finding) { list.push_back(finding); });
    // It was mended: nothing is found again.
    heap_.check_all([&](const Finding& finding) { list.push_back(finding); });
    return list;
  }

 private:
  void release(Block& block, Findings& findings) {
    const Place at = heap_.find(reinterpret_cast<std::uintptr_t>(block.begin));
    ASSERT_TRUE(heap_.claim(at));
    heap_.release(at, Api::kFree, kNoStack, 1, cache_, findings);
    block.live = false;
  }

  std::mt19937 random_;
  const std::unique_ptr<CheckedHeap> owned_ = std::make_unique<CheckedHeap>();
  CheckedHeap& heap_ = *owned_;
  ThreadCache cache_;
  Findings ignored_;
  std::vector<Block> blocks_;
};

std::uintptr_t number(const char* address) {
  return reinterpret_cast<std::uintptr_t>(address);
}

constexpr std::size_t kLengths[] = {1,  2,  7,   8,    15,   16,    17,    31,
                                    64, 99, 500, 1000, 5000, 20000, 70000, 300000};

class DamageTrailTest : public testing::TestWithParam<std::size_t> {};

TEST_P(DamageTrailTest, AnOverflowOfAnyLengthIsOneFinding) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    Scene scene(seed);
    const Block guilty = scene.any_block(true);
    if (!scene.is_writable(guilty.begin, guilty.end() + GetParam())) continue;
    std::memset(guilty.end(), 0, GetParam());
    const std::vector<Finding> list = scene.find_everything();
    ASSERT_EQ(list.size(), 1u) << "seed " << seed;
    EXPECT_EQ(list[0].kind, FaultKind::kHeapBufferOverflow) << "seed " << seed;
    EXPECT_EQ(list[0].block.begin, number(guilty.begin)) << "seed " << seed;
    EXPECT_EQ(list[0].damage.first, number(guilty.end())) << "seed " << seed;
    EXPECT_LE(list[0].damage.size(), GetParam()) << "seed " << seed;
  }
}

TEST_P(DamageTrailTest, AnUnderflowOfAnyLengthIsOneFinding) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    Scene scene(seed);
    const Block guilty = scene.any_block(true);
    char* const first = guilty.begin - GetParam();
    if (!scene.is_writable(first, guilty.end())) continue;
    const std::optional<Block> run_into = scene.block_at(first);
    std::memset(first, 0, GetParam());
    const std::vector<Finding> list = scene.find_everything();
    ASSERT_EQ(list.size(), 1u) << "seed " << seed;
    if (list[0].kind == FaultKind::kHeapBufferUnderflow) {
      EXPECT_EQ(list[0].block.begin, number(guilty.begin)) << "seed " << seed;
      EXPECT_EQ(list[0].damage.last, number(guilty.begin)) << "seed " << seed;
      EXPECT_GE(list[0].damage.first, number(first)) << "seed " << seed;
    } else if (list[0].kind == FaultKind::kWriteAfterFree) {
      // It begins where a freed block begins, which need not have been by chance.
      EXPECT_EQ(list[0].block.begin, number(first)) << "seed " << seed;
    } else {
      // All between two blocks is damaged: the upper one need not have done it.
      ASSERT_TRUE(run_into) << "seed " << seed;
      EXPECT_EQ(list[0].block.begin, number(run_into->begin)) << "seed " << seed;
    }
  }
}

TEST_P(DamageTrailTest, AWriteIntoAFreedBlockIsOneFinding) {
  for (unsigned seed = 1; seed <= 12; ++seed) {
    Scene scene(seed);
    const Block freed = scene.any_block(false);
    if (!scene.is_writable(freed.begin, freed.begin + GetParam())) continue;
    std::memset(freed.begin, 0, GetParam());
    const std::vector<Finding> list = scene.find_everything();
    ASSERT_EQ(list.size(), 1u) << "seed " << seed;
    EXPECT_EQ(list[0].kind, FaultKind::kWriteAfterFree) << "seed " << seed;
    EXPECT_EQ(list[0].block.begin, number(freed.begin)) << "seed " << seed;
    EXPECT_EQ(list[0].damage.first, number(freed.begin)) << "seed " << seed;
  }
}

INSTANTIATE_TEST_SUITE_P(Lengths, DamageTrailTest, testing::ValuesIn(kLengths));

TEST(DamageBesideBlocksTest, BothSidesOfABlockAreTwoFindings) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Scene scene(seed);
    const Block block = scene.any_block(true);
    block.begin[-1] = 0;
    *block.end() = 0;
    std::vector<Finding> list = scene.find_everything();
    ASSERT_EQ(list.size(), 2u) << "seed " << seed;
    if (list[0].kind == FaultKind::kHeapBufferOverflow) std::swap(list[0], list[1]);
    EXPECT_EQ(list[0].kind, FaultKind::kHeapBufferUnderflow) << "seed " << seed;
    EXPECT_EQ(list[1].kind, FaultKind::kHeapBufferOverflow) << "seed " << seed;
    for (const Finding& finding : list) {
      EXPECT_EQ(finding.block.begin, number(block.begin)) << "seed " << seed;
      EXPECT_EQ(finding.damage.size(), 1u) << "seed " << seed;
    }
  }
}

TEST(DamageBesideBlocksTest, AWriteThatLeavesBytesOutIsOneFinding) {
  for (unsigned seed = 1; seed <= 20; ++seed) {
    Scene scene(seed);
    const Block block = scene.any_block(true);
    if (!scene.is_writable(block.begin, block.end() + 400)) continue;
    // The first half of elements of eight bytes.
    for (int i = 0; i < 50; ++i) std::memset(block.end() + i * 8, 0, 4);
    const std::vector<Finding> list = scene.find_everything();
    ASSERT_EQ(list.size(), 1u) << "seed " << seed;
    EXPECT_EQ(list[0].kind, FaultKind::kHeapBufferOverflow) << "seed " << seed;
    EXPECT_EQ(list[0].block.begin, number(block.begin)) << "seed " << seed;
  }
}

}  // namespace
}  // namespace memoir
