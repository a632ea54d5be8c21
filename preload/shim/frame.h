#pragma once

// Where the interposed function was called from. It must be named in the interposer
// itself: stacks begin at the caller of the function whose frame this is.
#define MEMOIR_FRAME __builtin_frame_address(0)
