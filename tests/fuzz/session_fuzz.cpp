// Records sessions whose memory is hostile: the header, rings, stack depot and texts of
// arbitrary bytes, and valid ones in which something was scribbled over between two looks
// of the collector. Whatever they hold, recording them neither fails nor hangs, and what
// is written can be read.

#include <algorithm>
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <optional>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "collect/process_recorder.h"
#include "fuzz/generated_inputs.h"
#include "support/memfd_session.h"
#include "support/scratch_file.h"
#include "trace/database.h"
#include "trace/error.h"
#include "trace/trace_reader.h"
#include "wire/fault_record.h"

namespace memoir {
namespace {

constexpr std::uint32_t kRings = 3;
constexpr std::uint32_t kSlots = 64;
constexpr std::uint32_t kNodes = 256;
constexpr std::uint32_t kTextBytes = 8192;

// Takes an input apart, from the front. Zeroes when it is used up.
class Bytes {
 public:
  Bytes(const std::uint8_t* data, std::size_t size) : at_(data), left_(size) {}
  bool done() const { return left_ == 0; }
  template <typename T>
  T take() {
    T value{};
    take_into(&value, sizeof value);
    return value;
  }
  void take_into(void* to, std::size_t size) {
    size = std::min(size, left_);
    std::memcpy(to, at_, size);
    at_ += size;
    left_ -= size;
  }
  // A small number mostly, any one sometimes.
  std::uint64_t number() {
    const auto first = take<std::uint8_t>();
    return first < 250 ? first : take<std::uint64_t>();
  }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

// A trace that many sessions are recorded into, as those of a process tree are.
struct Trace {
  static constexpr std::uint32_t kMostProcesses = 128;

  Trace() : writer(file.path(), false), faults(writer) { writer.begin(); }
  void check() {
    faults.write_progress();
    writer.commit();
    writer.finish();
    TraceReader reader(file.path());
    Statement rows = reader.database().prepare(
        "SELECT (SELECT count(*) FROM processes), (SELECT count(*) FROM sites), "
        "(SELECT count(*) FROM events), (SELECT count(*) FROM leaks), "
        "(SELECT count(*) FROM faults WHERE function <> ''), "
        "(SELECT max(depth) FROM stack_frames)");
    if (!rows.step() || rows.integer(0) != processes) std::abort();
  }

  ScratchFile file;
  TraceWriter writer;
  FaultBook faults;
  std::uint32_t processes = 0;
};
std::unique_ptr<Trace> g_trace;

// One for all: what only happens after a second of recording happens to later sessions.
TraceClock& clock() {
  static TraceClock clock;
  return clock;
}

Trace& current_trace() {
  if (g_trace && g_trace->processes == Trace::kMostProcesses) {
    g_trace->check();
    g_trace.reset();
  }
  if (!g_trace) g_trace = std::make_unique<Trace>();
  return *g_trace;
}

// The program and its collector, one step of either after the other.
class HostileSession {
 public:
  HostileSession() : session_(kRings, kSlots, kNodes, kTextBytes) {}

  void scribble(Bytes& input) {
    const std::uint64_t at =
        input.take<std::uint32_t>() % (session_.memory().layout().total_bytes - 8);
    const std::uint64_t word = input.number();
    std::memcpy(bytes() + at, &word, 1 + at % 8);
  }

  // All that is not padding, from the input. What names the memory as a session, and its
  // layout, are put right again when asked for: little passes without.
  void fill(Bytes& input, bool right_name, bool right_layout) {
    const SessionMemory& memory = session_.memory();
    const SessionLayout layout = memory.layout();
    SessionHeader& header = memory.header();
    input.take_into(&header, sizeof header);
    if (right_name) {
      header.magic = kSessionMagic;
      header.version = kWireVersion;
      header.layout =
          make_session_layout(input.take<std::uint8_t>(), input.take<std::uint16_t>(),
                              input.take<std::uint16_t>(), input.take<std::uint16_t>());
    }
    if (right_layout) header.layout = layout;
    input.take_into(memory.nodes(), 32 * sizeof(StackNode));
    input.take_into(memory.text(), 64);
    for (std::uint32_t ring = 0; ring < layout.ring_count; ++ring) {
      input.take_into(&memory.ring_header(ring), sizeof(RingHeader));
      input.take_into(memory.ring_slots(ring), kSlots * sizeof(EventSlot));
    }
  }

