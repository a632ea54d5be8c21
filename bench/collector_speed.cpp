// How many events a second does the collector take?
//   collector_speed EVENTS LIVE RINGS
// A made-up program writes EVENTS events into RINGS rings in turn, with about LIVE blocks
// alive at a time: trees of small blocks that are built and torn down, as a parser does,
// and blocks that live for a moment. The time is the CPU's, of what reads the rings
// alone. Then the speed of the event codec by itself, on the same events.
#include <time.h>
#include <x86intrin.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <memory>
#include <vector>

#include "collect/process_recorder.h"
#include "support/memfd_session.h"
#include "support/scratch_file.h"
#include "trace/database.h"
#include "trace/event_codec.h"

namespace {

using namespace memoir;

constexpr std::uint32_t kSlots = 16384;
constexpr std::uint32_t kNodes = 65536;
constexpr std::uint64_t kModule = 0x400000;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

// xorshift: the same events in every run.
class Random {
 public:
  std::uint64_t below(std::uint64_t limit) {
    seed_ ^= seed_ << 13;
    seed_ ^= seed_ >> 7;
    seed_ ^= seed_ << 17;
    return (seed_ >> 11) % limit;
  }

 private:
  std::uint64_t seed_ = 88172645463325252U;
};

// The program. Its addresses are the ones that malloc gives.
class Program {
 public:
  Program(std::uint32_t rings, std::size_t live)
      : session_(rings, kSlots, kNodes), live_(live) {
    session_.memory().header().clock = SessionClock::kTsc;
    session_.memory().header().start_ticks = __rdtsc();
    for (std::uint32_t i = 0; i < rings; ++i) {
      threads_.push_back(std::make_unique<RingThread>(session_, i, i + 1));
    }
    threads_[0]->load(__rdtsc(), kModule, session_.text("/usr/bin/program"), kModule,
                      kModule + (1 << 20), 0);
    make_stacks();
  }
  ~Program() {
    for (void* block : blocks_) std::free(block);
  }
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  const MemfdSession& session() const { return session_; }

  // Writes some thousand events, the rings' room permitting. The number of them.
  std::uint64_t run() {
    const std::uint64_t before = written_;
    while (written_ - before < kSlots / 2) {
      if (falling_) {
        tear_down();
      } else {
        build();
      }
    }
    return written_ - before;
  }

 private:
  // A thousand stacks of some twenty frames that share their outer halves.
  void make_stacks() {
    StackNodeId node = kNoStack;
    std::vector<StackNodeId> trunk;
    for (std::uint64_t depth = 0; depth < 10; ++depth) {
      node = session_.node(node, kModule + 16 + depth * 16);
      trunk.push_back(node);
    }
    for (std::uint64_t i = 0; i < 1000; ++i) {
      node = trunk[random_.below(trunk.size())];
      for (std::uint64_t depth = 0; depth < 12; ++depth) {
        node = session_.node(node, kModule + 4096 + random_.below(4000) * 16);
      }
      stacks_.push_back(node);
    }
  }

  // Most allocations come from few places.
  StackNodeId stack() {
    const std::uint64_t i = random_.below(stacks_.size());
    return stacks_[i * i / stacks_.size()];
  }

  RingThread& thread() { return *threads_[written_ / 64 % threads_.size()]; }

  void* make(std::size_t size) {
    void* block = std::malloc(size);
    thread().alloc(__rdtsc(), reinterpret_cast<std::uint64_t>(block), size, stack());
    ++written_;
    return block;
  }
  void drop(void* block) {
    thread().free(__rdtsc(), reinterpret_cast<std::uint64_t>(block));
    ++written_;
    std::free(block);
  }

  void build() {
    for (std::uint64_t i = random_.below(8); i > 0; --i) {
      drop(make(16 + random_.below(64) * 8));
    }
    blocks_.push_back(make(24 + random_.below(6) * 16));
    falling_ = blocks_.size() >= live_;
  }
  void tear_down() {
    // Neighbours change places now and then, so that it is not a stack.
    const std::size_t n = blocks_.size();
    if (n > 8) std::swap(blocks_[n - 1], blocks_[n - 1 - random_.below(8)]);
    drop(blocks_.back());
    blocks_.pop_back();
    falling_ = blocks_.size() > live_ / 4;
  }

  Random random_;
  MemfdSession session_;
  std::vector<std::unique_ptr<RingThread>> threads_;
  std::vector<StackNodeId> stacks_;
  std::vector<void*> blocks_;
  std::size_t live_;
  bool falling_ = false;
  std::uint64_t written_ = 0;
};

void measure_recording(TraceWriter& writer, std::uint64_t events, std::size_t live,
                       std::uint32_t rings) {
  writer.begin();
  Program program(rings, live);
  TraceClock clock;
  FaultBook faults(writer);
  ProcessRecorder recorder(SessionMapping(program.session().descriptor()), ProcessId{1},
                           1, 1, {}, writer, clock, faults);
  double spent = 0;
  std::uint64_t written = 0, commits = 0;
  while (written < events) {
    written += program.run();
    const double before = cpu_seconds();
    clock.measure();
    recorder.drain();
    // A commit every quarter of a second, at ten million events a second.
    if (written / 2'500'000 > commits) {
      ++commits;
      recorder.write_progress();
      writer.commit();
      writer.begin();
    }
    spent += cpu_seconds() - before;
  }
  const double before = cpu_seconds();
  recorder.finish("exit:0", true);
  writer.commit();
  const double finish = cpu_seconds() - before;
  std::printf("recording  %7.2f M events/s  (%.2f s of CPU, finish %.2f s)\n",
              static_cast<double>(written) / 1e6 / (spent + finish), spent + finish,
              finish);
}

void measure_codec(Database& database) {
  auto rows = database.prepare("SELECT n, data FROM chunk");
  double encoding = 0, decoding = 0;
  std::uint64_t count = 0, bytes = 0;
  std::vector<TraceEvent> events;
  while (rows.step()) {
    const double begin = cpu_seconds();
    decode_chunk(rows.blob(1), rows.natural(0), events);
    const double decoded = cpu_seconds();
    bytes += encode_chunk(events).size();
    encoding += cpu_seconds() - decoded;
    decoding += decoded - begin;
    count += events.size();
  }
  const auto millions = static_cast<double>(count) / 1e6;
  std::printf("encoding   %7.2f M events/s  %.2f bytes per event\n", millions / encoding,
              static_cast<double>(bytes) / static_cast<double>(count));
  std::printf("decoding   %7.2f M events/s\n", millions / decoding);
}

}  // namespace

int main(int argc, char** argv) {
  const std::uint64_t events = argc == 4 ? std::strtoull(argv[1], nullptr, 10) : 0;
  const std::uint64_t live = argc == 4 ? std::strtoull(argv[2], nullptr, 10) : 0;
  const std::uint64_t rings = argc == 4 ? std::strtoull(argv[3], nullptr, 10) : 0;
  if (events == 0 || live < 16 || rings < 1 || rings > 64) {
    std::fprintf(stderr, "usage: collector_speed EVENTS LIVE RINGS\n");
    return 2;
  }
  try {
    const ScratchFile file;
    TraceWriter writer(file.path(), true);
    measure_recording(writer, events, live, static_cast<std::uint32_t>(rings));
    measure_codec(writer.database());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "collector_speed: %s\n", error.what());
    return 1;
  }
}
