// Whatever fails for want of memory has changed nothing: buffers, pools and allocators.

#include "unit/alloc/strong_guarantee.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include "memoir/block_pool.h"
#include "memoir/block_pool_resource.h"
#include "memoir/buffer/shared_buffer.h"
#include "memoir/buffer/small_buffer.h"
#include "memoir/buffer/unique_buffer.h"
#include "memoir/debug_allocator.h"
#include "memoir/defer_scope.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/large_block_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/scoped_allocator.h"
#include "memoir/sized_pool.h"
#include "memoir/slab_allocator.h"
#include "memoir/system_allocator.h"
#include "memoir/vector_pool.h"

namespace memoir {
namespace {

class StrongGuaranteeTest : public ::testing::Test {
 protected:
  finding_log log_;
};

constexpr const char* kLongName = "a name that is too long to lie within a string";

// --- owning buffers

struct owns_numbers {
  owns_numbers() {
    for (int i = 0; i < 10; ++i) one[static_cast<std::size_t>(i)] = i;
  }
  std::string say() const { return told(one.size(), elements_of(one.span())); }
  unique_buffer<int> one{10};
};

TEST_F(StrongGuaranteeTest, ZA_71_a_buffer_that_is_replaced) {
  struct replaced : owns_numbers {
    bool act() {
      one = unique_buffer<int>(3);
      std::fill(one.begin(), one.end(), 7);
      return true;
    }
  };
  strong_guarantee<replaced>(1, log_);
  struct reset : owns_numbers {
    bool act() {
      std::fill(other.begin(), other.end(), 8);
      const std::array<char, 100> large{};
      ++taken;
      one.reset(other.data(), 5, [this, large](int*) { taken -= 1 + large[0]; });
      return true;
    }
    std::string say() const { return owns_numbers::say() + told(taken); }
    int taken = 0;  // what was adopted and not deleted
    std::array<int, 5> other{};
  };
  strong_guarantee<reset>(1, log_);
}

struct shares_numbers : owns_numbers {
  std::string say() const {
    return told(one ? owns_numbers::say() : "gone", two.use_count(),
                two ? elements_of(two.span()) : "nothing");
  }
  shared_buffer<int> two;
};

TEST_F(StrongGuaranteeTest, ZA_71_a_buffer_that_becomes_shared) {
  struct converted : shares_numbers {
    bool act() {
      two = shared_buffer<int>{std::move(one)};
      return true;
    }
  };
  strong_guarantee<converted>(1, log_);
  struct to_shared : shares_numbers {
    bool act() {
      two = std::move(one).to_shared();
      return true;
    }
  };
  strong_guarantee<to_shared>(1, log_);
  struct made : shares_numbers {
    bool act() {
      two = shared_buffer<int>(4);
      std::ranges::fill(two.span(), 1);
      return true;
    }
  };
  strong_guarantee<made>(2, log_);
}

TEST_F(StrongGuaranteeTest, ZA_71_released_memory_stays_with_its_holder) {
  struct released {
    released() { std::fill_n(out.data(), 4, 5); }
    ~released() { out.free(); }
    bool act() {
      shared_buffer<int> shared{std::move(out)};
      out = std::move(*shared.release());
      return true;
    }
    std::string say() const {
      return told(out.size(), elements_of(std::span{out.data(), out.size()}));
    }
    released_buffer<int> out = unique_buffer<int>(4).release();
  };
  strong_guarantee<released>(1, log_);
}

TEST_F(StrongGuaranteeTest, ZA_71_ends_and_copies_need_no_memory) {
  struct copied : shares_numbers {
    copied() { std::ranges::fill(three.span(), 3); }
    bool act() {
      if (one) two = std::move(three);
      const shared_buffer<int> four = two;
      static_cast<void>(four.view());
      one.reset();
      return four.use_count() == 2;
    }
    shared_buffer<int> three{5};
  };
  never_fails<copied>(log_);
}

// --- pools of blocks

struct has_block_pool {
  std::string say() const {
    return told(pool.available(), pool.in_use(), pool.peak_in_use(), held.size());
  }
  block_pool<int> pool{16, 8};
  std::vector<unique_buffer<int>> held = [this] {
    std::vector<unique_buffer<int>> all;
    all.reserve(8);
    all.push_back(pool.acquire());
    return all;
  }();
};

TEST_F(StrongGuaranteeTest, ZA_71_block_pools) {
  struct acquires : has_block_pool {
    bool act() {
      held.push_back(pool.acquire());
      return true;
    }
  };
  strong_guarantee<acquires>(0, log_);
  struct tries : has_block_pool {
    bool act() {
      auto one = pool.try_acquire();
      if (!one) return false;
      held.push_back(std::move(*one));
      return true;
    }
  };
  strong_guarantee<tries>(0, log_);
  struct first_on_its_thread {
    bool act() {
      held = pool.acquire();
      return true;
    }
    std::string say() const { return told(pool.available(), pool.in_use(), held.size()); }
    block_pool<int> pool{16, 8};
    unique_buffer<int> held;
  };
  strong_guarantee<first_on_its_thread>(0, log_);
  struct shares : has_block_pool {
    bool act() {
      shared = shared_buffer<int>{std::move(held.back())};
      held.pop_back();
      return true;
    }
    std::string say() const { return has_block_pool::say() + told(shared.use_count()); }
    shared_buffer<int> shared;
  };
  strong_guarantee<shares>(1, log_);
  struct gives_back : has_block_pool {
    bool act() {
      held.clear();
      return true;
    }
  };
  never_fails<gives_back>(log_);
  struct from_resource {
    ~from_resource() { nodes.deallocate(block, 40); }
    bool act() {
      void* const next = nodes.allocate(40);
      nodes.deallocate(block, 40);
      block = next;
      return true;
    }
    std::string say() const { return told(nodes.pool().available()); }
    block_pool_resource nodes{64, 8};
    void* block = nodes.allocate(40);
  };
  strong_guarantee<from_resource>(0, log_);
}

TEST_F(StrongGuaranteeTest, ZA_71_names) {
  struct named : has_block_pool {
    bool act() {
      pool.set_name(kLongName);
      return true;
    }
  };
  strong_guarantee<named>(0, log_);
  struct sized {
    bool act() {
      pool.set_name(kLongName);
      return true;
    }
    std::string say() { return told_of(pool.stats()); }
    sized_pool pool;
  };
  strong_guarantee<sized>(0, log_);
}

// --- recycling pools

template <pool_key Key, std::size_t Kept>
struct has_sized_pool {
  static sized_pool_options options() {
    sized_pool_options all;
    all.key = Key;
    all.thread_cache = Kept;
    return all;
  }
  has_sized_pool() { std::fill_n(held.data(), 30, std::byte{7}); }
  std::string say() {
    return told_of(pool.stats()) + told("held", held.size(), held.capacity(),
                                        elements_of(held.span()), other.size());
  }
  sized_pool pool{options()};
  pooled_bytes held = pool.acquire(30);
  pooled_bytes other;
};

template <pool_key Key, std::size_t Kept>
void sized_pools(finding_log& log) {
  using base = has_sized_pool<Key, Kept>;
  struct acquires : base {
    bool act() {
      this->other = this->pool.acquire(70'000);
      return true;
    }
  };
  strong_guarantee<acquires>(1, log);
  struct tries : base {
    bool act() {
      auto one = this->pool.try_acquire(70'000);
      if (!one) return one.error() != errc::out_of_memory;
      this->other = std::move(*one);
      return true;
    }
  };
  strong_guarantee<tries>(1, log);
  struct resizes : base {
    bool act() {
      this->held.resize(5000);
      return true;
    }
  };
  strong_guarantee<resizes>(1, log);
  struct tries_to_resize : base {
    bool act() { return this->held.try_resize(5000).has_value(); }
  };
  strong_guarantee<tries_to_resize>(1, log);
  struct gives_back : base {
    gives_back() { this->other = this->pool.acquire(3000); }
    bool act() {
      this->other.release();
      this->held.resize(10);
      return true;
    }
  };
  never_fails<gives_back>(log);
  struct trims : base {
    trims() {
      for (const std::size_t size : {100u, 900u, 5000u})
        this->pool.acquire(size).release();
    }
    bool act() {
      this->pool.shrink();
      this->pool.trim(200);
      this->pool.clear();
      return true;
    }
  };
  never_fails<trims>(log);
}

TEST_F(StrongGuaranteeTest, ZA_71_pools_by_class) {
  sized_pools<pool_key::size_class, 0>(log_);
}
TEST_F(StrongGuaranteeTest, ZA_71_pools_by_size) {
  sized_pools<pool_key::exact, 0>(log_);
}
TEST_F(StrongGuaranteeTest, ZA_71_pools_with_caches_of_threads) {
  sized_pools<pool_key::size_class, 8>(log_);
}

struct has_vector_pool {
  has_vector_pool() { held->assign({1, 2, 3}); }
  std::string say() {
    return told_of(pool.stats()) + told("held", elements_of(*held), held->capacity());
  }
  vector_pool<int> pool{16, 4};
  pooled_vector<int> held = pool.acquire();
  std::optional<pooled_vector<int>> other;
};

TEST_F(StrongGuaranteeTest, ZA_71_pools_of_vectors) {
  struct acquires : has_vector_pool {
    bool act() {
      other = pool.acquire();
      return true;
    }
  };
  strong_guarantee<acquires>(1, log_);
  struct grows : has_vector_pool {
    bool act() {
      held->resize(1000, 5);
      return true;
    }
  };
  strong_guarantee<grows>(1, log_);
  struct pushes : has_vector_pool {
    pushes() { held->resize(held->capacity()); }
    bool act() {
      held->push_back(7);
      return true;
    }
  };
  strong_guarantee<pushes>(1, log_);
  struct gives_back : has_vector_pool {
    bool act() {
      held.release();
      held = pool.acquire();  // which is idle now
      held->assign({4});
      return true;
    }
  };
  never_fails<gives_back>(log_);
}

}  // namespace
}  // namespace memoir
