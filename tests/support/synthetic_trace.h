#pragma once

// A trace with made-up figures that tests can check to the last digit:
//
//   process 1  "app --big file", exit:0, 1 s: leaks 3 blocks of 3,000 bytes in
//   leak_here()
//              by two stacks, and 1 block of 500 bytes in strings(); a mapping of 1 MiB
//   process 2  its child, signal:11, one block of 70 bytes
//
// Stacks are named without a symbolizer, as a finished trace has them.

#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "trace/database.h"
#include "trace/trace_writer.h"

namespace memoir {

class SyntheticTrace {
 public:
  struct Place {
    std::string function;
    std::string file;
    int line = 0;
    bool skip = false;
  };

  explicit SyntheticTrace(const std::filesystem::path& path, bool named = true)
      : writer_(path, true), named_(named) {
    module_ = writer_.intern_module("/usr/bin/app", "abcdef");
  }

  TraceWriter& writer() { return writer_; }

  // Outermost first.
  TraceStackId stack(const std::vector<Place>& places) {
    TraceStackId id{};
    FrameId attributed{};
    for (const Place& place : places) {
      const auto [known, is_new] =
          addresses_.try_emplace(place.function + std::to_string(place.line), next_);
      if (is_new) next_ += 16;
      const FrameId frame = writer_.intern_frame(module_, known->second);
      id = writer_.intern_stack(id, frame);
      if (!named_) continue;
      Database& database = writer_.database();
      if (!place.skip) attributed = frame;
      database.prepare("INSERT OR IGNORE INTO frame_line VALUES(?,0,?,?,?,0,?)")
          .run(frame.value, string(place.function), string(place.file), place.line,
               place.skip);
    }
    if (attributed) {
      writer_.database()
          .prepare("INSERT OR REPLACE INTO attribution(stack, frame) VALUES(?,?)")
          .run(id.value, attributed.value);
    }
    return id;
  }

