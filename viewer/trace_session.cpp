#include "viewer/trace_session.h"

#include <algorithm>
#include <utility>

#include "analyze/faults.h"
#include "symbolize/complete_trace.h"

namespace memoir {
namespace {

constexpr std::chrono::milliseconds kLookEvery{250};

TraceFacts read_facts(QueryContext& job) {
  TraceReader& trace = job.trace();
  complete_trace(trace, [&job](double done) { job.progress(done); });
  TraceFacts facts;
  facts.run = summarize(trace);
  facts.command = trace.meta("command");
  facts.mode = trace.meta("mode");
  facts.host = trace.meta("host");
  facts.kernel = trace.meta("kernel");
  facts.started_at = trace.meta("started_at");
  std::error_code ignored;
  facts.file_bytes = std::filesystem::file_size(trace.path(), ignored);
  for (const ProcessSummary& process : facts.run.processes) {
    facts.span =
        std::max({facts.span, process.started + process.duration, process.peak_t});
  }
  facts.addresses = static_cast<std::uint64_t>(
      trace.database().query_integer("SELECT count(*) FROM frame"));
  facts.unnamed = static_cast<std::uint64_t>(trace.database().query_integer(
      "SELECT count(*) FROM frame f WHERE NOT EXISTS"
      " (SELECT 1 FROM frame_line l WHERE l.frame = f.id AND l.function IS NOT NULL)"));
  facts.faults_were_sought = find_faults(trace.database(), std::nullopt, 0).were_sought;
  return facts;
}

}  // namespace

TraceSession::TraceSession(std::filesystem::path path, std::function<void()> wake)
    : path_(std::move(path)), worker_(path_, wake), scanner_(path_, wake) {
  poll();
}

void TraceSession::poll() {
  facts_.ask(worker_, key("facts"), "Opening the trace", read_facts);
  if (!is_growing() || !following_ || facts_.is_pending()) return;
  const auto now = std::chrono::steady_clock::now();
  if (now - looked_at_ > kLookEvery && !growth_.is_pending()) {
    looked_at_ = now;
    ++asked_growth_;
  }
  growth_.ask(worker_, std::to_string(asked_growth_), "Looking for news",
              [](QueryContext& job) {
                // Whoever finishes the trace takes the log away that this file is read
                // through.
                const bool ended = job.trace().meta("complete") == "1";
                return ended ? -1 : job.database().query_integer("PRAGMA data_version");
              });
  const std::int64_t* version = growth_.is_current() ? growth_.value() : nullptr;
  if (version == nullptr || *version == data_version_) return;
  data_version_ = *version;
  if (*version < 0) return reload();
  ++generation_;
}

void TraceSession::reload() {
  worker_.reopen();
  scanner_.reopen();
  ++generation_;
}

Answer<SharedIndex::Pointer>& TraceSession::index(ProcessId process) {
  if (!index_ || index_->process() != process) {
    index_ = std::make_unique<SharedIndex>(path_, process);
  }
  return index_->ask(scanner_, key("index"));
}

Answer<Stacks>& TraceSession::stacks() {
  stacks_.ask(scanner_, key("stacks"), "Reading call stacks", [](QueryContext& query) {
    return Stacks(std::make_shared<StackStore>(query.database()));
  });
  return stacks_;
}

ProcessId TraceSession::main_process(std::optional<ProcessId> chosen) const {
  if (chosen) return *chosen;
  ProcessId most{1};
  std::uint64_t events = 0;
  if (facts() == nullptr) return most;
  for (const ProcessSummary& process : facts()->run.processes) {
    if (process.events <= events) continue;
    events = process.events;
    most = process.id;
  }
  return most;
}

std::string TraceSession::key(const std::string& what) const {
  return what + "@" + std::to_string(generation_);
}

}  // namespace memoir
