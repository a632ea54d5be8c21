#include "collect/collector.h"

#include <poll.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "collect/process_end.h"

namespace memoir {
namespace {

constexpr std::uint64_t kCommitNs = 250'000'000;
// Large traces commit less often: a commit takes at most a fiftieth of the time, as long
// as there is one every five seconds, and at most a tenth.
constexpr std::uint64_t kCommitShare = 50;
constexpr std::uint64_t kLongCommitNs = 5'000'000'000;
constexpr std::uint64_t kMostCommitShare = 10;

std::uint64_t commit_interval(std::uint64_t cost_ns) {
  return std::max({kCommitNs, std::min(cost_ns * kCommitShare, kLongCommitNs),
                   cost_ns * kMostCommitShare});
}

constexpr std::uint64_t kSampleNs = 50'000'000;
constexpr int kMostIdleMs = 16;
// A round that took more than this was a busy one.
constexpr std::size_t kBusyEvents = 8192;

// A descriptor for each process that lives; what starts programs has done so by now.
void allow_many_descriptors() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return;
  limit.rlim_cur = limit.rlim_max;
  setrlimit(RLIMIT_NOFILE, &limit);
}

}  // namespace

Collector::Collector(TraceWriter& writer, SessionServer& server, FaultSink* faults)
    : writer_(writer),
      server_(server),
      faults_(writer, faults),
      commit_every_ns_(kCommitNs) {
  allow_many_descriptors();
  writer_.begin();
}

Collector::~Collector() {
  for (const LiveProcess& process : live_) close(process.pidfd);
}

void Collector::set_wait_status(std::int64_t pid, int status) {
  wait_status_[pid] = status;
}

std::vector<std::int64_t> Collector::live_pids() const {
  std::vector<std::int64_t> pids;
  for (const LiveProcess& process : live_) pids.push_back(process.recorder->pid());
  return pids;
}

void Collector::run_once(int wake) {
  std::vector<pollfd> watched{{server_.descriptor(), POLLIN, 0}, {wake, POLLIN, 0}};
  for (const LiveProcess& process : live_) watched.push_back({process.pidfd, POLLIN, 0});
  poll(watched.data(), watched.size(), idle_ms_);
  for (std::size_t i = 0; i < live_.size(); ++i) {
    if (watched[i + 2].revents != 0) live_[i].ended = true;
  }
  // A new image may replace one that is still to be drained: drain first.
  const std::size_t taken = drain();
  if (watched[0].revents != 0) let_in();
  notice_ends();
  commit_if_due();
  if (taken > kBusyEvents) {
    idle_ms_ = 0;
  } else if (taken > 0) {
    idle_ms_ = 1;
  } else {
    idle_ms_ = std::min(std::max(idle_ms_, 1) * 2, kMostIdleMs);
  }
}

std::size_t Collector::drain() {
  clock_.measure();
  std::size_t taken = 0;
  const bool sample = clock_.measured_ns() - last_sample_ns_ >= kSampleNs;
  if (sample) last_sample_ns_ = clock_.measured_ns();
  for (const LiveProcess& process : live_) {
    taken += process.recorder->drain();
    if (sample) process.recorder->sample();
  }
  return taken;
}

void Collector::let_in() {
  while (auto session = server_.accept()) admit(*session);
}

ProcessId Collector::find_parent(std::int64_t parent_pid) const {
  const auto parent = last_image_.find(parent_pid);
  return parent == last_image_.end() ? ProcessId{} : parent->second;
}

void Collector::admit(NewSession& session) {
  const std::int64_t parent_pid = session.session.parent_pid();
  ProcessId parent = find_parent(parent_pid);
  for (LiveProcess& process : live_) {
    if (process.recorder->pid() != session.pid) continue;
    // Same pid, new memory: the program was replaced.
    parent = process.recorder->id();
    write_off(process, "exec", true);
  }
  std::erase_if(live_,
                [](const LiveProcess& process) { return process.recorder == nullptr; });
  LiveProcess process;
  const ProcessId id{next_process_++};
  process.recorder =
      std::make_unique<ProcessRecorder>(std::move(session.session), id, session.pid,
                                        parent_pid, parent, writer_, clock_, faults_);
  process.pidfd = session.pidfd;
  last_image_[session.pid] = id;
  live_.push_back(std::move(process));
  server_.welcome(session);
}

std::string Collector::end_of(const LiveProcess& process) const {
  const std::int64_t pid = process.recorder->pid();
  if (const auto known = wait_status_.find(pid); known != wait_status_.end()) {
    return describe_wait_status(known->second);
  }
  if (const auto status = wait_status_of(pid, process.pidfd)) {
    return describe_wait_status(*status);
  }
  if (const auto announced = process.recorder->announced_status()) {
    return describe_wait_status(*announced << 8);
  }
  return "killed";
}

void Collector::write_off(LiveProcess& process, const std::string& end, bool ended) {
  process.recorder->finish(end, ended);
  events_ += process.recorder->events();
  const ProcessRecorder::StackChecks checks = process.recorder->stack_checks();
  stack_checks_.compared += checks.compared;
  stack_checks_.different += checks.different;
  const ProcessRecorder::Guards guards = process.recorder->guards();
  guards_.blocks += guards.blocks;
  if (guards.method != GuardMethod::kNone) guards_.method = guards.method;
  close(process.pidfd);
  process.recorder.reset();
}

void Collector::notice_ends() {
  for (LiveProcess& process : live_) {
    if (!process.ended) continue;
    // What the process wrote between our last look and its end.
    process.recorder->drain();
    write_off(process, end_of(process), true);
  }
  std::erase_if(live_,
                [](const LiveProcess& process) { return process.recorder == nullptr; });
}

void Collector::commit_if_due() {
  if (clock_.measured_ns() - last_commit_ns_ >= commit_every_ns_) commit();
}

void Collector::commit() {
  clock_.measure();
  const std::uint64_t before = clock_.measured_ns();
  for (const LiveProcess& process : live_) process.recorder->write_progress();
  faults_.write_progress();
  writer_.commit();
  writer_.begin();
  clock_.measure();
  last_commit_ns_ = clock_.measured_ns();
  commit_every_ns_ = commit_interval(last_commit_ns_ - before);
}

void Collector::finish() {
  clock_.measure();
  for (LiveProcess& process : live_) {
    process.recorder->tell_to_stop();
    process.recorder->drain();
    write_off(process, process.ended ? end_of(process) : "running", process.ended);
  }
  live_.clear();
  faults_.write_progress();
}

void Collector::abandon() noexcept {
  for (const LiveProcess& process : live_) {
    if (process.recorder != nullptr) process.recorder->tell_to_stop();
  }
}

}  // namespace memoir
