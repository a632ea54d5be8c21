#pragma once

// The one list of what a person can do (commands.inc): keys, menus, the palette and the
// help are made from it.
//
// Thread safety: all of it is constant.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace memoir {

enum class Command {
#define MEMOIR_COMMAND(id, title, keys, group) id,
#include "viewer/commands.inc"
#undef MEMOIR_COMMAND
};

struct CommandRow {
  Command id;
  const char* name;   // "kOpen"
  const char* title;  // "Open a trace"
  const char* keys;   // "Ctrl+O", several separated by spaces
  const char* group;
};

std::span<const CommandRow> all_commands();
const CommandRow& command_row(Command command);

// A key with what is held down. `key` is GLFW's code: a US position for letters and signs.
struct KeyChord {
  int key = 0;
  bool control = false, shift = false, alt = false;

  friend bool operator==(const KeyChord&, const KeyChord&) = default;
  // Means nothing to a text field, so that it works while one has the focus.
  bool works_while_typing() const;
};

// "Ctrl+Shift+O"; nothing when it is no chord.
std::optional<KeyChord> parse_chord(std::string_view text);
// Of all keys of a command.
std::vector<KeyChord> chords_of(const CommandRow& row);
std::optional<Command> command_of(const KeyChord& chord);
std::optional<Command> parse_command(std::string_view name);  // "open" or "kOpen"

}  // namespace memoir
