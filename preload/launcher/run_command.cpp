// memoir run [options] [--] program args: records a program.

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "base/options.h"
#include "launcher/command.h"
#include "launcher/record_program.h"
#include "trace/error.h"

namespace memoir {
namespace {

template <typename Value>
auto shown(Value value) {
  if constexpr (std::is_enum_v<Value>) {
    return name_of(value);
  } else {
    return value;
  }
}

std::string runtime_option_help() {
  std::string text =
      "Options of the runtime, for --option (or MEMOIR_OPTIONS=name=value:...):";
#define MEMOIR_OPTION(type, name, value, help) \
  text += fmt::format("\n  {:<18} {} [{}]", #name, help, shown(Options{}.name));
#include "base/options.inc"
#undef MEMOIR_OPTION
  return text;
}

void check_runtime_options(const std::vector<std::string>& given) {
  for (const std::string& option : given) {
    Options parsed;
    const OptionError error = parse_options(option.c_str(), parsed);
    if (!error.failed) continue;
    throw Error(
        fmt::format("unknown or malformed runtime option \"{}\" (memoir run --help "
                    "lists them)",
                    error.text),
        ErrorKind::kUsage);
  }
}

class RunCommand final : public Command {
 public:
  RunCommand()
      : Command("run", "[options] [--] PROGRAM ...", "run a program and record it") {}

  int run(const std::vector<std::string>& args) override {
    RecordOptions options;
    std::string output;
    std::string mode = "profile";
    CLI::App app(
        "Runs PROGRAM and records what it does with memory. The exit status is the "
        "program's.",
        "memoir run");
    app.prefix_command();
    app.add_option("-o,--output", output,
                   "the trace to write; otherwise <program>.<pid>.memoir here")
        ->type_name("FILE");
    app.add_flag("-f,--force", options.overwrite, "overwrite the trace if it exists");
    app.add_flag("-q,--quiet", options.quiet, "say nothing when all goes well");
    app.add_option("--mode", mode,
                   "profile: call sites, leaks, peaks (the only one so far)")
        ->type_name("MODE")
        ->check(CLI::IsMember({"profile"}));
    app.add_option("--option", options.runtime_options,
                   "an option of the runtime, see below")
        ->type_name("NAME=VALUE")
        ->expected(1)
        ->take_all();
    app.footer(runtime_option_help());
    if (const auto status = parse_options(app, args)) return *status;

    options.command = app.remaining();
    if (!options.command.empty() && options.command.front() == "--") {
      options.command.erase(options.command.begin());
    } else if (!options.command.empty() && options.command.front().starts_with("-")) {
      throw Error(fmt::format("unknown option \"{}\" (memoir run --help lists them)",
                              options.command.front()),
                  ErrorKind::kUsage);
    }
    if (options.command.empty()) {
      throw Error("no program to run: memoir run [options] [--] PROGRAM [ARGUMENTS...]",
                  ErrorKind::kUsage);
    }
    check_runtime_options(options.runtime_options);
    if (!output.empty()) options.output = output;
    return record_program(options);
  }
};

RunCommand g_run_command;

}  // namespace
}  // namespace memoir
