#include "collect/process_recorder.h"

#include <gtest/gtest.h>

#include <cstring>
#include <memory>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "support/memfd_session.h"
#include "support/scratch_file.h"
#include "trace/database.h"
#include "trace/trace_reader.h"

namespace memoir {
namespace {

// Records what a MemfdSession holds, and answers questions about the trace.
class ProcessRecorderTest : public testing::Test {
 protected:
  ProcessRecorderTest() : main_(session_, 1, 1) {
    main_.load(base_, 0x400000, session_.text("/bin/app"), 0x400000, 0x500000,
               session_.text("\x12\xab"));
  }

  StackNodeId stack(std::uint64_t pc) { return session_.node(kNoStack, pc); }

  // One round of the collector, over everything written so far.
  void drain() {
    open();
    clock_.measure();
    recorder_->drain();
  }
  void finish() {
    open();
    recorder_->finish("exit:0", true);
    writer_->commit();
    writer_->finish();
    recorder_.reset();
    writer_.reset();
  }
  // Events that were handled, the rounds so far.
  std::uint64_t handled() const { return recorder_->events(); }
  std::string ask(const std::string& sql) {
    TraceReader trace(file_.path());
    Statement rows = trace.database().prepare(sql);
    std::string answer;
    while (rows.step()) {
      for (int i = 0; i < rows.columns(); ++i) {
        answer += (i == 0 ? "" : "|") + std::string(rows.text(i));
      }
      answer += '\n';
    }
    return answer;
  }

  ScratchFile file_;
  TraceClock clock_;
  MemfdSession session_;
  // Just after the trace began, so that everything is in the past.
  std::uint64_t base_ = clock_.measured_ticks(SessionClock::kMonotonicNs);
  RingThread main_;

 private:
  void open() {
    if (recorder_) return;
    writer_ = std::make_unique<TraceWriter>(file_.path(), false);
    writer_->begin();
    faults_ = std::make_unique<FaultBook>(*writer_);
    recorder_ = std::make_unique<ProcessRecorder>(SessionMapping(session_.descriptor()),
                                                  ProcessId{1}, 42, 41, ProcessId{},
                                                  *writer_, clock_, *faults_);
  }

