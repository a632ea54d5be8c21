// memoir collect: what the runtime starts for a program that was not started by `memoir
// run`.

#include <CLI/CLI.hpp>

#include "launcher/collect_session.h"
#include "launcher/command.h"

namespace memoir {
namespace {

class CollectCommand final : public Command {
 public:
  CollectCommand() : Command("collect", "", "") {}

  int run(const std::vector<std::string>& args) override {
    int listening = -1;
    int for_pid = 0;
    CLI::App app(
        "Started by the runtime, for a program that was not started by memoir run.",
        "memoir collect");
    app.add_option("--listen-fd", listening, "a listening socket")->required();
    app.add_option("--for-pid", for_pid, "the program")->required();
    if (const auto status = parse_options(app, args)) return *status;
    return collect_session(listening, for_pid);
  }
};

CollectCommand g_collect_command;

}  // namespace
}  // namespace memoir
