#include "viewer/commands.h"

#include <GLFW/glfw3.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <utility>

namespace memoir {
namespace {

constexpr std::array kCommands = {
#define MEMOIR_COMMAND(id, title, keys, group) \
  CommandRow{Command::id, #id, title, keys, group},
#include "viewer/commands.inc"
#undef MEMOIR_COMMAND
};

constexpr std::array<std::pair<std::string_view, int>, 24> kNamedKeys = {{
    {"Tab", GLFW_KEY_TAB},        {"Enter", GLFW_KEY_ENTER},
    {"Escape", GLFW_KEY_ESCAPE},  {"Backspace", GLFW_KEY_BACKSPACE},
    {"Delete", GLFW_KEY_DELETE},  {"Space", GLFW_KEY_SPACE},
    {"Left", GLFW_KEY_LEFT},      {"Right", GLFW_KEY_RIGHT},
    {"Up", GLFW_KEY_UP},          {"Down", GLFW_KEY_DOWN},
    {"Home", GLFW_KEY_HOME},      {"End", GLFW_KEY_END},
    {"PageUp", GLFW_KEY_PAGE_UP}, {"PageDown", GLFW_KEY_PAGE_DOWN},
    {"F1", GLFW_KEY_F1},          {"F5", GLFW_KEY_F5},
    {"F11", GLFW_KEY_F11},        {"=", GLFW_KEY_EQUAL},
    {"-", GLFW_KEY_MINUS},        {"[", GLFW_KEY_LEFT_BRACKET},
    {"]", GLFW_KEY_RIGHT_BRACKET}, {"/", GLFW_KEY_SLASH},
    {".", GLFW_KEY_PERIOD},       {",", GLFW_KEY_COMMA},
}};

bool take_prefix(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix) || text.size() == prefix.size()) return false;
  text.remove_prefix(prefix.size());
  return true;
}

}  // namespace

std::span<const CommandRow> all_commands() { return kCommands; }

const CommandRow& command_row(Command command) {
  return kCommands[static_cast<std::size_t>(command)];
}

bool KeyChord::works_while_typing() const {
  const bool function_key = key >= GLFW_KEY_F1 && key <= GLFW_KEY_F25;
  const bool edits = key == GLFW_KEY_BACKSPACE || key == GLFW_KEY_LEFT ||
                     key == GLFW_KEY_RIGHT;
  return function_key || alt || (control && !edits);
}

std::optional<KeyChord> parse_chord(std::string_view text) {
  KeyChord chord;
  for (bool more = true; more;) {
    more = false;
    if (take_prefix(text, "Ctrl+")) chord.control = more = true;
    if (take_prefix(text, "Shift+")) chord.shift = more = true;
    if (take_prefix(text, "Alt+")) chord.alt = more = true;
  }
  if (text == "?") {
    chord.key = GLFW_KEY_SLASH;
    chord.shift = true;
    return chord;
  }
  for (const auto& [name, key] : kNamedKeys) {
    if (name == text) chord.key = key;
  }
  if (chord.key == 0 && text.size() == 1 &&
      std::isalnum(static_cast<unsigned char>(text[0])) != 0) {
    chord.key = std::toupper(static_cast<unsigned char>(text[0]));
  }
  return chord.key != 0 ? std::optional(chord) : std::nullopt;
}

std::vector<KeyChord> chords_of(const CommandRow& row) {
  std::vector<KeyChord> chords;
  for (std::string_view rest = row.keys; !rest.empty();) {
    const std::size_t end = std::min(rest.find(' '), rest.size());
    if (const auto chord = parse_chord(rest.substr(0, end))) chords.push_back(*chord);
    rest.remove_prefix(std::min(end + 1, rest.size()));
  }
  return chords;
}

std::optional<Command> command_of(const KeyChord& chord) {
  for (const CommandRow& row : kCommands) {
    if (std::ranges::count(chords_of(row), chord) > 0) return row.id;
  }
  return std::nullopt;
}

std::optional<Command> parse_command(std::string_view name) {
  const auto equal = [](std::string_view a, std::string_view b) {
    return std::ranges::equal(a, b, {}, [](unsigned char c) { return std::tolower(c); },
                              [](unsigned char c) { return std::tolower(c); });
  };
  for (const CommandRow& row : kCommands) {
    const std::string_view full = row.name;
    if (equal(full, name) || equal(full.substr(1), name)) return row.id;
  }
  return std::nullopt;
}

}  // namespace memoir
