// All arenas, used as they are meant to be, and one that is still in use at the end.
//
// CLEAN

#include <cstdio>
#include <string>
#include <thread>
#include <vector>

#include "memoir/arena.h"
#include "memoir/buffer/fixed_tensor_arena.h"
#include "memoir/buffer/threads_arena.h"
#include "memoir/scoped_allocator.h"

static void tensors() {
  memoir::tensor_arena<double> arena{10};
  auto a = arena.alloc(10, 10);
  auto b = arena.alloc(5, 5, 5);
  a.fill(1);
  b(4, 4, 4) = 2;
  arena.drop(a);
  arena.drop(b);
  arena.reset();
  arena.reshape(20, 20).fill(3);
  arena.reshape(400)[399] = 4;
}

static void threads() {
  memoir::threads_arena<int> buffers{100, 2};
  std::vector<std::thread> all;
  for (int t = 0; t < 4; ++t) {
    all.emplace_back([&, t] {
      for (int i = 0; i < 50; ++i) {
        const auto lease = buffers.lease();
        lease->alloc(10, 10).fill(t);
      }
    });
  }
  for (std::thread& one : all) one.join();
}

static void bytes() {
  memoir::arena scratch{1 << 16};
  for (int i = 0; i < 3; ++i) {
    {
      std::pmr::vector<std::pmr::string> words{&scratch};
      for (int w = 0; w < 50; ++w)
        words.emplace_back("a word that is not short " + std::to_string(w));
    }
    scratch.reset();
  }
  memoir::scoped_allocator scope;
  auto numbers = scope.allocate<int>(1000, memoir::zero::yes);
  numbers[999] = 1;
}

int main() {
  static memoir::tensor_arena<int> everywhere{100};
  everywhere.alloc(10).fill(1);
  tensors();
  threads();
  bytes();
  memoir::with_buffer<int>(100, [](auto& buffer) { buffer.alloc(100).fill(5); });
  std::puts("done");
}
