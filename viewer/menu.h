#pragma once

// The menu of all commands, by group, each with its keys: for those who look before they
// learn keys.
//
// Thread safety: the thread that draws.

namespace memoir {

class App;

// The button that opens it, and the menu while it is open.
void draw_menu(App& app);

}  // namespace memoir
