#include "launcher/command.h"

#include <gtest/gtest.h>

#include <CLI/CLI.hpp>

namespace memoir {
namespace {

class ExampleCommand final : public Command {
 public:
  ExampleCommand() : Command("example", "", "does nothing") {}
  int run(const std::vector<std::string>& args) override {
    return static_cast<int>(args.size());
  }
};

ExampleCommand g_example_command;

TEST(Command, EntersItselfInTheList) {
  EXPECT_EQ(Command::find("example"), &g_example_command);
  EXPECT_EQ(Command::find("no such command"), nullptr);
  EXPECT_EQ(Command::find("example")->run({"a", "b"}), 2);
}

TEST(Command, OptionsComeInTheirOrder) {
  CLI::App app("", "memoir example");
  std::vector<std::string> files;
  int top = 0;
  app.add_option("FILES", files);
  app.add_option("--top", top);
  EXPECT_EQ(parse_options(app, {"a", "--top", "3", "b"}), std::nullopt);
  EXPECT_EQ(files, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(top, 3);
}

TEST(Command, WrongOptionsEndItWithTheUsageStatus) {
  CLI::App app("", "memoir example");
  EXPECT_EQ(parse_options(app, {"--no-such-option"}), kExitUsage);
  EXPECT_EQ(parse_options(app, {"--help"}), 0);
}

}  // namespace
}  // namespace memoir
