// Programs whose time goes into allocating, as far as real ones do: many call sites below
// stacks that vary, blocks of mixed sizes that are written and read, some freed at once
// and some much later. For comparing recorders:
//   kernels shallow N        one thread, about 10 functions below main
//   kernels deep N           one thread, about 40 functions below main
//   kernels threads2 N       two threads, about 20 functions deep
//   kernels threads4 N       four threads
//   kernels handover N       two threads allocate, two others use and free
//   kernels churn N          one thread, blocks of 1,000 sizes in random places
// N is the number of blocks of all threads together. The same blocks in each run.
#include <algorithm>
#include <array>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t kSites = 16;
constexpr std::size_t kKinds = 4;  // of functions on the way down

struct Random {
  std::uint64_t state;
  std::uint64_t next() {
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state >> 11;
  }
  std::uint64_t below(std::uint64_t most) { return next() % most; }
};

struct Block {
  unsigned char* bytes = nullptr;
  std::size_t size = 0;
};

// What a program does with a block when it gets it: it fills it, and looks at what is
// there, which takes some 50 ns.
std::uint64_t use(Block block) {
  const std::size_t used = std::min<std::size_t>(block.size, 64);
  std::memset(block.bytes, static_cast<int>(block.size), used);
  std::uint64_t hash = 14695981039346656037u;
  for (std::size_t i = 0; i < used; ++i) hash = (hash ^ block.bytes[i]) * 1099511628211u;
  return hash >> 32;
}

// One call site each.
template <std::size_t kSite>
[[gnu::noinline]] Block allocate_at(std::size_t size) {
  Block block{static_cast<unsigned char*>(std::malloc(size)), size};
  if (block.bytes == nullptr) std::abort();
  asm volatile("" : : "r"(block.bytes) : "memory");
  return block;
}
template <std::size_t... kSite>
constexpr auto make_sites(std::index_sequence<kSite...>) {
  return std::array<Block (*)(std::size_t), sizeof...(kSite)>{&allocate_at<kSite>...};
}
constexpr auto kAllocate = make_sites(std::make_index_sequence<kSites>{});

// One thread's work. It goes down a path of functions, works there for a while (kStay
// blocks), each of them some frames further below, and takes another path.
class Worker {
 public:
  Worker(std::uint64_t seed, unsigned depth, std::size_t kept)
      : random_{0x9e3779b97f4a7c15 * (seed + 1)}, depth_(depth), kept_(kept) {}
  ~Worker() {
    for (const Block& block : kept_) std::free(block.bytes);
  }
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  void run(std::uint64_t blocks) {
    while (blocks > 0) {
      const std::uint64_t here = std::min<std::uint64_t>(blocks, kStay);
      left_ = here;
      go_down(random_.below(kPaths) * 0x9e3779b97f4a7c15, depth_ - kBelow);
      blocks -= here;
    }
  }

  // Blocks go to `out` instead of being kept.
  void give_to(std::vector<Block>* out) { out_ = out; }
  void set_sizes(const std::vector<std::size_t>* sizes) { sizes_ = sizes; }
  std::uint64_t sum() const { return sum_; }

 private:
  static constexpr std::uint64_t kStay = 200;
  static constexpr std::uint64_t kPaths = 20;  // a thousand stacks, with the sites
  static constexpr unsigned kBelow = 5;  // frames between a place of work and malloc

  template <std::size_t kKind>
  [[gnu::noinline]] void call(std::uint64_t path, unsigned depth) {
    volatile char room[8 + kKind * 24];
    room[0] = 1;
    go_down(path >> 2, depth - 1);
    room[1] = room[0];
  }
  [[gnu::noinline]] void go_down(std::uint64_t path, unsigned depth) {
    if (depth <= 1) return work();
    switch (path % kKinds) {
      case 0:
        return call<0>(path, depth - 1);
      case 1:
        return call<1>(path, depth - 1);
      case 2:
        return call<2>(path, depth - 1);
      default:
        return call<3>(path, depth - 1);
    }
  }

  [[gnu::noinline]] void work() {
    for (; left_ > 0; --left_) handle(random_.next());
  }

  // Of each eight blocks, three are gone at once; the others replace one that was kept.
  [[gnu::noinline]] void handle(std::uint64_t dice) {
    const Block block = make(dice >> 8, 1 + dice % 3);
    sum_ += use(block);
    if (out_ != nullptr) {
      out_->push_back(block);
    } else if (dice % 8 < 3) {
      std::free(block.bytes);
    } else {
      drop(std::exchange(kept_[(dice >> 32) % kept_.size()], block));
    }
  }
  [[gnu::noinline]] Block make(std::uint64_t dice, std::uint64_t further) {
    const Block block = further == 0
                            ? kAllocate[dice % kSites](size_of(dice % kSites, dice >> 4))
                            : make(dice, further - 1);
    asm volatile("" : : "r"(block.bytes) : "memory");
    return block;
  }
  [[gnu::noinline]] void drop(Block block) {
    if (block.bytes == nullptr) return;
    sum_ += block.bytes[0];
    std::free(block.bytes);
  }

