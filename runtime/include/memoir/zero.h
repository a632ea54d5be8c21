#pragma once

namespace memoir {

// Whether new memory is filled with zeros. Above a few KiB that costs more than
// everything else, so it is said.
enum class zero : bool { no, yes };

}  // namespace memoir