  std::unique_ptr<TraceWriter> writer_;
  std::unique_ptr<FaultBook> faults_;
  std::unique_ptr<ProcessRecorder> recorder_;
};

TEST_F(ProcessRecorderTest, CountsBlocksOfTwoThreadsInTheOrderOfTime) {
  RingThread other(session_, 2, 2);
  const StackNodeId here = stack(0x400100);
  main_.alloc(base_ + 10, 0x1000, 64, here);
  other.free(base_ + 20, 0x1000);
  main_.alloc(base_ + 30, 0x1000, 32, here);
  other.free(base_ + 40, 0x1000);
  main_.alloc(base_ + 50, 0x2000, 16, here, Api::kNew);
  finish();
  EXPECT_EQ(ask("select allocations, frees, allocated_bytes, live_blocks, live_bytes, "
                "peak_bytes, end, pid, parent_pid from processes"),
            "3|2|112|1|16|64|exit:0|42|41\n");
  EXPECT_EQ(ask("select api, allocations, frees, live_bytes from sites order by api"),
            "malloc|2|2|0\noperator new|1|0|16\n");
  EXPECT_EQ(ask("select blocks, bytes, class from leaks"), "1|16|unknown\n");
  EXPECT_EQ(ask("select thread, tid, name from threads order by 1"),
            "1|1001|thread-1\n2|1002|thread-2\n");
}

// More than a batch, and each thread needs what the other one did.
TEST_F(ProcessRecorderTest, ABlockPassedToAndFroIsPairedEachTime) {
  RingThread other(session_, 2, 2);
  const StackNodeId here = stack(0x400100);
  constexpr std::uint64_t kTimes = 300;
  for (std::uint64_t i = 0; i < kTimes; ++i) {
    const std::uint64_t t = base_ + i * 4;
    main_.alloc(t, 0x1000, 10, here);
    other.free(t + 1, 0x1000);
    other.alloc(t + 2, 0x1000, 20, here);
    main_.free(t + 3, 0x1000);
  }
  finish();
  EXPECT_EQ(ask("select allocations, frees, unknown_frees, peak_bytes, temporary, "
                "stacks_cut from processes"),
            "600|600|0|20|0|0\n");
  EXPECT_EQ(ask("select count(*), count(distinct thread) from chunk, threads"), "2|2\n");
}

TEST_F(ProcessRecorderTest, ATimeThatCannotBeTrueHoldsNothingBack) {
  const StackNodeId here = stack(0x400100);
  main_.alloc(~std::uint64_t{0} >> 1, 0x1000, 64, here);
  main_.alloc(base_ + 10, 0x2000, 64, here);
  drain();
  EXPECT_EQ(handled(), 2U);
  finish();
  EXPECT_EQ(ask("select live_blocks from processes"), "2\n");
}

TEST_F(ProcessRecorderTest, SaysThatTheDepotWasFull) {
  main_.alloc(base_ + 10, 0x1000, 64, stack(0x400100));
  session_.memory().header().depot_full = 1;
  finish();
  EXPECT_EQ(ask("select stacks_cut from processes"), "1\n");
}

TEST_F(ProcessRecorderTest, AReallocThatIsWrittenLateFreesTheRightBlock) {
  RingThread other(session_, 2, 2);
  const StackNodeId here = stack(0x400100);
  main_.alloc(base_ + 10, 0x1000, 64, here);
  // The other thread got the address while the realloc was under way.
  other.alloc(base_ + 25, 0x1000, 8, here);
  drain();
  main_.realloc(base_ + 20, 0x1000, base_ + 30, 0x3000, 128, here);
  finish();
  EXPECT_EQ(ask("select allocations, frees, live_blocks, live_bytes from processes"),
            "3|1|2|136\n");
}

TEST_F(ProcessRecorderTest, AddressesAreResolvedByTheModulesOfTheirTime) {
  const StackNodeId first = stack(0x700010);
  const StackNodeId second =
      session_.node(kNoStack, 0x700010 | std::uint64_t{1} << kPcBits);
  main_.load(base_ + 1, 0x700000, session_.text("/lib/a.so"), 0x700000, 0x701000, 0);
  main_.alloc(base_ + 2, 0x1000, 1, first);
  main_.put(EventKind::kModuleUnload, Api::kUnknown, base_ + 3, 0x700000, 0x701000, 0);
  main_.load(base_ + 4, 0x700000, session_.text("/lib/b.so"), 0x700000, 0x701000, 0);
  main_.alloc(base_ + 5, 0x2000, 2, second);
  finish();
  EXPECT_EQ(ask("select s.allocated_bytes, m.path, f.address from site s "
                "join attribution k on k.stack = s.stack join frame f on f.id = k.frame "
                "join module m on m.id = f.module order by 1"),
            "1|/lib/a.so|16\n2|/lib/b.so|16\n");
}

// The same code at another address, below the caller that this process alone has: nodes
// differ, the stack does not. Frames inside the module that moved are shared as well.
TEST_F(ProcessRecorderTest, AModuleThatIsLoadedElsewhereHasTheSameStacks) {
  const StackNodeId caller = stack(0x400100);
  const auto load = [&](std::uint64_t t, std::uint64_t at) {
    main_.put(EventKind::kModuleUnload, Api::kUnknown, t, 0x700000, 0x701000, 0);
    main_.load(t + 1, at, session_.text("/lib/a.so"), at, at + 0x1000, 0);
  };
  const auto allocate = [&](std::uint64_t t, std::uint64_t at) {
    const StackNodeId outer = session_.node(caller, at + 0x10);
    main_.alloc(t, 0x1000 + t - base_, 1, session_.node(outer, at + 0x20));
  };
  load(base_ + 1, 0x700000);
  allocate(base_ + 3, 0x700000);
  drain();
  load(base_ + 4, 0x800000);
  allocate(base_ + 6, 0x800000);
  finish();
  EXPECT_EQ(ask("select allocations from sites"), "2\n");
}

TEST_F(ProcessRecorderTest, KeepsEveryEventInChunks) {
  const StackNodeId here = stack(0x400100);
  main_.alloc(base_ + 10, 0x1000, 64, here);
  main_.realloc(base_ + 20, 0x1000, base_ + 30, 0x3000, 128, here);
  main_.put(EventKind::kMap, Api::kMmap, base_ + 40, 0x100000, 8192, here);
  main_.put(EventKind::kUnmap, Api::kMunmap, base_ + 50, 0x100000, 8192, 0);
  main_.free(base_ + 60, 0x3000);
  finish();
  EXPECT_EQ(ask("select seq, kind, api, address, size, thread from events order by seq"),
            "0|alloc|malloc|4096|64|1\n"
            "1|realloc|realloc|12288|128|1\n"
            "2|map|mmap|1048576|8192|1\n"
            "3|unmap|munmap|1048576|8192|1\n"
            "4|free|free|12288|0|1\n");
  EXPECT_EQ(ask("select allocations, allocated_bytes from processes"), "2|192\n");
}

TEST_F(ProcessRecorderTest, RefusesWhatIsNoSession) {
  const int pipe_fd = memfd_create("empty", MFD_ALLOW_SEALING);
  EXPECT_ANY_THROW(SessionMapping{pipe_fd});
  fcntl(pipe_fd, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
  EXPECT_ANY_THROW(SessionMapping{pipe_fd});
  close(pipe_fd);
  session_.memory().header().version = kWireVersion + 1;
  EXPECT_ANY_THROW(SessionMapping{session_.descriptor()});
}

// A program may scribble over all it shares, at any time.
TEST(ProcessRecorder, SurvivesArbitraryMemory) {
  for (unsigned seed = 1; seed <= 30; ++seed) {
    std::mt19937_64 random(seed);
    const ScratchFile file;
    TraceClock clock;
    MemfdSession session(3, 256, 512, 4096);
    const SessionLayout layout = session.memory().layout();
    SessionMapping mapping(session.descriptor());
    auto* bytes = reinterpret_cast<char*>(&session.memory().header());
    TraceWriter writer(file.path(), false);
    writer.begin();
    FaultBook faults(writer);
    ProcessRecorder recorder(std::move(mapping), ProcessId{1}, 1, 0, ProcessId{}, writer,
                             clock, faults);
    for (int round = 0; round < 3; ++round) {
      for (std::uint64_t at = 0; at + 8 <= layout.total_bytes; at += 8) {
        const std::uint64_t word = random();
        std::memcpy(bytes + at, &word, 8);
      }
      // Plausible laps and kinds, so that the rest is looked at.
      for (std::uint32_t ring = 0; ring < layout.ring_count; ++ring) {
        for (std::uint32_t slot = 0; slot < layout.ring_slots; ++slot) {
          EventSlot& event = session.memory().ring_slots(ring)[slot];
          event.meta = pack_meta(static_cast<EventKind>(random() % 18),
                                 static_cast<Api>(random() % 60), 3,
                                 static_cast<std::uint8_t>(round + 1),
                                 static_cast<StackNodeId>(random() % 600));
        }
      }
      clock.measure();
      recorder.drain();
    }
    recorder.finish("killed", true);
    writer.commit();
    writer.finish();
    TraceReader trace(file.path());
    Statement count = trace.database().prepare("select count(*) from sites");
    EXPECT_TRUE(count.step());
  }
}

}  // namespace
}  // namespace memoir
