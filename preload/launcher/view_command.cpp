// memoir view FILE [FILE2]: opens memoir-viewer, which lies beside this program.

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "launcher/command.h"
#include "trace/error.h"

namespace memoir {
namespace {

class ViewCommand final : public Command {
 public:
  ViewCommand()
      : Command("view", "[FILE [FILE2]]", "a window onto a trace, or onto two") {}

  int run(const std::vector<std::string>& args) override {
    const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe");
    const std::string viewer = (self.parent_path() / "memoir-viewer").string();
    std::vector<char*> words = {const_cast<char*>(viewer.c_str())};
    for (const std::string& arg : args) words.push_back(const_cast<char*>(arg.c_str()));
    words.push_back(nullptr);
    execv(viewer.c_str(), words.data());
    throw Error(viewer + ": " + std::strerror(errno) +
                    (errno == ENOENT ? " (Memoir was built without its viewer)" : ""),
                ErrorKind::kUsage);
  }
};

ViewCommand g_view_command;

}  // namespace
}  // namespace memoir
