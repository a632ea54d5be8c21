#pragma once

// SyntheticTrace, and a third process whose leaks have times and threads:
//
//   process 3  "late", ended at 2 s: in early() 4 blocks of 100 bytes, at 0.1 to 0.4 s,
//              thread 1; in late() 2 of 1,000 bytes, at 1.5 and 1.9 s, threads 1 and 2

#include "support/synthetic_trace.h"

namespace memoir {

inline void write_leaking_trace(SyntheticTrace& trace) {
  trace.write();
  TraceWriter& writer = trace.writer();
  const auto early = trace.stack(
      {{"main", "/src/app/main.cpp", 40}, {"early()", "/src/lib/early.cpp", 5}});
  const auto late = trace.stack(
      {{"main", "/src/app/main.cpp", 40}, {"late()", "/src/app/late.cpp", 6}});
  writer.begin();
  writer.put_process({.id = {3},
                      .pid = 4300,
                      .command = "late",
                      .executable = "/usr/bin/app",
                      .started = 0,
                      .ended = 2'000'000'000,
                      .end = "exit:0",
                      .allocations = 6,
                      .allocated_bytes = 2'400,
                      .peak_bytes = 2'400,
                      .live_blocks = 6,
                      .live_bytes = 2'400,
                      .events = 6,
                      .complete = true});
  writer.put_thread({.process = {3}, .thread = {1}, .tid = 4300, .name = "late"});
  writer.put_thread({.process = {3}, .thread = {2}, .tid = 4301, .name = "helper"});
  writer.put_site({.process = {3},
                   .stack = early,
                   .api = Api::kMalloc,
                   .allocations = 4,
                   .allocated_bytes = 400,
                   .live_blocks = 4,
                   .live_bytes = 400});
  writer.put_site({.process = {3},
                   .stack = late,
                   .api = Api::kMalloc,
                   .allocations = 2,
                   .allocated_bytes = 2'000,
                   .live_blocks = 2,
                   .live_bytes = 2'000});
  for (std::uint64_t i = 1; i <= 4; ++i) {
    writer.put_block({{3}, 0x1000 * i, 100, early, Api::kMalloc, {1}, i * 100'000'000});
  }
  writer.put_block({{3}, 0x9000, 1'000, late, Api::kMalloc, {1}, 1'500'000'000});
  writer.put_block({{3}, 0xa000, 1'000, late, Api::kMalloc, {2}, 1'900'000'000});
  writer.commit();
  writer.finish();
}

}  // namespace memoir
