#pragma once

// libunwind, for frames that the rule cache cannot express, and to compare with.
//
// It is opened with dlopen(RTLD_LOCAL), never linked: libunwind.so.8 exports
// _Unwind_RaiseException and its kin, and in the global scope it would take over the
// exception handling of C programs that load C++ plugins (throws become many times
// slower).
//
// Thread safety: open once, before other threads; walk() from any thread, not from signal
// handlers that interrupt a walk (the tracker sees to that).

#include <cstddef>
#include <cstdint>

namespace memoir {

// True when libunwind was found. Calls dlopen, which allocates.
bool open_libunwind();

bool libunwind_is_open();

// The return addresses of the calling stack, innermost first, from the frame that returns
// to `first_pc` on (that address included). 0 when it could not be walked.
std::size_t walk_with_libunwind(std::uint64_t first_pc, std::uint64_t* pcs,
                                std::size_t capacity);

// Forgets what it knew about an unloaded module.
void flush_libunwind();

}  // namespace memoir
