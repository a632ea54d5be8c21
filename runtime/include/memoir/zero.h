#pragma once

// Whether new memory is filled with zeros. Above a few KiB that costs more than
// everything else, so it is said.
//
// Thread safety: as a value.
// Design: the `zeroMemory` of ZiggyAlloc, with a name where it is called.

namespace memoir {

enum class zero : bool { no, yes };

}  // namespace memoir
