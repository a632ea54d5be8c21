#include "launcher/record_program.h"

#include <fmt/core.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <utility>

#include "analyze/incidents.h"
#include "base/options.h"
#include "collect/collector.h"
#include "collect/printable_command.h"
#include "launcher/child_process.h"
#include "launcher/fault_printer.h"
#include "launcher/finish_trace.h"
#include "launcher/pins.h"
#include "launcher/target_check.h"
#include "symbolize/early_symbols.h"
#include "trace/error.h"
#include "wire/session_memory.h"

namespace memoir {
namespace {

namespace fs = std::filesystem;
using Environment = std::vector<std::pair<std::string, std::string>>;

// A signal that somebody sent us; handled between two rounds.
std::atomic<int> g_signal{0};

void remember_signal(int signal) { g_signal.store(signal); }

void on_signal(int signal, void (*handler)(int)) {
  struct sigaction action {};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

// Ctrl-C goes to the program, which has it from the terminal already; so do we, and only
// remember it. What is sent to us alone is passed on.
void take_signals() {
  for (const int signal : {SIGINT, SIGQUIT, SIGTERM, SIGHUP}) {
    on_signal(signal, remember_signal);
  }
  on_signal(SIGPIPE, SIG_IGN);
  on_signal(SIGXFSZ, SIG_IGN);  // a file too large is an error to report, not to die of
}

fs::path preload_library() {
  const fs::path self = fs::read_symlink("/proc/self/exe");
  fs::path library = self.parent_path().parent_path() / "lib/memoir/libmemoir_preload.so";
  if (!fs::exists(library)) {
    throw Error(
        fmt::format("cannot find {}: is Memoir installed whole?", library.string()),
        ErrorKind::kCannotTrace);
  }
  return library;
}

std::string inherited(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

// As MEMOIR_OPTIONS will say them.
std::string runtime_options_text(const RecordOptions& options) {
  std::string text = inherited(kOptionsVariable);
  for (const std::string& option : options.runtime_options) {
    if (!text.empty()) text += ':';
    text += option;
  }
  return text;
}

// What is preloaded, as LD_PRELOAD lists it. The second library looks at what the program
// has libc do with its blocks, where there is a heap that can tell.
std::string libraries(const fs::path& preload, RunMode mode) {
  const fs::path bounds = preload.parent_path() / "libmemoir_bounds.so";
  if (mode == RunMode::kProfile || !fs::exists(bounds)) return preload.string();
  return preload.string() + ":" + bounds.string();
}

Environment child_environment(const RecordOptions& options, const SessionServer& server,
                              RunMode mode) {
  const fs::path preload = preload_library();
  const std::string library = preload.string();
  if (library.find_first_of(" :") != std::string::npos) {
    throw Error(fmt::format("cannot preload {}: blanks or colons in its path", library),
                ErrorKind::kCannotTrace);
  }
  const std::string preloaded = libraries(preload, mode);
  const std::string others = inherited("LD_PRELOAD");
  const std::string runtime_options = runtime_options_text(options);
  Environment environment{
      {"LD_PRELOAD", others.empty() ? preloaded : preloaded + ":" + others},
      {kSessionVariable, server.name()}};
  if (options.pins) environment.emplace_back(kPinsVariable, pins_of(*options.pins));
  if (!runtime_options.empty())
    environment.emplace_back(kOptionsVariable, runtime_options);
  return environment;
}

fs::path output_path(const RecordOptions& options, pid_t pid) {
  if (options.output) return *options.output;
  const std::string name = fs::path(options.command.front()).filename().string();
  return fmt::format("{}.{}.memoir", name, pid);
}

std::string command_line(const std::vector<std::string>& command) {
  std::string arguments;
  for (const std::string& word : command) arguments += word + '\0';
  return printable_command(arguments);
}

// Passes a remembered signal on, or ends the wait for what the program left behind. False
// when the recording shall end now.
bool handle_signal(const ChildProcess& child, bool child_ended) {
  const int signal = g_signal.exchange(0);
  if (signal == 0) return true;
  if (child_ended) return false;
  if (signal == SIGTERM || signal == SIGHUP) kill(child.pid(), signal);
  return true;
}

void say_what_runs_on(const Collector& collector) {
  // Some of it may not be recorded: it allocates nothing, or cannot be traced.
  const std::size_t n = std::max<std::size_t>(collector.live_processes(), 1);
  fmt::print(
      stderr,
      "memoir: the program has ended; {} process{} it started still run{}. Ctrl-C ends "
      "the recording now\n",
      n, n == 1 ? "" : "es", n == 1 ? "s" : "");
}

// Until the program and everything it started have ended.
void collect_until_end(Collector& collector, ChildProcess& child, bool quiet) {
  using Clock = std::chrono::steady_clock;
  std::optional<Clock::time_point> ended_at;
  bool told = false;
  for (;;) {
    // Statuses first: a process that ends meanwhile is then known by it.
    const bool any_left = child.reap(
        [&](pid_t pid, int status) { collector.set_wait_status(pid, status); });
    if (child.status() && !ended_at) ended_at = Clock::now();
    collector.run_once(ended_at ? -1 : child.pidfd());
    if (!handle_signal(child, ended_at.has_value())) return;
    if (!ended_at) continue;
    if (!any_left && collector.live_processes() == 0) return;
    if (!told && !quiet && Clock::now() - *ended_at > std::chrono::seconds(1)) {
      told = true;
      say_what_runs_on(collector);
    }
  }
}

// Ends as the program did.
int end_as(int status) {
  if (!WIFSIGNALED(status)) return WEXITSTATUS(status);
  const int signal = WTERMSIG(status);
  const rlimit none{0, 0};
  setrlimit(RLIMIT_CORE, &none);  // the program's core is the one that matters
  on_signal(signal, SIG_DFL);
  raise(signal);
  return 128 + signal;
}

Options runtime_options(const RecordOptions& options) {
  Options parsed;
  parse_options(runtime_options_text(options).c_str(), parsed);
  return parsed;
}

// "3 memory errors, ", where they were looked for.
std::string found(const Collector& collector, RunMode mode) {
  const FaultBook& faults = collector.faults();
  if (faults.different() == 0 && mode == RunMode::kProfile) return {};
  if (faults.different() == 0) return "no memory errors, ";
  std::string text = fmt::format("{} memory error{}", faults.different(),
                                 faults.different() == 1 ? "" : "s");
  if (faults.untold() != 0) {
    text += fmt::format(" and {} more that could not be recorded", faults.untold());
  }
  return text + ", ";
}

// "1204 blocks between guard pages, ", where they were wanted.
std::string guarded(const Collector& collector, const Options& runtime) {
  const ProcessRecorder::Guards& guards = collector.guards();
  if (runtime.mode == RunMode::kProfile || runtime.guard_first == 0) return {};
  if (guards.method == GuardMethod::kNone) return "no guard pages, ";
  return fmt::format("{} block{} between guard pages{}, ", guards.blocks,
                     guards.blocks == 1 ? "" : "s",
                     guards.method == GuardMethod::kMappings ? " (mappings)" : "");
}

bool has_faults(const Collector& collector) {
  return collector.faults().different() != 0 || collector.faults().untold() != 0;
}

// "3 allocations made to fail, ", where some were.
std::string made_to_fail(TraceWriter& writer) {
  const std::uint64_t count = find_failures(writer.database(), std::nullopt, 0).count;
  if (count == 0) return {};
  return fmt::format("{} allocation{} made to fail, ", count, count == 1 ? "" : "s");
}

void say_where(const Collector& collector, const Options& runtime,
               const std::string& failures, const fs::path& output) {
  if (collector.recorded_processes() == 0) {
    fmt::print(stderr, "memoir: nothing was recorded; {} is empty\n", output.string());
    return;
  }
  if (collector.events() == 0 && !has_faults(collector)) {
    fmt::print(
        stderr,
        "memoir: no allocation was intercepted: the program brings a malloc of its own, "
        "or needs none; {} holds no events\n",
        output.string());
    return;
  }
  const double megabytes = static_cast<double>(fs::file_size(output)) / 1e6;
  fmt::print(stderr, "memoir: {}{}{}{} events in {} ({:.1f} MB); memoir report {}\n",
             failures, found(collector, runtime.mode), guarded(collector, runtime),
             collector.events(), output.string(), megabytes, output.string());
}

void say_stack_checks(const Options& runtime, const Collector& collector) {
  if (!runtime.check_stacks) return;
  const auto& checks = collector.stack_checks();
  fmt::print(stderr, "memoir: {} stacks compared with libunwind's, {} differ\n",
             checks.compared, checks.different);
}

}  // namespace

int record_program(const RecordOptions& options) {
  std::error_code ignored;
  if (options.output && !options.overwrite && fs::exists(*options.output, ignored)) {
    throw Error(fmt::format("{} exists; --force overwrites it", options.output->string()),
                ErrorKind::kUsage);
  }
  const fs::path program = find_traceable_program(options.command.front());
  const Options runtime = runtime_options(options);
  SessionServer server;
  ChildProcess child(program, options.command,
                     child_environment(options, server, runtime.mode));
  take_signals();  // not before the child exists: it has the signals as we found them
  const fs::path output = output_path(options, child.pid());
  TraceWriter writer(output, options.overwrite);
  try {
    child.let_go();
  } catch (const Error&) {
    std::error_code ignored;
    for (const char* suffix : {"", "-wal", "-shm"}) {
      fs::remove(output.string() + suffix, ignored);
    }
    throw;
  }
  EarlySymbols symbols;
  writer.set_listener(&symbols);
  FaultPrinter faults(writer, options.suppressions, STDERR_FILENO, runtime.on_fault);
  Collector collector(writer, server, &faults);
  std::string failures;
  describe_recording(writer, command_line(options.command), runtime.mode);
  try {
    collect_until_end(collector, child, options.quiet);
    collector.finish();
    describe_faults(writer, collector.faults());
    failures = made_to_fail(writer);
    finish_trace(writer, symbols, {.quiet = options.quiet, .sources = options.sources});
  } catch (const Error& error) {
    // The program comes first: it runs to its end, unrecorded.
    collector.abandon();
    fmt::print(stderr,
               "memoir: {}; the program runs on unrecorded, {} keeps what was saved\n",
               error.what(), output.string());
    const int status = child.wait();
    const int own = WIFEXITED(status) && WEXITSTATUS(status) == 0 ? 4 : end_as(status);
    return own;
  }
  say_stack_checks(runtime, collector);
  if (!options.quiet) say_where(collector, runtime, failures, output);
  const int status = child.wait();
  if (options.error_exit_code && has_faults(collector) && WIFEXITED(status)) {
    return *options.error_exit_code;
  }
  return end_as(status);
}

}  // namespace memoir