  // A call site makes objects of one size, or texts of several; rarely something large.
  // Of more pairs of sizes and stacks heaptrack's interpreter (1.4) runs out of any
  // memory.
  std::size_t size_of(std::size_t site, std::uint64_t dice) const {
    if (sizes_ != nullptr) return (*sizes_)[(dice * kSites + site) % sizes_->size()];
    if (dice % 64 == 0) return std::size_t{1024} << (dice >> 6) % 5;
    return site % 4 == 0 ? 16 + (dice >> 6) % 8 * 8 : 16 + site * 24;
  }

  Random random_;
  unsigned depth_;
  std::uint64_t left_ = 0;
  std::uint64_t sum_ = 0;
  std::vector<Block> kept_;
  std::vector<Block>* out_ = nullptr;
  const std::vector<std::size_t>* sizes_ = nullptr;
};

constexpr std::size_t kKept = 2000;

std::uint64_t work_alone(unsigned threads, unsigned depth, std::uint64_t blocks) {
  std::vector<std::uint64_t> sums(threads);
  const auto run = [&](unsigned number) {
    Worker worker(number, depth, kKept);
    worker.run(blocks / threads);
    sums[number] = worker.sum();
  };
  std::vector<std::thread> others;
  for (unsigned i = 1; i < threads; ++i) others.emplace_back(run, i);
  run(0);
  for (std::thread& other : others) other.join();
  std::uint64_t sum = 0;
  for (const std::uint64_t part : sums) sum += part;
  return sum;
}

// What goes from those that allocate to those that free, some hundred blocks at a time.
class Belt {
 public:
  void put(std::vector<Block>&& blocks) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return loads_.size() < kMostLoads; });
    loads_.push_back(std::move(blocks));
    changed_.notify_all();
  }
  // Empty at the end.
  std::vector<Block> take() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !loads_.empty() || over_; });
    if (loads_.empty()) return {};
    std::vector<Block> load = std::move(loads_.back());
    loads_.pop_back();
    changed_.notify_all();
    return load;
  }
  void end() {
    const std::unique_lock lock(mutex_);
    over_ = true;
    changed_.notify_all();
  }

 private:
  static constexpr std::size_t kMostLoads = 16;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<std::vector<Block>> loads_;
  bool over_ = false;
};

std::uint64_t hand_over(std::uint64_t blocks) {
  static constexpr std::uint64_t kLoad = 400;
  constexpr unsigned kPairs = 2;
  Belt belt;
  std::array<std::uint64_t, kPairs> sums{};
  std::vector<std::thread> makers;
  std::vector<std::thread> takers;
  for (unsigned i = 0; i < kPairs; ++i) {
    makers.emplace_back([&belt, i, blocks] {
      Worker worker(i, 14, 1);
      for (std::uint64_t left = blocks / kPairs; left > 0;) {
        const std::uint64_t count = std::min(left, kLoad);
        std::vector<Block> load;
        load.reserve(count);
        worker.give_to(&load);
        worker.run(count);
        belt.put(std::move(load));
        left -= count;
      }
    });
    takers.emplace_back([&belt, &sum = sums[i]] {
      for (;;) {
        const std::vector<Block> load = belt.take();
        if (load.empty()) return;
        for (const Block& block : load) {
          sum += use(block);
          std::free(block.bytes);
        }
      }
    });
  }
  for (std::thread& maker : makers) maker.join();
  belt.end();
  for (std::thread& taker : takers) taker.join();
  return sums[0] + sums[1];
}

std::uint64_t churn(std::uint64_t blocks) {
  std::vector<std::size_t> sizes;
  for (std::size_t i = 0; i < 1000; ++i) sizes.push_back(8 + i * 13);
  Worker worker(7, 14, 20'000);
  worker.set_sizes(&sizes);
  worker.run(blocks);
  return worker.sum();
}

}  // namespace

int main(int argc, char** argv) {
  const std::string_view name = argc == 3 ? argv[1] : "";
  const std::uint64_t blocks = argc == 3 ? std::strtoull(argv[2], nullptr, 10) : 0;
  std::uint64_t sum = 0;
  if (name == "shallow") {
    sum = work_alone(1, 7, blocks);
  } else if (name == "deep") {
    sum = work_alone(1, 36, blocks);
  } else if (name == "threads2") {
    sum = work_alone(2, 15, blocks);
  } else if (name == "threads4") {
    sum = work_alone(4, 15, blocks);
  } else if (name == "handover") {
    sum = hand_over(blocks);
  } else if (name == "churn") {
    sum = churn(blocks);
  }
  if (sum == 0) {
    std::fprintf(stderr,
                 "usage: kernels shallow|deep|threads2|threads4|handover|churn N\n");
    return 2;
  }
  std::printf("%llu\n", static_cast<unsigned long long>(sum));
  return 0;
}
