#pragma once

// Looks up what is recorded while the program still runs, on a thread of its own, so that
// little is left when it ends.
//
//   recording thread                       this thread, of low priority
//   new_frame() ─► heard, a few dozen ─►   queue ─► Symbolizer per module ─┐
//   take() ◄──────────────────────────────── names, with their texts ◄─────┘
//
// Invariants:
//  (1) Only stop() waits for the thread, and whoever else uses a Symbolizer; for one
//      address at most.
//  (2) What it cannot say for certain it leaves out: files that are not there or were
//      written to, whatever fails, and what would take too much memory. symbolize_trace()
//      then looks it up as if there had been no such thread.
//
// Thread safety: one thread, that of the TraceWriter. The thread that is started blocks
// all signals, and no process may be forked while it runs. Errors: none.

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <thread>
#include <unordered_map>
#include <vector>

#include "symbolize/frame_role.h"
#include "symbolize/symbolizer.h"
#include "trace/intern_listener.h"

namespace memoir {

// A logical frame; texts are numbers, from 0 in the order in which they came.
struct EarlyLine {
  FrameId frame = {};
  int depth = 0;
  std::uint32_t function = 0, file = 0;
  int line = 0;
  bool inlined = false;
  FrameRole role = FrameRole::kProgram;
};

struct EarlyNames {
  std::vector<EarlyLine> lines = {};    // those of one frame together
  std::vector<std::string> texts = {};  // the ones that are new
};

class EarlySymbols final : public InternListener {
 public:
  // No debug file is fetched from a server: takes DEBUGINFOD_URLS from the environment.
  EarlySymbols();
  ~EarlySymbols() override;
  EarlySymbols(const EarlySymbols&) = delete;
  EarlySymbols& operator=(const EarlySymbols&) = delete;

  void new_module(ModuleId id, std::string_view path,
                  std::string_view build_id) noexcept override;
  void new_frame(FrameId id, ModuleId module, std::uint64_t address) noexcept override;
  void pause() noexcept override;

  // What was found since the last call. After stop(): all that is left.
  EarlyNames take();
  // Looks nothing up any more.
  void stop();
  // After stop(): the symbolizer of a module, where one was opened and still can be used.
  std::unique_ptr<Symbolizer> take_symbolizer(ModuleId module);

  // For tests: waits until all that was passed on is looked up or left out.
  void wait_until_idle();

 private:
  struct Request {
    FrameId frame;
    ModuleId module;
    std::uint64_t address;
  };
  struct Module {
    ModuleId id;
    std::string path, build_id;
    std::unique_ptr<Symbolizer> symbolizer = {};
    bool left_out = false;
  };

  // The recording thread's.
  void hand_over();
  void start();
  // The looking-up thread's.
  void run() noexcept;
  void work_off(std::vector<Request>& batch);
  bool is_wanted() const;
  void name_all(Module& module, std::span<const Request> requests);
  bool prepare(Module& module);
  void leave_out(Module& module);
  void name(Symbolizer& symbolizer, const Request& request);
  std::uint32_t text(const std::string& text);
  void publish(bool good);

  const std::size_t most_modules_;
  std::vector<Request> heard_;
  std::vector<Module> heard_modules_;
  bool given_up_ = false;  // no thread, or no memory: nothing is heard any more
  std::thread thread_;

  std::mutex mutex_;
  std::condition_variable wake_, idle_changed_;
  std::vector<Request> queue_;  // under mutex_, as the next four
  std::vector<Module> queue_modules_;
  EarlyNames found_;
  bool idle_ = true;
  bool ended_ = false;
  std::atomic<bool> stop_{false};

  // The looking-up thread's, and from stop() on the recording thread's.
  std::unordered_map<std::uint32_t, Module> modules_;
  std::size_t opened_ = 0;
  EarlyNames finding_;  // of files that are still to be found unchanged
  std::unordered_map<std::string, std::uint32_t> texts_;
  std::size_t lines_ = 0, text_bytes_ = 0;
};

}  // namespace memoir
