#include "viewer/commands.h"

#include <GLFW/glfw3.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>

namespace memoir {
namespace {

TEST(Commands, AllKeysAreUnderstoodAndMeanOneThing) {
  std::map<std::tuple<int, bool, bool, bool>, std::string> owner;
  for (const CommandRow& row : all_commands()) {
    const auto words = 1 + std::ranges::count(std::string_view(row.keys), ' ');
    const std::vector<KeyChord> chords = chords_of(row);
    EXPECT_EQ(static_cast<std::ptrdiff_t>(chords.size()), words) << row.keys;
    for (const KeyChord& chord : chords) {
      const auto [place, is_new] =
          owner.try_emplace({chord.key, chord.control, chord.shift, chord.alt}, row.name);
      EXPECT_TRUE(is_new) << row.keys << " means " << place->second << " and "
                          << row.name;
      EXPECT_EQ(command_of(chord), row.id);
    }
  }
}

TEST(Commands, ChordsAreParsed) {
  EXPECT_EQ(parse_chord("Ctrl+Shift+O"), (KeyChord{GLFW_KEY_O, true, true, false}));
  EXPECT_EQ(parse_chord("j"), (KeyChord{GLFW_KEY_J}));
  EXPECT_EQ(parse_chord("Alt+Left"), (KeyChord{GLFW_KEY_LEFT, false, false, true}));
  EXPECT_EQ(parse_chord("?"), (KeyChord{GLFW_KEY_SLASH, false, true, false}));
  EXPECT_EQ(parse_chord("Ctrl+-"), (KeyChord{GLFW_KEY_MINUS, true, false, false}));
  EXPECT_EQ(parse_chord("Hyper+X"), std::nullopt);
  EXPECT_EQ(parse_chord(""), std::nullopt);
  EXPECT_EQ(parse_chord("Ctrl+"), std::nullopt);
}

TEST(Commands, LettersArePartOfWhatIsTyped) {
  EXPECT_FALSE(parse_chord("J")->works_while_typing());
  EXPECT_FALSE(parse_chord("1")->works_while_typing());
  EXPECT_FALSE(parse_chord("Ctrl+Backspace")->works_while_typing());
  EXPECT_TRUE(parse_chord("Ctrl+P")->works_while_typing());
  EXPECT_TRUE(parse_chord("F1")->works_while_typing());
}

TEST(Commands, NamesAreFound) {
  EXPECT_EQ(parse_command("open"), Command::kOpen);
  EXPECT_EQ(parse_command("kClearFilter"), Command::kClearFilter);
  EXPECT_EQ(parse_command("clearfilter"), Command::kClearFilter);
  EXPECT_EQ(parse_command("no such"), std::nullopt);
}

}  // namespace
}  // namespace memoir
