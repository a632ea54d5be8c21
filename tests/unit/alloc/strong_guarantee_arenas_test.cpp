// Whatever fails for want of memory has changed nothing: arenas.

#include <array>
#include <span>
#include <string>

#include "memoir/arena.h"
#include "memoir/buffer/fixed_tensor_arena.h"
#include "memoir/buffer/sizing_arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "unit/alloc/strong_guarantee.h"

namespace memoir {
namespace {

class StrongGuaranteeArenasTest : public ::testing::Test {
 protected:
  finding_log log_;
};

struct has_arena {
  has_arena() { std::fill(held.begin(), held.end(), 5); }
  std::string say() {
    return told(scratch.position(), scratch.capacity(), scratch.peak_usage(),
                scratch.growth_count(), elements_of(held), other.size());
  }
  arena scratch{100, {.extendable = true}};
  std::span<int> held = scratch.allocate<int>(5);
  std::span<int> other;
};

TEST_F(StrongGuaranteeArenasTest, ZA_71_byte_arenas) {
  struct grows : has_arena {
    bool act() {
      other = scratch.allocate<int>(1000);
      return true;
    }
  };
  strong_guarantee<grows>(1, log_);
  struct tries : has_arena {
    bool act() {
      const auto block = scratch.try_allocate(4000, 8);
      if (!block) return false;
      other = {reinterpret_cast<int*>(block->data()), 1000};
      return true;
    }
  };
  strong_guarantee<tries>(1, log_);
  struct few : has_arena {
    bool act() {
      other = scratch.allocate<int>(2);
      return true;
    }
  };
  strong_guarantee<few>(0, log_);
  struct resets : has_arena {
    resets() { other = scratch.allocate<int>(1000); }
    bool act() {
      scratch.reset();
      held = scratch.allocate<int>(1);
      held[0] = 1;
      return true;
    }
  };
  never_fails<resets>(log_);
}

template <class Arena>
struct has_tensors {
  has_tensors() {
    one.fill(1);
    two.fill(2);
  }
  std::string say() {
    return told(tensors.used().value_or(999), tensors.capacity(), tensors.peak_usage(),
                tensors.growth_count(), static_cast<int>(tensors.mode()),
                elements_of(std::span{one.data(), one.size()}),
                elements_of(std::span{two.data(), two.size()}), three.size());
  }
  Arena tensors{20};
  tensor_view<double, 2> one = tensors.alloc(3, 3);
  tensor_view<double, 1> two = tensors.alloc(4);
  tensor_view<double, 2> three;
};

TEST_F(StrongGuaranteeArenasTest, ZA_71_tensor_arenas) {
  using base = has_tensors<tensor_arena<double>>;
  struct allocates : base {
    bool act() {
      three = tensors.alloc(30, 30);
      return true;
    }
  };
  strong_guarantee<allocates>(1, log_);
  struct tries : base {
    bool act() {
      auto made = tensors.try_alloc(30, 30);
      if (!made) return false;
      three = *made;
      return true;
    }
  };
  strong_guarantee<tries>(1, log_);
  struct fits : base {
    bool act() {
      three = tensors.alloc(2, 2);
      return true;
    }
  };
  strong_guarantee<fits>(0, log_);
  struct appends : base {
    bool act() {
      const std::array<double, 50> more{1, 2};
      return tensors.append(more)[1] == 2;
    }
  };
  strong_guarantee<appends>(1, log_);
  struct reserves : base {
    bool act() {
      tensors.reserve(1000);
      return true;
    }
  };
  strong_guarantee<reserves>(1, log_);
  struct drops_below : base {
    bool act() {
      tensors.drop(one);
      return true;
    }
    std::string say() { return one.data() != nullptr ? base::say() : "dropped"; }
  };
  strong_guarantee<drops_below>(1, log_);
  struct drops_both : base {
    drops_both() { three = tensors.alloc(1, 1); }
    bool act() {
      tensors.drop(one, two);
      return true;
    }
    std::string say() {
      return one.data() != nullptr ? base::say() : told("dropped", *tensors.used());
    }
  };
  strong_guarantee<drops_both>(1, log_);
  struct drops_newest : base {
    bool act() {
      tensors.drop(two);
      tensors.drop(one);
      tensors.reset();
      return true;
    }
    std::string say() {
      return one.data() != nullptr ? base::say() : told("dropped", *tensors.used());
    }
  };
  never_fails<drops_newest>(log_);
}

TEST_F(StrongGuaranteeArenasTest, ZA_71_reshaped_arenas) {
  struct reshapes {
    reshapes() { std::fill_n(shape.data(), 9, 3.0); }
    bool act() {
      shape = tensors.reshape(20, 20);
      std::fill_n(shape.data() + 9, 391, 4.0);
      return true;
    }
    std::string say() {
      return told(tensors.capacity(), tensors.peak_usage(), tensors.growth_count(),
                  elements_of(std::span{shape.data(), shape.size()}));
    }
    tensor_arena<double> tensors{9};
    tensor_view<double, 2> shape = tensors.reshape(3, 3);
  };
  strong_guarantee<reshapes>(1, log_);
}

// Blocks of containers among the tensors; giving them back in any order needs nothing.
TEST_F(StrongGuaranteeArenasTest, ZA_71_containers_in_tensor_arenas) {
  struct contained {
    ~contained() {
      if (one != nullptr) give(one);
      give(two);
    }
    void give(void* block) { tensors.memory()->deallocate(block, 80, 8); }
    bool act() {
      give(one);
      one = nullptr;
      return true;
    }
    std::string say() { return told(*tensors.used(), one == nullptr); }
    tensor_arena<double> tensors{100};
    void* one = tensors.memory()->allocate(80, 8);
    void* two = tensors.memory()->allocate(80, 8);
  };
  never_fails<contained>(log_);
}

TEST_F(StrongGuaranteeArenasTest, ZA_71_arenas_of_threads) {
  struct leases {
    bool act() {
      auto lease = threads.lease();
      lease->alloc(3, 3).fill(1);
      lease->reset();
      return true;
    }
    std::string say() { return told(threads.capacity(), threads.leased_count()); }
    threads_arena<double> threads{10, 2};
  };
  strong_guarantee<leases>(0, log_);
  struct allocates {
    ~allocates() { threads.reset(); }
    bool act() {
      threads.alloc(30).fill(2);
      return true;
    }
    std::string say() {
      return told(*threads.used(), threads.capacity(), threads.leased_count());
    }
    threads_arena<double> threads{10, 2};
    tensor_view<double, 1> one = threads.alloc(5);
  };
  strong_guarantee<allocates>(1, log_);
}

TEST_F(StrongGuaranteeArenasTest, ZA_71_plans) {
  struct plans {
    bool act() {
      auto one = plan.alloc(10, 10);
      return one.size() == 100;
    }
    std::string say() { return told(plan.used(), plan.peak()); }
    sizing_arena<double> plan;
  };
  strong_guarantee<plans>(1, log_);
}

}  // namespace
}  // namespace memoir
