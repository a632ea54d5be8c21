#pragma once

// Where memory lies, as a tag on buffers: beside the program, or on a device that it only
// hands pointers to. The tag moves nothing; memory of a device comes from a
// std::pmr::memory_resource that the program brings along.
//
// Thread safety: as a value.
// Design: pt::memory::MemoryLocation of PipelineTools, whose buffers on a device are
// made by operator new.

#include <cstdint>

namespace memoir {

enum class memory_location : std::uint8_t {
  host,         // ordinary memory
  host_pinned,  // ordinary memory that stays where it is, for devices to read
  device,       // may not be touched by the program itself
  unified       // may be touched by both
};

// As it stands in messages. Pure.
constexpr const char* name_of(memory_location location) noexcept {
  switch (location) {
    case memory_location::host:
      return "host";
    case memory_location::host_pinned:
      return "host_pinned";
    case memory_location::device:
      return "device";
    case memory_location::unified:
      return "unified";
  }
  return "unknown";
}

// Whether the program may read and write it. Pure.
constexpr bool is_host_accessible(memory_location location) noexcept {
  return location != memory_location::device;
}

}  // namespace memoir
