#pragma once

// The numbers a trace names things by. Each is a type of its own, so that they cannot be
// mixed up. Zero means none, in memory and in the file.

#include <compare>
#include <cstdint>
#include <functional>

namespace memoir {

template <typename Tag>
struct TraceId {
  std::uint32_t value = 0;

  friend constexpr auto operator<=>(TraceId, TraceId) = default;
  constexpr explicit operator bool() const { return value != 0; }
};

using ProcessId = TraceId<struct ProcessTag>;     // a process image of the trace, from 1
using ModuleId = TraceId<struct ModuleTag>;       // an executable or library file
using StringId = TraceId<struct StringTag>;       // an interned text
using FrameId = TraceId<struct FrameTag>;         // an address inside a module
using TraceStackId = TraceId<struct StackTag>;    // a call stack, shared by all processes
using TraceThreadId = TraceId<struct ThreadTag>;  // a thread inside its process, from 1

}  // namespace memoir

template <typename Tag>
struct std::hash<memoir::TraceId<Tag>> {
  std::size_t operator()(memoir::TraceId<Tag> id) const noexcept { return id.value; }
};
