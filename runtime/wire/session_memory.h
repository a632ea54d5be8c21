#pragma once

// The memory one process image shares with the collector: a sealed memfd of fixed size.
//
//   | SessionHeader | RingHeader[ring_count] | buckets | stack nodes | text | ring 0 |
//   ... |
//
// Made and sized by the traced program, which hands its descriptor over a socket and
// closes it at once. Pages that nobody touches cost nothing.
//
// Invariants:
//  (1) The layout never changes after the header was published.
//  (2) One thread of the program writes a ring at a time; ring 0 is shared by the threads
//      that have none of their own, under RingHeader::owner as a lock.
//  (3) Nodes and text are append-only.
//
// Thread safety: the atomics say what is shared while the session lives.

#include <atomic>
#include <cstddef>
#include <cstdint>

#include "base/stack_node.h"
#include "wire/event.h"

namespace memoir {

inline constexpr std::uint64_t kSessionMagic = 0x314553524d454d21;  // "!MEMRSE1"

// Guard pages are mappings of their own, or live in the page tables.
enum class GuardMethod : std::uint32_t { kNone = 0, kMappings = 1, kPageTables = 2 };

enum class SessionClock : std::uint32_t { kTsc = 1, kMonotonicNs = 2 };

struct RingHeader {
  // Written by the collector.
  alignas(64) std::atomic<std::uint64_t> tail{0};  // slots taken, since the session began
  std::atomic<std::uint32_t> space_sequence{0};    // futex: changes when there is space
  // Written by the program.
  alignas(64) std::atomic<std::uint32_t> owner{0};  // thread number, 0: free to claim
  std::atomic<std::uint32_t> waiters{0};            // threads waiting for space
  std::atomic<std::uint64_t> head{0};               // saved when its owner leaves it
};

static_assert(sizeof(RingHeader) == 128, "layout changed: raise kWireVersion");

// Offsets and counts, from the beginning of the memory. A plain value: the collector
// copies it and checks it before it believes any of it.
struct SessionLayout {
  std::uint64_t total_bytes = 0;
  std::uint64_t ring_headers = 0;
  std::uint64_t buckets = 0;
  std::uint64_t nodes = 0;
  std::uint64_t text = 0;
  std::uint64_t rings = 0;
  std::uint32_t ring_count = 0;
  std::uint32_t ring_slots = 0;    // a power of two
  std::uint32_t bucket_count = 0;  // a power of two
  std::uint32_t node_capacity = 0;
  std::uint32_t text_bytes = 0;
  std::uint32_t reserved = 0;

  friend bool operator==(const SessionLayout&, const SessionLayout&) = default;
};

// The layout for these counts; powers of two are rounded up to.
SessionLayout make_session_layout(std::uint32_t ring_count, std::uint32_t ring_slots,
                                  std::uint32_t node_capacity, std::uint32_t text_bytes);

// Whether a layout that came from outside is one that make_session_layout() makes, and
// lies within `mapped_bytes`.
bool is_valid_layout(const SessionLayout& layout, std::uint64_t mapped_bytes);

struct SessionHeader {
  std::uint64_t magic = 0;
  std::uint32_t version = 0;
  SessionClock clock = SessionClock::kTsc;
  SessionLayout layout;
  std::uint32_t pid = 0;
  std::uint32_t parent_pid = 0;
  std::uint64_t start_ticks = 0;
  std::uint64_t start_monotonic_ns = 0;
  TextRef command = 0;  // arguments, each ended by a zero byte
  TextRef executable = 0;
  // Set by the collector: 0 tells the program to stop recording.
  alignas(64) std::atomic<std::uint32_t> recording{0};
  std::atomic<std::uint32_t> collector_pid{0};
  std::atomic<std::uint32_t> heartbeat{0};    // goes up whenever the collector looks
  std::atomic<std::uint32_t> faults_told{0};  // the highest number that was printed
  // Set by the program.
  alignas(64) std::atomic<std::uint32_t> node_count{0};
  std::atomic<std::uint32_t> text_used{0};
  std::atomic<std::uint32_t> rings_used{0};  // one above the highest ring ever claimed
  std::atomic<std::uint32_t> thread_count{0};
  std::atomic<std::uint64_t> dropped{0};  // events lost because their ring was full
  std::atomic<std::uint32_t> depot_full{0};
  std::atomic<std::uint32_t> faults_dropped{0};  // different ones that were too many
  // With the option check_stacks: stacks compared with libunwind's, and how many
  // differed.
  std::atomic<std::uint64_t> stacks_checked{0};
  std::atomic<std::uint64_t> stacks_different{0};
  // In check and guard mode: how guard pages are made, and for how many small blocks.
  std::atomic<GuardMethod> guard_method{GuardMethod::kNone};
  std::atomic<std::uint64_t> blocks_guarded{0};
};

static_assert(sizeof(SessionHeader) <= 4096);
static_assert(std::atomic<std::uint64_t>::is_always_lock_free);

// A mapped session. Knows where things lie; owns nothing.
class SessionMemory {
 public:
  SessionMemory() = default;
  // `base` is a mapping of at least layout.total_bytes.
  SessionMemory(void* base, const SessionLayout& layout)
      : base_(static_cast<char*>(base)), layout_(layout) {}

  explicit operator bool() const { return base_ != nullptr; }
  const SessionLayout& layout() const { return layout_; }
  SessionHeader& header() const { return *reinterpret_cast<SessionHeader*>(base_); }
  RingHeader& ring_header(std::uint32_t ring) const {
    return reinterpret_cast<RingHeader*>(base_ + layout_.ring_headers)[ring];
  }
  EventSlot* ring_slots(std::uint32_t ring) const {
    return reinterpret_cast<EventSlot*>(base_ + layout_.rings) +
           std::size_t{ring} * layout_.ring_slots;
  }
  StackNode* nodes() const { return reinterpret_cast<StackNode*>(base_ + layout_.nodes); }
  std::atomic<std::uint32_t>* buckets() const {
    return reinterpret_cast<std::atomic<std::uint32_t>*>(base_ + layout_.buckets);
  }
  char* text() const { return base_ + layout_.text; }

  // Appends bytes to the text area; 0 when it is full. Thread safe, async-signal safe.
  TextRef add_text(const char* bytes, std::size_t length) const;

 private:
  char* base_ = nullptr;
  SessionLayout layout_;
};

// What a process says to the collector, with the memfd attached, and what it hears back.
struct HelloMessage {
  std::uint64_t magic = kSessionMagic;
  std::uint32_t version = kWireVersion;
  std::uint32_t reserved = 0;
  std::uint64_t total_bytes = 0;
};
struct WelcomeMessage {
  std::uint64_t magic = kSessionMagic;
  std::uint32_t accepted = 0;
  std::uint32_t collector_pid = 0;
};

// The environment variable that names the collector's socket (abstract, without the
// leading zero byte), and the one with the options.
inline constexpr const char* kSessionVariable = "MEMOIR_SESSION";
inline constexpr const char* kOptionsVariable = "MEMOIR_OPTIONS";
// Call sites to guard, from an earlier trace: "<site><side>,..."; a site is 16
// hexadecimal digits (SiteHash), a side l or r.
inline constexpr const char* kPinsVariable = "MEMOIR_PINS";

// The names of sessions of `memoir run` begin so; those of the runtime's own are the
// kernel's choice, five hexadecimal digits.
inline constexpr const char* kRunPrefix = "memoir-";

// In place of a name: a process that could not be recorded has said why, and the ones it
// starts need not say it again.
inline constexpr const char* kNoSession = "none";

}  // namespace memoir