  // Does what the program would do, as the input says, and looks at it now and then.
  void live(Bytes& input) {
    if (!open()) return;
    std::vector<RingThread> threads;
    for (std::uint32_t ring = 0; ring < kRings; ++ring) {
      threads.emplace_back(session_, ring, ring + 1);
    }
    constexpr int kMostSteps = 400;
    for (int i = 0; i < kMostSteps && !input.done(); ++i) {
      step(threads[input.take<std::uint8_t>() % kRings], input);
      // No ring is ever full: a step takes at most two slots.
      if (i % (kSlots / 2 - 1) == 0) look();
    }
  }

  // The collector's side: nothing when the session was refused. Only then is an Error
  // what is wanted.
  bool open() {
    std::optional<SessionMapping> mapping;
    try {
      mapping.emplace(session_.descriptor());
    } catch (const Error&) {
      return false;
    }
    Trace& trace = current_trace();
    const ProcessId id{++trace.processes};
    recorder_ = std::make_unique<ProcessRecorder>(
        std::move(*mapping), id, 0, 0, ProcessId{}, trace.writer, clock(), trace.faults);
    return true;
  }
  void look() {
    clock().measure();
    recorder_->drain();
  }
  void write_progress() { recorder_->write_progress(); }
  void end() {
    if (!recorder_) return;
    recorder_->drain();
    recorder_->finish("killed", true);
    recorder_->tell_to_stop();
  }
  char* bytes() { return reinterpret_cast<char*>(&session_.memory().header()); }
  std::uint64_t size() const { return session_.memory().layout().total_bytes; }

 private:
  std::uint64_t now() {
    return clock().measured_ticks(SessionClock::kMonotonicNs) + ++t_;
  }

  void step(RingThread& thread, Bytes& input) {
    const auto what = input.take<std::uint8_t>();
    const auto stack = static_cast<StackNodeId>(input.number());
    const std::uint64_t address = 16 * input.number();
    switch (what % 16) {
      case 0:
      case 1:
      case 2:
        return thread.alloc(now(), address, input.number(), stack);
      case 3:
      case 4:
        return thread.free(now(), address);
      case 5: {
        const std::uint64_t before = now();
        return thread.realloc(before, 16 * input.number(), now(), address, input.number(),
                              stack);
      }
      case 6:
        return thread.put(EventKind::kMap, Api::kMmap, now(), address, input.number(),
                          stack);
      case 7:
        return thread.put(EventKind::kUnmap, Api::kMunmap, now(), address, input.number(),
                          0);
      case 8:
        return thread.load(now(), address, session_.text("/lib/a.so"), address,
                           address + 4096, session_.text("\x12\xab"));
      case 9:
        return add_node(stack, address);
      case 10:
        return look();
      case 11:
        return write_progress();
      case 12:
      case 13:
        return scribble(input);
      case 14:
        return tell_fault(thread, input);
      default: {
        // Any event at all, its time and texts included.
        const auto kind = static_cast<EventKind>(input.take<std::uint8_t>());
        const std::uint64_t t = what < 128 ? now() : input.number();
        return thread.put(kind, static_cast<Api>(input.take<std::uint8_t>()), t, address,
                          input.number() << 32 | input.take<std::uint16_t>(), stack);
      }
    }
  }

