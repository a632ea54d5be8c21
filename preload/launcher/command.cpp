#include "launcher/command.h"

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

namespace memoir {
namespace {

std::vector<Command*>& registry() {
  static std::vector<Command*> commands;
  return commands;
}

std::string first_line(std::string text) {
  text.resize(std::min(text.size(), text.find('\n')));
  return text;
}

}  // namespace

Command::Command(std::string_view name, std::string_view synopsis, std::string_view help)
    : name_(name), synopsis_(synopsis), help_(help) {
  registry().push_back(this);
}

std::vector<Command*> Command::all() {
  std::vector<Command*> commands = registry();
  std::sort(commands.begin(), commands.end(),
            [](const Command* a, const Command* b) { return a->name() < b->name(); });
  return commands;
}

Command* Command::find(std::string_view name) {
  for (Command* command : registry()) {
    if (command->name() == name) return command;
  }
  return nullptr;
}

std::optional<int> parse_options(CLI::App& app, const std::vector<std::string>& args) {
  try {
    app.parse(std::vector<std::string>(args.rbegin(), args.rend()));
    return std::nullopt;
  } catch (const CLI::CallForHelp&) {
    std::fputs(app.help().c_str(), stdout);
    return 0;
  } catch (const CLI::ParseError& error) {
    std::fprintf(stderr, "%s: %s (--help shows the options)\n", app.get_name().c_str(),
                 first_line(error.what()).c_str());
    return kExitUsage;
  }
}

}  // namespace memoir
