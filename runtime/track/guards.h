#pragma once

// Decides what guard pages may cost in this process, and lets the heap begin with them.

namespace memoir {

// Once faults are handled, and not before.
void start_guards();

}  // namespace memoir
