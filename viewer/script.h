#pragma once

// Drives a stage by lines of text: for pictures of the documentation, for replaying what
// somebody did, and for tests of the real program.
//
//   open app.memoir               a trace, and waits for it
//   compare other.memoir
//   click tab.leaks               what carries the name; also doubleclick, rightclick
//   hover NAME | wheel NAME 3 | drag NAME 0.2 0.5 0.6 0.5
//   type fn:parse                 into what has the focus
//   key Ctrl+P                    as `memoir-viewer` names keys in its help
//   command open                  of the list of commands
//   panel leaks
//   wait [seconds]                until everything is answered
//   size 1600 1000
//   expect NAME [text]            it is in sight, and its text contains this
//   reject NAME                   it is not in sight
//   screenshot out.png
//   dump [out.json]               what is in sight
//   # ...                         a comment
//
// Errors: throws Error (kUsage) that begins with the line.

#include <istream>
#include <string>

#include "viewer/stage.h"

namespace memoir {

void run_script(Stage& stage, std::istream& script, const std::string& name);

// The view, and names, places and texts of everything in sight, as JSON.
std::string dump_ui_state(const App& app);

}  // namespace memoir
