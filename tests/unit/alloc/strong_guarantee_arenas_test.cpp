// Whatever fails for want of memory has changed nothing: allocators, arenas, streams.

#include <array>
#include <cstdio>
#include <optional>
#include <span>
#include <sstream>
#include <string_view>
#include <utility>
#include <vector>

#include "memoir/arena.h"
#include "memoir/buffer/fixed_tensor_arena.h"
#include "memoir/buffer/sizing_arena.h"
#include "memoir/buffer/tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "memoir/debug_allocator.h"
#include "memoir/defer_scope.h"
#include "memoir/hybrid_allocator.h"
#include "memoir/large_block_allocator.h"
#include "memoir/memory_pool.h"
#include "memoir/scoped_allocator.h"
#include "memoir/slab_allocator.h"
#include "memoir/stream/byte_ring.h"
#include "memoir/stream/double_buffer.h"
#include "memoir/stream/line_buffer.h"
#include "memoir/stream/readers.h"
#include "memoir/stream/record_buffer.h"
#include "memoir/stream/round_robin_buffers.h"
#include "memoir/system_allocator.h"
#include "unit/alloc/strong_guarantee.h"

namespace memoir {
namespace {

class StrongGuaranteeArenasTest : public ::testing::Test {
 protected:
  finding_log log_;
};

// --- allocators

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

TEST_F(StrongGuaranteeArenasTest, ZA_71_system_allocators) {
  allocators<system_allocator>(0, log_);
}
TEST_F(StrongGuaranteeArenasTest, ZA_71_memory_pools) {
  allocators<memory_pool>(1, log_);
}
TEST_F(StrongGuaranteeArenasTest, ZA_71_slab_allocators) {
  allocators<slab_allocator>(0, log_);
}
TEST_F(StrongGuaranteeArenasTest, ZA_71_large_block_allocators) {
  allocators<large_block_allocator>(0, log_);
}
TEST_F(StrongGuaranteeArenasTest, ZA_71_hybrid_allocators) {
  allocators<hybrid_allocator>(0, log_);
}
TEST_F(StrongGuaranteeArenasTest, ZA_71_scoped_allocators) {
  allocators<scoped_allocator>(1, log_);
}
TEST_F(StrongGuaranteeArenasTest, ZA_71_debugging_allocators) {
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

TEST_F(StrongGuaranteeArenasTest, ZA_71_deferred_actions) {
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

// --- arenas

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

// --- streams

constexpr std::string_view kText = "a line that is longer than the buffer\nb\n";

TEST_F(StrongGuaranteeArenasTest, ZA_71_lines) {
  struct grows {
    grows() { static_cast<void>(lines.fill(reader)); }
    bool act() {
      const auto filled = lines.fill(reader);
      return filled.has_value();
    }
    std::string say() {
      const auto left = lines.remaining();
      return told(
          lines.capacity(), lines.eof(),
          std::string_view{reinterpret_cast<const char*>(left.data()), left.size()});
    }
    span_reader reader{std::as_bytes(std::span{kText})};
    line_buffer lines{8, {.growth_limit = 100}};
  };
  strong_guarantee<grows>(1, log_);
}

TEST_F(StrongGuaranteeArenasTest, ZA_71_records) {
  struct has_records {
    has_records() { EXPECT_TRUE(records.try_push("a text that does not lie within")); }
    std::string say() {
      return told(records.size(), records.capacity(), record, taken.size());
    }
    record_buffer<std::string> records{4};
    std::string record = "another text that does not lie within";
    std::vector<std::string> taken;
  };
  struct pushes : has_records {
    bool act() { return static_cast<bool>(records.try_push(std::as_const(record))); }
  };
  strong_guarantee<pushes>(1, log_);
  struct moves : has_records {
    bool act() { return static_cast<bool>(records.try_push(std::move(record))); }
    std::string say() { return told(records.size()); }
  };
  never_fails<moves>(log_);
  struct drains : has_records {
    bool act() {
      const auto all = records.drain();
      return all.size() == 1;
    }
  };
  strong_guarantee<drains>(1, log_);
}

TEST_F(StrongGuaranteeArenasTest, ZA_71_batches) {
  struct batches {
    bool act() {
      auto batch = halves.begin_write();
      for (int i = 0; i < 4; ++i) batch.push(i);
      std::move(batch).publish();
      const auto read = halves.read_next();
      return read && read->size() == 4;
    }
    std::string say() { return told(halves.stats().published, halves.stats().read); }
    double_buffer<int> halves{4};
  };
  never_fails<batches>(log_);
  struct turns {
    bool act() {
      auto one = buffers.get_next();
      one.resize(100);
      return one.size() == 100;
    }
    std::string say() { return told(buffers.leased()); }
    round_robin_buffers buffers{4, 100};
  };
  never_fails<turns>(log_);
  struct rings {
    bool act() {
      std::array<std::byte, 50> bytes{};
      return ring.write(bytes) == 50u && ring.read(bytes) == 50u;
    }
    std::string say() { return told(ring.available(), ring.free_space()); }
    byte_ring ring{64};
  };
  never_fails<rings>(log_);
}

}  // namespace
}  // namespace memoir
