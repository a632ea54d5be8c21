#include "launcher/collect_session.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <signal.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

#include "base/options.h"
#include "collect/collector.h"
#include "collect/printable_command.h"
#include "launcher/fault_printer.h"
#include "launcher/finish_trace.h"
#include "launcher/program_errors.h"
#include "symbolize/early_symbols.h"
#include "trace/error.h"

namespace memoir {
namespace {

namespace fs = std::filesystem;

std::string command_of(int pid) {
  std::ifstream file(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// <program>.<pid>.memoir where the program runs.
fs::path output_path(int pid) {
  std::error_code error;
  const fs::path executable = fs::read_symlink(fmt::format("/proc/{}/exe", pid), error);
  const std::string name = error ? "program" : executable.filename().string();
  return fs::current_path() / fmt::format("{}.{}.memoir", name, pid);
}

Options runtime_options() {
  Options options;
  const char* text = std::getenv(kOptionsVariable);
  if (text != nullptr) parse_options(text, options);
  return options;
}

// A daemon of its own: no terminal, no signals of the program's group, none of its files.
void leave_program() {
  setsid();
  const int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (const int standard : {0, 1, 2}) dup2(null, standard);
  if (null > 2) close(null);
}

// What would kill the collector for its surroundings is an error to report instead.
void ignore_signals() {
  for (const int number : {SIGPIPE, SIGXFSZ, SIGHUP}) signal(number, SIG_IGN);
}

// Records until everybody who came has left.
void collect(Collector& collector, ProgramErrors& errors, FaultPrinter& faults) {
  using Clock = std::chrono::steady_clock;
  constexpr auto kFirstPatience = std::chrono::seconds(30);
  constexpr auto kLookEvery = std::chrono::seconds(1);
  const auto started = Clock::now();
  auto looked = started;
  for (;;) {
    collector.run_once(-1);
    if (collector.live_processes() > 0) {
      if (errors.descriptor() < 0 || Clock::now() - looked < kLookEvery) continue;
      looked = Clock::now();
      if (errors.is_used_by(collector.live_pids())) continue;
      faults.close_output();
      errors.close();
      continue;
    }
    const bool nobody_came = collector.recorded_processes() == 0;
    if (!nobody_came || Clock::now() - started > kFirstPatience) return;
  }
}

// The process that stays: tells `ready` when the trace is open, and goes on alone.
int collect_apart(SessionServer& server, int for_pid, int ready) {
  ignore_signals();
  const fs::path output = output_path(for_pid);
  TraceWriter writer(output, false);
  EarlySymbols symbols;
  writer.set_listener(&symbols);
  const Options options = runtime_options();
  ProgramErrors errors(options.mode != RunMode::kProfile);
  FaultPrinter faults(writer, {}, errors.descriptor(), options.on_fault);
  Collector collector(writer, server, &faults);
  describe_recording(writer, printable_command(command_of(for_pid)), options.mode);
  fmt::print(stderr, "memoir: recording to {}\n", output.string());
  leave_program();
  (void)!write(ready, "", 1);
  close(ready);
  try {
    collect(collector, errors, faults);
    collector.finish();
    faults.close_output();
    errors.close();
    describe_faults(writer, collector.faults());
  } catch (const Error&) {
    collector.abandon();
    throw;
  }
  finish_trace(writer, symbols, {.quiet = true});
  return 0;
}

}  // namespace

int collect_session(int listening, int for_pid) {
  SessionServer server(listening);
  int ready[2];
  if (pipe2(ready, O_CLOEXEC) != 0) throw Error("cannot make a pipe");
  const pid_t child = fork();
  if (child < 0) throw Error("cannot start the collector's process");
  if (child == 0) {
    close(ready[0]);
    return collect_apart(server, for_pid, ready[1]);
  }
  close(ready[1]);
  char byte = 0;
  // Nothing comes when it failed; it has said why.
  const bool is_ready = read(ready[0], &byte, 1) == 1;
  close(ready[0]);
  return is_ready ? 0 : 4;
}

}  // namespace memoir
