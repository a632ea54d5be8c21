#pragma once

// One subcommand of `memoir`, and the list of them. A subcommand is one file: it defines
// a class and one object of it, whose constructor enters it in the list. Adding one
// touches no other file.
//
//   class ReportCommand final : public Command { ... };
//   ReportCommand g_report_command;
//
// Thread safety: the list is filled before main() and only read afterwards.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace CLI {  // NOLINT(readability-identifier-naming): the library's own
class App;
}

namespace memoir {

// The exit statuses of Memoir's own failures.
inline constexpr int kExitUsage = 2;
inline constexpr int kExitCannotTrace = 3;
inline constexpr int kExitTrace = 4;

class Command {
 public:
  // `synopsis` follows the name in help: "FILE [options]". A command with an empty `help`
  // is not listed. The texts must live as long as the program.
  Command(std::string_view name, std::string_view synopsis, std::string_view help);
  virtual ~Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;

  // Does the work and returns the exit status. `args` stand after the command's name.
  // Throws Error, which main() turns into one line and an exit status.
  virtual int run(const std::vector<std::string>& args) = 0;

  std::string_view name() const { return name_; }
  std::string_view synopsis() const { return synopsis_; }
  std::string_view help() const { return help_; }

  // In the order of their names.
  static std::vector<Command*> all();
  static Command* find(std::string_view name);

 private:
  std::string_view name_, synopsis_, help_;
};

// Fills the options of `app` from `args`. An exit status when there is nothing more to
// do: help was asked for and printed, or the arguments were wrong and one line says how.
std::optional<int> parse_options(CLI::App& app, const std::vector<std::string>& args);

}  // namespace memoir
