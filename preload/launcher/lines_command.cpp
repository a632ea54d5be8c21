// memoir lines MODULE+0xOFFSET...: names and lines of addresses, without a trace. For
// programs that ask about their own: memoir/expect_no_leaks.h.

#include <CLI/CLI.hpp>
#include <charconv>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "launcher/command.h"
#include "symbolize/symbolizer.h"
#include "trace/error.h"

namespace memoir {
namespace {

struct ModuleAddress {
  std::string module;
  std::uint64_t address = 0;
};

ModuleAddress parse(const std::string& text) {
  const std::size_t plus = text.rfind("+0x");
  ModuleAddress parsed;
  if (plus != std::string::npos && plus > 0) {
    const char* const end = text.data() + text.size();
    const auto [last, error] =
        std::from_chars(text.data() + plus + 3, end, parsed.address, 16);
    if (error == std::errc() && last == end) {
      parsed.module = text.substr(0, plus);
      return parsed;
    }
  }
  throw Error("not MODULE+0xOFFSET: " + text, ErrorKind::kUsage);
}

const char* owner_of(FrameRole role) {
  switch (role) {
    case FrameRole::kProgram:
      break;
    case FrameRole::kAllocator:
      return "allocator";
    case FrameRole::kMemoir:
      return "memoir";
    case FrameRole::kLibcInternal:
    case FrameRole::kLibcGiver:
      return "libc";
  }
  return "program";
}

class LinesCommand final : public Command {
 public:
  LinesCommand()
      : Command("lines", "MODULE+0xOFFSET...", "functions and lines of addresses") {}

  int run(const std::vector<std::string>& args) override {
    CLI::App app(
        "Prints the functions of return addresses, each of them an offset in its file: a "
        "line per function, innermost first, with its place in the source and whose it "
        "is "
        "(program, allocator, libc, memoir), separated by tabs, and an empty line after "
        "each address.",
        "memoir lines");
    std::vector<std::string> texts;
    app.add_option("address", texts, "MODULE+0xOFFSET")->required();
    if (const auto status = parse_options(app, args)) return *status;
    std::vector<ModuleAddress> addresses;
    for (const std::string& text : texts) addresses.push_back(parse(text));

    unsetenv("DEBUGINFOD_URLS");  // nothing leaves this machine
    std::map<std::string, std::unique_ptr<Symbolizer>> modules;
    for (const ModuleAddress& wanted : addresses) {
      auto& module = modules[wanted.module];
      if (module == nullptr) module = std::make_unique<Symbolizer>(wanted.module, "");
      for (const LogicalFrame& frame : module->lookup(wanted.address)) {
        std::printf("%s\t", frame.function.c_str());
        if (!frame.file.empty()) std::printf("%s:%d", frame.file.c_str(), frame.line);
        std::printf("\t%s\n", owner_of(frame.role));
      }
      std::printf("\n");
    }
    return 0;
  }
};

LinesCommand g_lines_command;

}  // namespace
}  // namespace memoir
