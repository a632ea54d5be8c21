#include "symbolize/early_symbols.h"

#include <pthread.h>
#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <iterator>
#include <span>
#include <tuple>
#include <utility>

namespace memoir {
namespace {

constexpr std::size_t kHandOver = 32;
constexpr std::size_t kMostQueued = 1 << 20;
constexpr std::size_t kMostLines = 1 << 20;
constexpr std::size_t kMostTextBytes = 64 << 20;
constexpr std::size_t kPublish = 64;
// The program and its recording come first where there are few processors; but who waits
// for stop() must not wait behind everybody else.
constexpr int kNice = 10;

// Each keeps two files open, and what libdw has made of them in memory.
std::size_t most_modules() {
  constexpr std::size_t kMost = 64;
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return kMost;
  return std::min<std::size_t>(kMost, limit.rlim_cur / 8);
}

template <typename T>
void append(std::vector<T>& to, std::vector<T>& from) {
  to.insert(to.end(), std::make_move_iterator(from.begin()),
            std::make_move_iterator(from.end()));
  from.clear();
}

// Signals are the recording thread's business.
class BlockedSignals {
 public:
  BlockedSignals() {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before_);
  }
  ~BlockedSignals() { pthread_sigmask(SIG_SETMASK, &before_, nullptr); }
  BlockedSignals(const BlockedSignals&) = delete;
  BlockedSignals& operator=(const BlockedSignals&) = delete;

 private:
  sigset_t before_{};
};

}  // namespace

EarlySymbols::EarlySymbols() : most_modules_(most_modules()) {
  // Now, while nobody else reads the environment.
  unsetenv("DEBUGINFOD_URLS");
}

EarlySymbols::~EarlySymbols() { stop(); }

void EarlySymbols::new_module(ModuleId id, std::string_view path,
                              std::string_view build_id) noexcept {
  if (given_up_) return;
  try {
    heard_modules_.push_back({id, std::string(path), std::string(build_id)});
  } catch (...) {
    given_up_ = true;
  }
}

void EarlySymbols::new_frame(FrameId id, ModuleId module,
                             std::uint64_t address) noexcept {
  if (given_up_) return;
  try {
    heard_.push_back({id, module, address});
    if (heard_.size() >= kHandOver) hand_over();
  } catch (...) {
    given_up_ = true;
  }
}

void EarlySymbols::pause() noexcept {
  if (given_up_ || heard_.empty()) return;
  try {
    hand_over();
  } catch (...) {
    given_up_ = true;
  }
}

void EarlySymbols::hand_over() {
  if (stop_) return;
  {
    const std::lock_guard lock(mutex_);
    if (ended_ || queue_.size() > kMostQueued) {
      heard_.clear();
      return;
    }
    append(queue_modules_, heard_modules_);
    append(queue_, heard_);
    idle_ = false;
  }
  if (thread_.joinable()) {
    wake_.notify_one();
  } else {
    start();
  }
}

void EarlySymbols::start() {
  const BlockedSignals blocked;
  thread_ = std::thread([this] { run(); });
}

void EarlySymbols::run() noexcept {
  pthread_setname_np(pthread_self(), "memoir-symbols");
  setpriority(PRIO_PROCESS, static_cast<id_t>(gettid()), kNice);
  std::unique_lock lock(mutex_);
  try {
    std::vector<Request> batch;
    for (;;) {
      wake_.wait(lock, [this] { return stop_ || !queue_.empty(); });
      if (stop_) break;
      batch.clear();
      batch.swap(queue_);
      for (Module& module : queue_modules_) {
        modules_.try_emplace(module.id.value, std::move(module));
      }
      queue_modules_.clear();
      lock.unlock();
      work_off(batch);
      lock.lock();
      idle_ = queue_.empty();
      if (idle_) idle_changed_.notify_all();
    }
  } catch (...) {
    // Out of memory. What is missing will be looked up at the end.
    if (!lock.owns_lock()) lock.lock();
  }
  ended_ = idle_ = true;
  idle_changed_.notify_all();
}

