#pragma once

// A command that did nothing where it was given says why.
//
// Thread safety: the thread that draws.

#include <string>

#include "viewer/commands.h"

namespace memoir {

class App;

// One line, for a command that neither the viewer nor a panel could do anything with now.
std::string why_no_effect(Command command, App& app);

}  // namespace memoir
