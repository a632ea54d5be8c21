#pragma once

// Whether the allocators, pools and buffers of Memoir watch over what they hand out.
//
// MEMOIR_TRACKING=1 (the default where NDEBUG is not defined): every operation is
// checked, and recorded where the program runs under Memoir; the program links
// memoir::alloc. MEMOIR_TRACKING=0: the headers alone, at the cost of code written by
// hand. Both kinds of translation units may meet in one program, but not exchange these
// types: they have different names, so that a mix does not link.
//
// Thread safety: macros and constants.
// Design: Memoir's own.

#ifndef MEMOIR_TRACKING
#ifdef NDEBUG
#define MEMOIR_TRACKING 0
#else
#define MEMOIR_TRACKING 1
#endif
#endif

#if MEMOIR_TRACKING
#define MEMOIR_MODE tracked
#else
#define MEMOIR_MODE plain
#endif

// Opens and closes the namespace of what differs between the two.
#define MEMOIR_BEGIN \
  namespace memoir { \
  inline namespace MEMOIR_MODE {
#define MEMOIR_END \
  }                \
  }

MEMOIR_BEGIN

// Whether this translation unit tracks.
inline constexpr bool is_tracking = MEMOIR_TRACKING != 0;

MEMOIR_END
