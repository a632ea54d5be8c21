// What does one malloc and its free cost, stack included?
//   pairs DEPTH THREADS PAIRS
// Each of THREADS threads descends DEPTH distinct functions, and there makes PAIRS pairs
// through one of eight pairs of leaf functions in turn, as a program does that allocates
// in several places below the same deep stack. Prints the nanoseconds a pair took.
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t kLeaves = 8;
constexpr std::size_t kMaxDepth = 64;
constexpr std::size_t kFramesBelow = 2;  // allocate_below and allocate_pair

// Keeps the compiler from dropping what nobody reads, and calls from becoming jumps.
void keep(void* value) { asm volatile("" : : "r"(value) : "memory"); }

template <std::size_t kLeaf>
[[gnu::noinline]] void allocate_pair() {
  void* block = std::malloc(16 + kLeaf * 24);
  keep(block);
  std::free(block);
  keep(nullptr);
}

template <std::size_t kLeaf>
[[gnu::noinline]] void allocate_below() {
  allocate_pair<kLeaf>();
  keep(nullptr);
}

template <std::size_t... kLeaf>
constexpr auto make_leaves(std::index_sequence<kLeaf...>) {
  return std::array<void (*)(), sizeof...(kLeaf)>{&allocate_below<kLeaf>...};
}
constexpr auto kLeafFunctions = make_leaves(std::make_index_sequence<kLeaves>{});

[[gnu::noinline]] void make_pairs(std::size_t pairs) {
  for (std::size_t i = 0; i < pairs; ++i) kLeafFunctions[i % kLeaves]();
}

template <std::size_t kDepth>
[[gnu::noinline]] void descend(std::size_t pairs) {
  if constexpr (kDepth == 0) {
    make_pairs(pairs);
  } else {
    descend<kDepth - 1>(pairs);
  }
  keep(nullptr);
}

template <std::size_t... kDepth>
constexpr auto make_descents(std::index_sequence<kDepth...>) {
  return std::array<void (*)(std::size_t), sizeof...(kDepth)>{&descend<kDepth>...};
}
constexpr auto kDescents = make_descents(std::make_index_sequence<kMaxDepth>{});

}  // namespace

int main(int argc, char** argv) {
  const std::size_t depth = argc == 4 ? std::strtoul(argv[1], nullptr, 10) : 0;
  const std::size_t threads = argc == 4 ? std::strtoul(argv[2], nullptr, 10) : 0;
  const std::size_t pairs = argc == 4 ? std::strtoul(argv[3], nullptr, 10) : 0;
  if (depth <= kFramesBelow || depth >= kMaxDepth || threads == 0 || pairs == 0) {
    std::fprintf(stderr, "usage: pairs DEPTH THREADS PAIRS (a depth of 3 to 63)\n");
    return 2;
  }
  auto* run = kDescents[depth - kFramesBelow];
  const auto start = std::chrono::steady_clock::now();
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < threads; ++i) others.emplace_back(run, pairs);
  run(pairs);
  for (auto& other : others) other.join();
  const std::chrono::duration<double, std::nano> spent =
      std::chrono::steady_clock::now() - start;
  std::printf("%.1f ns per pair\n", spent.count() / static_cast<double>(pairs));
}