void EarlySymbols::work_off(std::vector<Request>& batch) {
  // Neighbours share what was read of the debug information.
  std::sort(batch.begin(), batch.end(), [](const Request& a, const Request& b) {
    return std::tie(a.module, a.address) < std::tie(b.module, b.address);
  });
  for (std::size_t i = 0; i < batch.size() && is_wanted();) {
    const std::size_t most = std::min(batch.size(), i + kPublish);
    std::size_t end = i + 1;
    while (end < most && batch[end].module == batch[i].module) ++end;
    const auto known = modules_.find(batch[i].module.value);
    if (known != modules_.end()) {
      name_all(known->second, std::span(batch).subspan(i, end - i));
    }
    i = end;
  }
}

bool EarlySymbols::is_wanted() const {
  return !stop_ && lines_ < kMostLines && text_bytes_ < kMostTextBytes;
}

void EarlySymbols::name_all(Module& module, std::span<const Request> requests) {
  bool good = false;
  try {
    if (!prepare(module)) return;
    for (const Request& request : requests) {
      if (!is_wanted()) break;
      name(*module.symbolizer, request);
    }
    // Names from a file that was written to meanwhile may be anything.
    good = module.symbolizer->files_unchanged();
  } catch (...) {
  }
  if (!good) leave_out(module);
  publish(good);
}

void EarlySymbols::leave_out(Module& module) {
  module.left_out = true;
  module.symbolizer.reset();
}

// Whether the module can be asked. Opens it.
bool EarlySymbols::prepare(Module& module) {
  if (module.left_out) return false;
  if (module.symbolizer == nullptr && opened_ < most_modules_) {
    ++opened_;
    module.symbolizer = std::make_unique<Symbolizer>(module.path, module.build_id);
  }
  if (module.symbolizer != nullptr && module.symbolizer->has_file() &&
      module.symbolizer->files_unchanged()) {
    return true;
  }
  leave_out(module);
  return false;
}

void EarlySymbols::name(Symbolizer& symbolizer, const Request& request) {
  const std::vector<LogicalFrame> frames = symbolizer.lookup(request.address);
  int depth = 0;
  for (const LogicalFrame& frame : frames) {
    finding_.lines.push_back({request.frame, depth++, text(frame.function),
                              text(frame.file), frame.line, frame.inlined, frame.role});
  }
  lines_ += frames.size();
}

std::uint32_t EarlySymbols::text(const std::string& text) {
  const auto next = static_cast<std::uint32_t>(texts_.size());
  const auto [it, is_new] = texts_.try_emplace(text, next);
  if (is_new) {
    finding_.texts.push_back(text);
    text_bytes_ += 2 * text.size() + sizeof text;
  }
  return it->second;
}

void EarlySymbols::publish(bool good) {
  const std::lock_guard lock(mutex_);
  append(found_.texts, finding_.texts);  // they have their numbers, good or not
  if (good) append(found_.lines, finding_.lines);
  finding_.lines.clear();
}

EarlyNames EarlySymbols::take() {
  const std::lock_guard lock(mutex_);
  return std::exchange(found_, {});
}

void EarlySymbols::stop() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  wake_.notify_one();
  if (thread_.joinable()) thread_.join();
}

std::unique_ptr<Symbolizer> EarlySymbols::take_symbolizer(ModuleId module) {
  const auto known = modules_.find(module.value);
  if (known == modules_.end()) return nullptr;
  std::unique_ptr<Symbolizer> symbolizer = std::move(known->second.symbolizer);
  if (symbolizer != nullptr && !symbolizer->files_unchanged()) symbolizer.reset();
  return symbolizer;
}

void EarlySymbols::wait_until_idle() {
  std::unique_lock lock(mutex_);
  idle_changed_.wait(lock, [this] { return idle_; });
}

}  // namespace memoir
