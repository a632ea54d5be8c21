#pragma once

// Stacks for signal handlers of Memoir's: those of the program may be small, and full.
//
// Thread safety: any thread, with signals blocked.

#include <cstddef>

namespace memoir {

// Maps the stacks. False when the kernel refuses; then handlers run where they are.
bool make_handler_stacks();

// Calls function(argument) on a stack of Memoir's, waiting until one is free.
void call_on_handler_stack(void (*function)(void*), void* argument);

// The same for anything that can be called.
template <typename Function>
void on_handler_stack(Function&& function) {
  call_on_handler_stack([](void* argument) { (*static_cast<Function*>(argument))(); },
                        const_cast<void*>(static_cast<const void*>(&function)));
}

}  // namespace memoir
