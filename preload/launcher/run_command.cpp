// memoir run [options] [--] program args: records a program.

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <fstream>
#include <iterator>
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

std::string read_rules(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  std::string text{std::istreambuf_iterator<char>(file), {}};
  if (!file.is_open() || file.bad()) {
    throw Error(fmt::format("cannot read the suppressions {}", path), ErrorKind::kUsage);
  }
  return text;
}

class RunCommand final : public Command {
 public:
  RunCommand()
      : Command("run", "[options] [--] PROGRAM ...", "run a program and record it") {}

  int run(const std::vector<std::string>& args) override {
    RecordOptions options;
    std::string output;
    std::string mode, on_fault;
    std::vector<std::string> suppressions;
    CLI::App app(
        "Runs PROGRAM and records what it does with memory. The exit status is the "
        "program's, unless --error-exitcode says otherwise.",
        "memoir run");
    app.prefix_command();
    app.add_option("-o,--output", output,
                   "the trace to write; otherwise <program>.<pid>.memoir here")
        ->type_name("FILE");
    app.add_flag("-f,--force", options.overwrite, "overwrite the trace if it exists");
    app.add_flag("-q,--quiet", options.quiet, "say nothing when all goes well");
    app.add_option("--mode", mode,
                   "profile: call sites, leaks, peaks; check: memory errors, too; guard: "
                   "every block between guard pages")
        ->type_name("MODE")
        ->check(CLI::IsMember({"profile", "check", "guard"}));
    app.add_option("--on-fault", on_fault,
                   "what follows a memory error: continue, stop (SIGSTOP) or abort")
        ->type_name("ACTION")
        ->check(CLI::IsMember({"continue", "stop", "abort"}));
    app.add_option("--error-exitcode", options.error_exit_code,
                   "the exit status when there was a memory error")
        ->type_name("N")
        ->check(CLI::Range(0, 255));
    app.add_option("--suppressions", suppressions,
                   "a file of rules, kind:pattern, of what is not to be told")
        ->type_name("FILE")
        ->expected(1)
        ->take_all();
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
    if (!mode.empty()) options.runtime_options.push_back("mode=" + mode);
    if (!on_fault.empty()) options.runtime_options.push_back("on_fault=" + on_fault);
    check_runtime_options(options.runtime_options);
    for (const std::string& file : suppressions) {
      options.suppressions.add(read_rules(file), file);
    }
    if (!output.empty()) options.output = output;
    return record_program(options);
  }
};

RunCommand g_run_command;

}  // namespace
}  // namespace memoir
