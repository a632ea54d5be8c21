#pragma once

// Addresses that are given back and are nothing of the checked heap's: blocks of the
// allocator the program would use without Memoir (libc's own, handed out before Memoir
// was there or behind its back), or no blocks at all.
//
// Thread safety and signals: safe anywhere; errno is preserved.

#include "base/allocation_api.h"
#include "base/fault_kind.h"

namespace memoir {

// Whether the real allocator is glibc's, whose blocks can be told by their looks. Those
// of others cannot: what may be theirs is believed to be.
void set_real_allocator(bool is_glibc);

// What an address belongs to that is not the checked heap's.
MemoryPlace place_of(const void* address);

// Whether the real allocator may be given this block.
bool is_foreign_block(const void* block);

void report_invalid_free(Api api, const void* block, const void* frame);

}  // namespace memoir
