#pragma once

// Interceptors of functions that exist in two forms, with a list of values and with
// `...`, behind a parameter that is called `format`. Both are one call:
//
//   how(shown, frame, looked_at..., list, real)        real(list) calls libc's
//
// `parameters` and `arguments` are those up to the format, in parentheses.

#include <stdarg.h>

#include "bounds/real_functions.h"

#define MEMOIR_UNPACK(...) __VA_ARGS__
#define MEMOIR_LISTED(name, listed, shown, parameters, arguments, how, looked_at)     \
  MEMOIR_INTERCEPTOR(int, listed, (MEMOIR_UNPACK parameters, va_list list)) {         \
    return how("v" shown, MEMOIR_FRAME, MEMOIR_UNPACK looked_at, list,                \
               [=](va_list values) {                                                  \
                 return memoir::g_libc.listed(MEMOIR_UNPACK arguments, values);       \
               });                                                                    \
  }                                                                                   \
  MEMOIR_INTERCEPTOR(int, name, (MEMOIR_UNPACK parameters, ...)) {                    \
    va_list list;                                                                     \
    va_start(list, format);                                                           \
    const int count =                                                                 \
        how(shown, MEMOIR_FRAME, MEMOIR_UNPACK looked_at, list, [=](va_list values) { \
          return memoir::g_libc.listed(MEMOIR_UNPACK arguments, values);              \
        });                                                                           \
    va_end(list);                                                                     \
    return count;                                                                     \
  }
