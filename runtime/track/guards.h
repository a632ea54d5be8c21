#pragma once

// Decides what guard pages may cost in this process, and lets the heap begin with them.

namespace memoir {

// Once faults are handled, and not before.
void start_guards();

// At the start of a session, which tells how many there are.
void count_guards();

}  // namespace memoir
