// Tensors of all sizes come and go in every order; none may touch another.

#include <algorithm>
#include <random>
#include <vector>

#include "memoir/buffer/sizing_arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "unit/alloc/finding_log.h"

namespace memoir {
namespace {

class TensorArenaRandomTest : public ::testing::TestWithParam<unsigned> {
 protected:
  struct held {
    tensor_view<int, 2> view;
    int value;
  };

  void make(tensor_arena<int>& arena) {
    const std::size_t rows = random_() % 12;
    const std::size_t columns = random_() % (random_() % 20 == 0 ? 300 : 12);
    all_.push_back({arena.alloc(rows, columns), static_cast<int>(random_())});
    all_.back().view.fill(all_.back().value);
    elements_ += rows * columns;
  }
  void check(const held& one) {
    for (int x : one.view) ASSERT_EQ(x, one.value);
  }
  void forget(std::size_t i) {
    elements_ -= all_[i].view.size();
    all_.erase(all_.begin() + static_cast<std::ptrdiff_t>(i));
  }

  finding_log log_;
  std::mt19937 random_{GetParam()};
  std::vector<held> all_;
  std::size_t elements_ = 0;
};

TEST_P(TensorArenaRandomTest, NothingIsLostAndNothingOverlaps) {
  tensor_arena<int> arena{random_() % 200};
  for (int step = 0; step < 4000; ++step) {
    const auto choice = random_() % 100;
    if (choice < 55 || all_.size() < 2) {
      make(arena);
    } else if (choice < 90) {
      const std::size_t i = choice < 70 ? all_.size() - 1 : random_() % all_.size();
      check(all_[i]);
      tensor_view<int, 2> view = all_[i].view;
      forget(i);
      arena.drop(view);
    } else if (choice < 98) {
      const std::size_t i = random_() % (all_.size() - 1);
      check(all_[i]);
      check(all_[i + 1]);
      tensor_view<int, 2> one = all_[i].view;
      tensor_view<int, 2> other = all_[i + 1].view;
      forget(i + 1);
      forget(i);
      arena.drop(one, other);
    } else if (choice == 98) {
      for (const held& one : all_) check(one);
      arena.shrink_to_fit();
    } else if (random_() % 4 == 0) {
      arena.reset();
      all_.clear();
      elements_ = 0;
    }
    ASSERT_EQ(arena.used(), elements_);
  }
  std::shuffle(all_.begin(), all_.end(), random_);
  for (held& one : all_) {
    check(one);
    arena.drop(one.view);
  }
  EXPECT_EQ(arena.mode(), tensor_mode::idle);
  arena.verify();
  EXPECT_NO_FINDING(log_);
}

TEST_P(TensorArenaRandomTest, ADryRunIsExact) {
  // The same calls on both: the plan is what an arena that cannot grow needs.
  const auto seed = random_();
  const auto work = [&](auto& arena) {
    std::mt19937 random{seed};
    using tensor = decltype(arena.alloc(1));
    std::vector<tensor> all;
    for (int step = 0; step < 500; ++step) {
      if (all.empty() || random() % 5 < 3) {
        all.push_back(arena.alloc(random() % 50));
      } else {
        const std::size_t i = random() % all.size();
        arena.drop(all[i]);
        all.erase(all.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  };
  sizing_arena<int> plan;
  work(plan);
  tensor_arena<int> exact{plan.peak(), {.extendable = false}};
  work(exact);
  EXPECT_EQ(exact.peak_usage(), plan.peak());
  tensor_arena<int> grows;
  work(grows);
  EXPECT_EQ(grows.peak_usage(), plan.peak());
  EXPECT_NO_FINDING(log_);
}

INSTANTIATE_TEST_SUITE_P(Seeds, TensorArenaRandomTest, ::testing::Range(1u, 9u));

}  // namespace
}  // namespace memoir
