#pragma once

// The call sites that `memoir run --pin` wants guarded, and how a stack of this run is
// told to be one of them.

namespace memoir {

// Gives the heap's policy what the environment names. Before the first block is guarded.
void set_pins();

}  // namespace memoir
