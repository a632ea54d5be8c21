#pragma once

// A trace of one process that holds given events, and events that a made-up program could
// have caused: blocks of many sizes and lives, of several threads, that reuse addresses.

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <random>
#include <span>
#include <utility>
#include <vector>

#include "trace/trace_writer.h"

namespace memoir {

// `per_chunk` events in each chunk; their times come back as the chunks keep them.
inline void write_events(const std::filesystem::path& path,
                         std::vector<TraceEvent>& events, std::size_t per_chunk,
                         bool finish = true) {
  TraceWriter writer(path, true);
  writer.begin();
  writer.put_process({.id = {1},
                      .pid = 100,
                      .command = "app",
                      .end = "exit:0",
                      .events = events.size(),
                      .complete = true});
  for (std::size_t first = 0; first < events.size(); first += per_chunk) {
    const std::size_t n = std::min(per_chunk, events.size() - first);
    const std::span<TraceEvent> part(events.data() + first, n);
    const auto [low, high] = std::minmax_element(
        part.begin(), part.end(),
        [](const TraceEvent& a, const TraceEvent& b) { return a.t < b.t; });
    ChunkRow row;
    row.process = {1};
    row.first_seq = first;
    row.t0 = low->t;
    row.t1 = high->t;
    row.events = part;
    writer.put_chunk(row);
    cut_times(part);
  }
  writer.commit();
  if (finish) writer.finish();
}

// Deterministic.
class EventMaker {
 public:
  explicit EventMaker(unsigned seed, std::uint32_t threads = 3)
      : random_(seed), threads_(threads) {}

  std::vector<TraceEvent> make(std::size_t count) {
    std::vector<TraceEvent> events;
    while (events.size() < count) events.push_back(next());
    return events;
  }

  std::uint64_t below(std::uint64_t limit) { return random_() % limit; }

 private:
  TraceEvent next() {
    TraceEvent event;
    event.t = now_ += 1 + below(2000);
    event.thread = 1 + static_cast<std::uint32_t>(below(threads_));
    const std::uint64_t dice = below(100);
    if (live_.size() > 20 && dice < 48) {
      event.kind = TraceEventKind::kFree;
      event.api = Api::kFree;
      event.address = take(dice < 30 ? live_.size() - 1 : below(live_.size()));
      return event;
    }
    event.stack = 1 + static_cast<std::uint32_t>(below(40) * below(40) / 40);
    event.size =
        dice == 99 ? (std::uint64_t{5} << 30) + below(100) : 1 + below(dice * 20 + 8);
    if (!live_.empty() && dice >= 48 && dice < 54) {
      event.kind = TraceEventKind::kRealloc;
      event.api = Api::kRealloc;
      event.old_address = take(below(live_.size()));
    } else {
      event.kind = TraceEventKind::kAlloc;
      event.api = Api::kMalloc;
    }
    event.address = place();
    live_.push_back(event.address);
    return event;
  }
  std::uint64_t take(std::uint64_t i) {
    std::swap(live_[i], live_.back());
    const std::uint64_t address = live_.back();
    live_.pop_back();
    free_.push_back(address);
    return address;
  }
  std::uint64_t place() {
    if (!free_.empty() && below(3) != 0) {
      const std::uint64_t address = free_.back();
      free_.pop_back();
      return address;
    }
    return next_address_ += 16 * (1 + below(50));
  }

  std::mt19937_64 random_;
  std::uint32_t threads_;
  std::uint64_t now_ = 1'000'000, next_address_ = 0x5500'0000'1000;
  std::vector<std::uint64_t> live_, free_;
};

}  // namespace memoir
