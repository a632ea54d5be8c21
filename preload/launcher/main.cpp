// The `memoir` command: finds the subcommand, and turns what it throws into one line on
// stderr and an exit status.

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <exception>
#include <string>
#include <string_view>
#include <vector>

#include "launcher/command.h"
#include "trace/error.h"

namespace {

using memoir::Command;

void print_help(std::FILE* out) {
  std::fputs(
      "Memoir shows where the memory of a program goes, and what is never freed.\n\n"
      "usage: memoir <command> [options]\n\n",
      out);
  for (const Command* command : Command::all()) {
    if (command->help().empty()) continue;
    const std::string use =
        std::string(command->name()) + " " + std::string(command->synopsis());
    std::fprintf(out, "  %-31s %s\n", use.c_str(), std::string(command->help()).c_str());
  }
  std::fputs("\n`memoir <command> --help` shows the options of a command.\n", out);
}

int exit_status(memoir::ErrorKind kind) {
  switch (kind) {
    case memoir::ErrorKind::kUsage:
      return memoir::kExitUsage;
    case memoir::ErrorKind::kCannotTrace:
      return memoir::kExitCannotTrace;
    case memoir::ErrorKind::kTrace:
    case memoir::ErrorKind::kCancelled:
      break;
  }
  return memoir::kExitTrace;
}

int run(int argc, char** argv) {
  if (argc < 2) {
    print_help(stderr);
    return memoir::kExitUsage;
  }
  const std::string_view name = argv[1];
  if (name == "--help" || name == "-h" || name == "help") {
    print_help(stdout);
    return 0;
  }
  if (name == "--version") {
    std::puts("memoir " MEMOIR_VERSION);
    return 0;
  }
  Command* command = Command::find(name);
  if (command == nullptr) {
    std::fprintf(stderr, "memoir: unknown %s \"%s\" (memoir --help lists the commands)\n",
                 name.starts_with("-") ? "option" : "command", argv[1]);
    return memoir::kExitUsage;
  }
  return command->run(std::vector<std::string>(argv + 2, argv + argc));
}

}  // namespace

int main(int argc, char** argv) {
  int status = 1;
  try {
    status = run(argc, argv);
  } catch (const memoir::Error& error) {
    std::fprintf(stderr, "memoir: %s\n", error.what());
    return exit_status(error.kind());
  } catch (const std::exception& error) {
    std::fprintf(stderr, "memoir: %s\n", error.what());
    return 1;
  }
  // A report that did not reach its file must not look like success.
  if ((std::fflush(stdout) != 0 || std::ferror(stdout) != 0) && status == 0) {
    std::fprintf(stderr, "memoir: cannot write the output: %s\n", std::strerror(errno));
    return 1;
  }
  return status;
}
