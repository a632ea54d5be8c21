#pragma once

// Debug files of distributions are packed, section by section. libdw unpacks all of them
// with zlib when it opens one, which for libc takes longer than everything else there is
// to look up in a small program. Here the same is done with libdeflate, where Memoir was
// built with it, and only for what is looked at: not for where variables live.

namespace memoir {

// A file in memory with the contents of this ELF file, its sections unpacked; the caller
// closes it. -1 where nothing is packed, or it cannot be done: then the file itself will
// do.
int unpacked_debug_file(int file);

}  // namespace memoir
