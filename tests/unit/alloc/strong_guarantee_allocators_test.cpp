// Whatever fails for want of memory has changed nothing: allocators, and what they defer.

#include <array>
#include <memory>
#include <memory_resource>
#include <string>
#include <type_traits>
#include <vector>

#include "memoir/debug_allocator.h"
#include "memoir/defer_scope.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/large_block_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/scoped_allocator.h"
#include "memoir/slab_allocator.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/strong_guarantee.h"

namespace memoir {
namespace {

class StrongGuaranteeAllocatorsTest : public ::testing::Test {
 protected:
  finding_log log_;
};

template <class Allocator>
struct has_allocator {
  std::string say() {
    return told(memory().total_allocated_bytes(), memory().cumulative_allocated_bytes(),
                elements_of(held.span()), other.size());
  }
  Allocator& memory() {
    if constexpr (std::is_same_v<Allocator, system_allocator>) {
      return system;
    } else {
      return *made;
    }
  }
  static std::unique_ptr<Allocator> make(system_allocator& system) {
    if constexpr (std::is_same_v<Allocator, debug_allocator>) {
      return std::make_unique<Allocator>("debug", system);
    } else if constexpr (std::is_constructible_v<Allocator, system_allocator&>) {
      return std::make_unique<Allocator>(system);
    } else {
      return std::make_unique<Allocator>();
    }
  }
  system_allocator system;
  std::unique_ptr<Allocator> made = make(system);
  buffer<int> held = [this] {
    auto one = memory().template allocate<int>(10);
    one.fill(3);
    return one;
  }();
  buffer<int> other;
};

template <class Allocator>
void allocators(std::size_t least, finding_log& log) {
  struct allocates : has_allocator<Allocator> {
    bool act() {
      this->other = this->memory().template allocate<int>(3000);
      return true;
    }
  };
  strong_guarantee<allocates>(least, log);
  struct allocates_few : has_allocator<Allocator> {
    bool act() {
      this->other = this->memory().template allocate<int>(20);
      return true;
    }
  };
  strong_guarantee<allocates_few>(0, log);
  struct through_std_pmr : has_allocator<Allocator> {
    bool act() {
      std::pmr::vector<int> list{&this->memory()};
      list.resize(500);
      return true;
    }
  };
  strong_guarantee<through_std_pmr>(0, log);
  struct frees : has_allocator<Allocator> {
    frees() { this->other = this->memory().template allocate<int>(3000); }
    bool act() {
      this->other.dispose();
      this->held.fill(4);
      return true;
    }
  };
  never_fails<frees>(log);
}

TEST_F(StrongGuaranteeAllocatorsTest, ZA_71_system_allocators) {
  allocators<system_allocator>(0, log_);
}
TEST_F(StrongGuaranteeAllocatorsTest, ZA_71_memory_pools) {
  allocators<memory_pool>(1, log_);
}
TEST_F(StrongGuaranteeAllocatorsTest, ZA_71_slab_allocators) {
  allocators<slab_allocator>(0, log_);
}
TEST_F(StrongGuaranteeAllocatorsTest, ZA_71_large_block_allocators) {
  allocators<large_block_allocator>(0, log_);
}
TEST_F(StrongGuaranteeAllocatorsTest, ZA_71_hybrid_allocators) {
  allocators<hybrid_allocator>(0, log_);
}
TEST_F(StrongGuaranteeAllocatorsTest, ZA_71_scoped_allocators) {
  allocators<scoped_allocator>(1, log_);
}
TEST_F(StrongGuaranteeAllocatorsTest, ZA_71_debugging_allocators) {
  allocators<debug_allocator>(1, log_);
  struct counts : has_allocator<debug_allocator> {
    bool act() {
      this->other = this->memory().allocate<int>(30);
      return true;
    }
    std::string say() {
      return has_allocator<debug_allocator>::say() + told(this->memory().tracked_count());
    }
  };
  strong_guarantee<counts>(1, log_);
}

TEST_F(StrongGuaranteeAllocatorsTest, ZA_71_deferred_actions) {
  struct scope_of_actions {
    scope_of_actions() {
      scope.defer([this] { ++ran; });
    }
    ~scope_of_actions() { scope.run(); }
    std::string say() const { return told(scope.count(), ran, bytes()); }
    std::uint64_t bytes() const { return system.total_allocated_bytes(); }
    int ran = 0;
    system_allocator system;
    defer_scope scope;
  };
  struct defers : scope_of_actions {
    bool act() {
      const std::array<char, 200> large{};
      scope.defer([this, large] { ran += 1 + large[0]; });
      return true;
    }
  };
  strong_guarantee<defers>(1, log_);
  struct defers_memory : scope_of_actions {
    bool act() {
      allocate_deferred<int>(system, scope, 10)[9] = 1;
      return true;
    }
  };
  strong_guarantee<defers_memory>(0, log_);
  struct runs : scope_of_actions {
    bool act() {
      scope.run();
      return ran == 1;
    }
  };
  never_fails<runs>(log_);
}

}  // namespace
}  // namespace memoir
