// memoir report FILE: what ran, and where its memory went.

#include <CLI/CLI.hpp>
#include <cstdio>

#include "launcher/command.h"
#include "launcher/open_trace.h"
#include "launcher/report_json.h"
#include "launcher/report_text.h"

namespace memoir {
namespace {

class ReportCommand final : public Command {
 public:
  ReportCommand()
      : Command("report", "FILE", "summary, leaks and the call sites that matter most") {}

  int run(const std::vector<std::string>& args) override {
    CLI::App app("Says what ran, and where its memory went.", "memoir report");
    std::string file;
    std::size_t top = 5;
    std::optional<std::int64_t> process;
    bool json = false;
    app.add_option("FILE", file, "the trace")->required();
    app.add_option("--top", top, "call sites of each list")->capture_default_str();
    app.add_option("--process", process, "only this process: its number, or its pid");
    app.add_flag("--json", json, "one JSON object instead of text");
    if (const auto status = parse_options(app, args)) return *status;

    const auto trace = open_trace(file);
    const ReportContent content =
        collect_report(*trace, top, find_process(*trace, process));
    const std::string report =
        json ? render_report_json(content) : render_report(content, terminal_style());
    std::fwrite(report.data(), 1, report.size(), stdout);
    return 0;
  }
};

ReportCommand g_report_command;

}  // namespace
}  // namespace memoir
