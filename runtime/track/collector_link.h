#pragma once

// The way to the collector: the socket named in the environment, or a collector of our
// own when there is none.
//
// Thread safety: one thread, while the session starts. Leaves no descriptor open.

#include "track/descriptor_room.h"
#include "wire/session_memory.h"

namespace memoir {

class CollectorLink {
 public:
  explicit CollectorLink(DescriptorRoom& room) : room_(room) {}
  ~CollectorLink();
  CollectorLink(const CollectorLink&) = delete;
  CollectorLink& operator=(const CollectorLink&) = delete;

  // Connects to the collector, starting one first where the environment names none. On
  // failure says why on standard error.
  bool connect();

  // The session's name, once connected.
  const char* name() const { return name_; }

  // Sends the session memory's descriptor and waits until the collector has mapped it.
  bool hand_over(int descriptor, const SessionMemory& memory);

 private:
  bool connect_to(const char* name);

  DescriptorRoom& room_;
  int socket_ = -1;
  const char* name_ = nullptr;
};

// Starts `memoir collect` on a new socket and puts its name into the environment. False
// (having said why) when no collector could be started. The process it leaves behind is
// no child of this one.
bool start_collector(DescriptorRoom& room);

}  // namespace memoir