  // A plausible record here and there written over.
  void tell_fault(RingThread& thread, Bytes& input) {
    const auto what = input.take<std::uint8_t>();
    const std::uint64_t number = input.number();
    if (what % 4 == 0) {
      return thread.put(EventKind::kFaultAgain, Api::kUnknown, now(), 0, number, 0);
    }
    FaultRecord record;
    record.kind = static_cast<FaultKind>(1 + what % 12);
    record.access = static_cast<FaultAccess>(what % 4);
    record.place = static_cast<MemoryPlace>(what % 7);
    record.flags = input.take<std::uint8_t>();
    record.address = 16 * input.number();
    record.block = 16 * input.number();
    record.block_size = input.number();
    record.block_number = input.number();
    record.stack = static_cast<StackNodeId>(input.number());
    record.alloc_stack = static_cast<StackNodeId>(input.number());
    record.free_stack = static_cast<StackNodeId>(input.number());
    record.dump_bytes = input.take<std::uint8_t>();
    record.dump_address = record.address;
    if (what % 4 == 1) {
      const std::size_t at = input.take<std::uint8_t>() % sizeof record;
      reinterpret_cast<std::uint8_t*>(&record)[at] = input.take<std::uint8_t>();
    }
    const std::string_view bytes(reinterpret_cast<const char*>(&record), sizeof record);
    thread.put(EventKind::kFault, Api::kUnknown, now(), session_.text(std::string(bytes)),
               number, 0);
  }

  // Where the count says, which was scribbled over perhaps.
  void add_node(StackNodeId parent, std::uint64_t pc) {
    const std::uint32_t id = session_.memory().header().node_count++;
    if (id < kNodes) session_.memory().nodes()[id] = {pc, parent, 0};
  }

  MemfdSession session_;
  std::unique_ptr<ProcessRecorder> recorder_;
  std::uint64_t t_ = 0;
};

}  // namespace
}  // namespace memoir

// The first byte says how hostile. An Error that escapes is a crash: one program must not
// be able to end the recording of the others.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  memoir::Bytes input(data, size);
  const auto how = input.take<std::uint8_t>();
  memoir::HostileSession session;
  if (how % 2 == 0) {
    session.live(input);
  } else {
    session.fill(input, how % 4 != 1 || how >= 64, how % 8 == 3);
    if (session.open()) {
      session.look();
      while (!input.done()) session.scribble(input);
      session.look();
    }
  }
  session.end();
  return 0;
}

#ifndef MEMOIR_LIBFUZZER

namespace {

memoir::FuzzInput plausible_input(std::mt19937_64& random) {
  memoir::FuzzInput input(16 + random() % 1500);
  for (std::uint8_t& byte : input) {
    // Few zeroes in noise, many in what programs share; numbers below 250 stay small.
    byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 64);
  }
  constexpr std::uint8_t kHow[] = {0, 0, 0, 3, 67, 1};
  input[0] = kHow[random() % 6];
  return input;
}

// The same with a thread that scribbles while the collector looks: what was checked may
// have changed when it is used.
void fuzz_under_our_hands(std::mt19937_64& random) {
  constexpr int kSessions = 20;
  for (int i = 0; i < kSessions; ++i) {
    memoir::HostileSession session;
    if (!session.open()) std::abort();
    std::atomic<bool> stop = false;
    std::thread scribbler([&session, &stop, seed = random()] {
      std::mt19937_64 words(seed);
      while (!stop.load(std::memory_order_relaxed)) {
        const std::uint64_t at = words() % (session.size() / 8) * 8;
        // Laps and kinds that make an event of it, as often as not.
        std::uint64_t word = words() % 2 == 0 ? words() : words() % 20 | 0x1000000;
        std::memcpy(session.bytes() + at, &word, 8);
      }
    });
    for (int round = 0; round < 200; ++round) session.look();
    session.write_progress();
    session.end();
    stop = true;
    scribbler.join();
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::mt19937_64 random(21);
#if !defined(__SANITIZE_THREAD__)
  if (argc == 1) fuzz_under_our_hands(random);
#endif
  const int status = memoir::fuzz_generated(argc, argv, 1500, plausible_input);
  if (memoir::g_trace) memoir::g_trace->check();
  memoir::g_trace.reset();
  return status;
}

#endif