  // Everything but finish().
  void write(bool complete = true) {
    writer_.begin();
    writer_.put_meta("memoir_version", "1.2.3");
    const Place main{"main", "/src/app/main.cpp", 40};
    const Place new_operator{"operator new(unsigned long)", "", 0, true};
    const auto leak_a = stack({main,
                               {"run(int)", "/src/app/run.cpp", 7},
                               {"leak_here()", "/src/app/leak.cpp", 12},
                               new_operator});
    const auto leak_b =
        stack({main, {"leak_here()", "/src/app/leak.cpp", 12}, new_operator});
    const auto churn =
        stack({main, {"churn(std::vector<int>&)", "/src/app/churn.cpp", 99}});
    const auto strings = stack({main, {"strings(char const*)", "/src/app/main.cpp", 55}});
    const auto mapped = stack({main, {"map_file(int)", "/src/app/map.cpp", 3}});

    writer_.put_process(
        {.id = {1},
         .pid = 4242,
         .parent_pid = 4000,
         .command = "app --big file",
         .executable = "/usr/bin/app",
         .started = 0,
         .ended = complete ? std::optional<std::uint64_t>(1'000'000'000) : std::nullopt,
         .end = complete ? "exit:0" : "running",
         .allocations = 1'000'014,
         .frees = 1'000'010,
         .allocated_bytes = 64'003'900,
         .peak_bytes = 8'000,
         .peak_blocks = 80,
         .peak_t = 250'000'000,
         .live_blocks = 4,
         .live_bytes = 3'500,
         .temporary = 500'000,
         .mapped_peak_bytes = 1 << 20,
         .mapped_live_bytes = 1 << 20,
         .events = 2'000'025,
         .complete = complete});
    writer_.put_process({.id = {2},
                         .pid = 4243,
                         .parent_pid = 4242,
                         .parent = {1},
                         .command = "child",
                         .executable = "/usr/bin/child",
                         .started = 500'000'000,
                         .ended = 600'000'000,
                         .end = "signal:11",
                         .allocations = 1,
                         .allocated_bytes = 70,
                         .peak_bytes = 70,
                         .peak_blocks = 1,
                         .peak_t = 500'000'100,
                         .live_blocks = 1,
                         .live_bytes = 70,
                         .dropped = 3,
                         .unknown_frees = 2,
                         .events = 6,
                         .complete = true});
    writer_.put_thread({.process = {1}, .thread = {1}, .tid = 4242, .name = "app"});
    writer_.put_thread({.process = {1}, .thread = {2}, .tid = 4244, .name = "worker"});
    writer_.put_thread({.process = {2}, .thread = {1}, .tid = 4243, .name = "child"});

    site(1, leak_a, Api::kNew, {2, 2'000, 0, 2, 2'000, 2'000, 2'000, 0});
    site(1, leak_b, Api::kNew, {1, 1'000, 0, 1, 1'000, 1'000, 0, 0});
    site(1, churn, Api::kMalloc,
         {1'000'000, 64'000'000, 1'000'000, 0, 0, 5'000, 5'000, 500'000});
    site(1, strings, Api::kCalloc, {11, 900, 10, 1, 500, 500, 400, 0});
    site(1, mapped, Api::kMmap, {1, 1 << 20, 0, 1, 1 << 20, 1 << 20, 0, 0});
    site(2, strings, Api::kMalloc, {1, 70, 0, 1, 70, 70, 70, 0});
    if (complete) {
      block(1, 0x1000, 1'500, leak_a, Api::kNew);
      block(1, 0x2000, 500, leak_a, Api::kNew);
      block(1, 0x3000, 1'000, leak_b, Api::kNew);
      block(1, 0x4000, 500, strings, Api::kCalloc);
      block(1, 0x700000000000, 1 << 20, mapped, Api::kMmap);
    }
    block(2, 0x1000, 70, strings, Api::kMalloc);
    writer_.put_mark({.process = {1}, .t = 10, .name = "loaded"});
    for (std::uint64_t bucket = 0; bucket < 3; ++bucket) {
      writer_.put_timeline({.process = {1},
                            .level = 0,
                            .bucket = bucket,
                            .t0 = bucket * 600'000'000,
                            .t1 = bucket * 600'000'000 + 100,
                            .live_min = 10 * bucket,
                            .live_max = 100 * (bucket + 1),
                            .live_end = 50 * (bucket + 1),
                            .blocks_end = bucket,
                            .allocations = 1'024});
    }
    writer_.commit();
  }

 private:
  struct Figures {
    std::uint64_t allocations, bytes, frees, live_blocks, live_bytes, peak, at_peak,
        temporary;
  };

  void site(std::uint32_t process, TraceStackId stack, Api api, const Figures& figures) {
    writer_.put_site({.process = {process},
                      .stack = stack,
                      .api = api,
                      .allocations = figures.allocations,
                      .allocated_bytes = figures.bytes,
                      .frees = figures.frees,
                      .live_blocks = figures.live_blocks,
                      .live_bytes = figures.live_bytes,
                      .peak_bytes = figures.peak,
                      .at_global_peak = figures.at_peak,
                      .temporary = figures.temporary});
  }

  void block(std::uint32_t process, std::uint64_t address, std::uint64_t size,
             TraceStackId stack, Api api) {
    writer_.put_block({.process = {process},
                       .address = address,
                       .size = size,
                       .stack = stack,
                       .api = api,
                       .thread = {1}});
  }

  std::int64_t string(const std::string& text) {
    const auto [known, is_new] =
        strings_.try_emplace(text, static_cast<std::int64_t>(strings_.size() + 1));
    if (is_new) {
      writer_.database()
          .prepare("INSERT INTO string VALUES(?,?)")
          .run(known->second, text);
    }
    return known->second;
  }

  TraceWriter writer_;
  bool named_;
  ModuleId module_;
  std::uint64_t next_ = 0x1000;
  std::map<std::string, std::uint64_t> addresses_;
  std::map<std::string, std::int64_t> strings_;
};

}  // namespace memoir
