// memoir run [options] [--] program args: records a program.

#include <fmt/core.h>

#include <CLI/CLI.hpp>
#include <algorithm>
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
  } else if constexpr (std::is_same_v<Value, Pattern>) {
    return std::string(name_of(value));
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

// What --fail says, as options of the runtime.
std::vector<std::string> failure_options(const std::string& text) {
  std::vector<std::string> options;
  for (std::size_t at = 0; at <= text.size();) {
    const std::size_t end = std::min(text.find(',', at), text.size());
    const std::string condition = text.substr(at, end - at);
    const std::string name = condition.substr(0, condition.find('='));
    const bool known = name == "nth" || name == "every" || name == "above" ||
                       name == "site" || name == "seed";
    Options parsed;
    const std::string option = "fail_" + condition;
    if (!known || parse_options(option.c_str(), parsed).failed ||
        condition.ends_with("=") || condition.ends_with("=0")) {
      throw Error(fmt::format("--fail {}: conditions are nth=N, every=N, above=BYTES, "
                              "site=PATTERN, seed=N, joined by commas",
                              text),
                  ErrorKind::kUsage);
    }
    options.push_back(option);
    at = end + 1;
  }
  return options;
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
    std::string mode, on_fault, fail, pin;
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
    app.add_flag("--sources", options.sources,
                 "keep the source files that call stacks name in the trace, to read it "
                 "elsewhere");
    app.add_option(
           "--mode", mode,
           "check, the default: call sites, leaks, peaks, memory errors; profile: "
           "without the errors, faster, with the program's own malloc; guard: "
           "every block between guard pages")
        ->type_name("MODE")
        ->check(CLI::IsMember({"profile", "check", "guard"}));
    app.add_option("--on-fault", on_fault,
                   "what follows a memory error: continue, stop (SIGSTOP) or abort")
        ->type_name("ACTION")
        ->check(CLI::IsMember({"continue", "stop", "abort"}));
    app.add_option("--pin", pin,
                   "put guard pages, or breakpoints (option pin_with), on the bytes that "
                   "an earlier trace blames: tells the instruction (checks memory)")
        ->type_name("TRACE");
    app.add_option("--error-exitcode", options.error_exit_code,
                   "the exit status when there was a memory error")
        ->type_name("N")
        ->check(CLI::Range(0, 255));
    app.add_option("--suppressions", suppressions,
                   "a file of rules, kind:pattern, of what is not to be told")
        ->type_name("FILE")
        ->expected(1)
        ->take_all();
    app.add_option("--fail", fail,
                   "makes allocations fail: nth=N, every=N (in turn, or one in N with "
                   "seed=N), above=BYTES, site=PATTERN; joined by commas, all must hold")
        ->type_name("CONDITIONS");
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
    if (!pin.empty()) options.pins = pin;
    if (!pin.empty() && mode.empty()) mode = "check";
    if (!mode.empty()) options.runtime_options.push_back("mode=" + mode);
    if (!on_fault.empty()) options.runtime_options.push_back("on_fault=" + on_fault);
    if (!fail.empty()) {
      const std::vector<std::string> made = failure_options(fail);
      options.runtime_options.insert(options.runtime_options.end(), made.begin(),
                                     made.end());
    }
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
