#pragma once

// A session as a program would offer it, made and written by the test itself.

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>
#include <stdexcept>
#include <string>

#include "collect/session_mapping.h"
#include "wire/ring.h"

namespace memoir {

class MemfdSession {
 public:
  explicit MemfdSession(std::uint32_t rings = 4, std::uint32_t slots = 1024,
                        std::uint32_t nodes = 4096, std::uint32_t text = 65536) {
    const SessionLayout layout = make_session_layout(rings, slots, nodes, text);
    fd_ = memfd_create("test", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (ftruncate(fd_, static_cast<off_t>(layout.total_bytes)) != 0) {
      throw std::runtime_error("ftruncate");
    }
    base_ = mmap(nullptr, layout.total_bytes, PROT_READ | PROT_WRITE, MAP_SHARED, fd_, 0);
    fcntl(fd_, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
    memory_ = SessionMemory(base_, layout);
    SessionHeader& header = memory_.header();
    header.magic = kSessionMagic;
    header.version = kWireVersion;
    header.clock = SessionClock::kMonotonicNs;
    header.layout = layout;
    header.rings_used = rings;
    header.node_count = kFirstStackNode;
  }
  ~MemfdSession() {
    munmap(base_, memory_.layout().total_bytes);
    close(fd_);
  }
  MemfdSession(const MemfdSession&) = delete;
  MemfdSession& operator=(const MemfdSession&) = delete;

  int descriptor() const { return fd_; }
  const SessionMemory& memory() const { return memory_; }
  TextRef text(const std::string& words) const {
    return memory_.add_text(words.data(), words.size());
  }
  // A node without looking for an equal one.
  StackNodeId node(StackNodeId parent, std::uint64_t pc) const {
    const StackNodeId id = memory_.header().node_count++;
    memory_.nodes()[id] = {pc, parent, 0};
    return id;
  }

 private:
  int fd_ = -1;
  void* base_ = nullptr;
  SessionMemory memory_;
};

// One thread of the program.
class RingThread {
 public:
  RingThread(const MemfdSession& session, std::uint32_t ring, std::uint32_t number) {
    ring_.attach(session.memory(), ring);
    put(EventKind::kThreadStart, Api::kUnknown, 1, 1000 + number,
        session.text("thread-" + std::to_string(number)), number);
  }

  void alloc(std::uint64_t t, std::uint64_t address, std::uint64_t size,
             StackNodeId stack, Api api = Api::kMalloc) {
    put(EventKind::kAlloc, api, t, address, size, stack);
  }
  void free(std::uint64_t t, std::uint64_t address) {
    put(EventKind::kFree, Api::kFree, t, address, 0, kNoStack);
  }
  void realloc(std::uint64_t before, std::uint64_t old, std::uint64_t after,
               std::uint64_t address, std::uint64_t size, StackNodeId stack) {
    put_two(EventKind::kRealloc, Api::kRealloc, stack, {after, address, size},
            {before, old, 0});
  }
  void load(std::uint64_t t, std::uint64_t bias, TextRef path, std::uint64_t begin,
            std::uint64_t end, TextRef build_id) {
    put_two(EventKind::kModuleLoad, Api::kUnknown, 0, {t, bias, path},
            {begin, end, build_id});
  }
  void put(EventKind kind, Api api, std::uint64_t t, std::uint64_t address,
           std::uint64_t size, StackNodeId stack) {
    ring_.publish(ring_.reserve(1), kind, api, 0, stack, t, address, size);
  }

 private:
  struct Words {
    std::uint64_t time, address, size;
  };
  void put_two(EventKind kind, Api api, StackNodeId stack, Words one, Words two) {
    const std::uint64_t index = ring_.reserve(2);
    ring_.publish(index + 1, EventKind::kMore, api, 0, 0, two.time, two.address,
                  two.size);
    ring_.publish(index, kind, api, 0, stack, one.time, one.address, one.size);
  }

  RingWriter ring_;
};

}  // namespace memoir
