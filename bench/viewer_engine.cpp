// How long does the viewer wait for what it shows?
//   viewer_engine TRACE [PROCESS]
// Prints the time of each question that a panel asks, and the memory that is used.
// bench/synthetic_trace makes large traces.
#include <sys/resource.h>
#include <time.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <fstream>
#include <string>
#include <vector>

#include "analyze/block_life.h"
#include "analyze/block_query.h"
#include "analyze/heap_map.h"
#include "analyze/histograms.h"
#include "analyze/moments.h"
#include "analyze/threads.h"
#include "analyze/timeline.h"

namespace {

using namespace memoir;
using Clock = std::chrono::steady_clock;

double resident_mib() {
  std::ifstream file("/proc/self/statm");
  std::uint64_t all = 0, resident = 0;
  file >> all >> resident;
  return static_cast<double>(resident) * 4096 / (1 << 20);
}

double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

// Runs it some times and prints the median.
template <typename Ask>
void measure(const char* what, int times, Ask ask) {
  std::vector<double> ms;
  std::string result;
  const double cpu = cpu_ms();
  for (int i = 0; i < times; ++i) {
    const auto begin = Clock::now();
    result = ask(i);
    ms.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begin).count());
  }
  std::sort(ms.begin(), ms.end());
  std::printf("%-28s %9.2f ms  %9.2f worst  %9.2f of CPU  %6.0f MiB  %s\n", what,
              ms[ms.size() / 2], ms.back(), (cpu_ms() - cpu) / times, resident_mib(),
              result.c_str());
  std::fflush(stdout);
}

std::string number(std::uint64_t value, const char* unit) {
  return std::to_string(value) + " " + unit;
}

void ask_index(const EventIndex& index) {
  const std::uint64_t events = index.view()->events;
  const auto some = [&](int i) {
    return events * static_cast<std::uint64_t>(i + 1) / 12;
  };
  measure("heap at a moment", 11,
          [&](int i) { return number(heap_at(index, some(i)).stacks.size(), "stacks"); });
  measure("a tenth, by stack", 10, [&](int i) {
    return number(heap_between(index, some(i), some(i) + events / 10).stacks.size(),
                  "stacks");
  });
  measure("nearly all, by stack", 5, [&](int i) {
    return number(
        heap_between(index, static_cast<std::uint64_t>(i) + 7, events - 9).stacks.size(),
        "stacks");
  });
  measure("map of the heap", 5, [&](int i) {
    const HeapMap map = HeapMap::make(index, some(2 * i));
    return number(map.blocks(), "blocks") + ", " +
           number(map.regions().size(), "regions");
  });
  const HeapMap map = HeapMap::make(index, index.view()->peak.moment);
  measure("cells of the map", 11, [&](int) {
    std::uint64_t bytes = 0;
    for (const HeapRegion& region : map.regions()) {
      for (const HeapCell& cell : map.cells(region.begin, region.end, 4000)) {
        bytes += cell.live_bytes;
      }
    }
    return number(bytes, "bytes");
  });
  const auto find = [&](const BlockQuery& query) {
    const FoundBlocks found = find_blocks(index, query);
    return number(found.count, "blocks") + (found.is_cut() ? ", cut" : "");
  };
  BlockQuery leaked;
  leaked.filter.leaked = true;
  measure("leaked blocks", 3, [&](int) { return find(leaked); });
  BlockQuery large;
  large.filter.size.least = 64 << 10;
  large.begin = events / 2;
  large.end = large.begin + events / 100;
  measure("large blocks of a hundredth", 3, [&](int) { return find(large); });
  measure("all blocks", 1, [&](int) { return find({}); });
  measure("a block's chain", 11,
          [&](int i) { return number(realloc_chain(index, some(i)).size(), "blocks"); });
  measure("histograms of a tenth", 3, [&](int i) {
    return number(
        count_histograms(index, some(i), some(i) + events / 10).top_sizes.size(),
        "sizes");
  });
  measure("threads", 1,
          [&](int) { return number(count_threads(index, 0, events).size(), "threads"); });
}

void run(const char* path, ProcessId process) {
  TraceReader trace(path);
  measure("open", 5, [&](int) { return TraceReader(path).meta("complete"); });
  measure("timeline, coarse", 5, [&](int) {
    return number(Timeline::load(trace.database(), process, Timeline::kCoarse).events(),
                  "events");
  });
  measure("timeline, all", 5, [&](int) {
    return number(Timeline::load(trace.database(), process).events(), "events");
  });
  const Timeline timeline = Timeline::load(trace.database(), process);
  const std::uint64_t span = timeline.end() - timeline.begin();
  measure("points, zooming in", 40, [&](int i) {
    const std::uint64_t part = span >> (i / 2);
    const std::uint64_t t0 = timeline.begin() + (span - part) / 3;
    return number(timeline.points(t0, t0 + part, 1600).size(), "points");
  });
  EventIndex index(path, process);
  measure("index", 1, [&](int) {
    index.update();
    const EventIndex::View view = index.view();
    return number(view->lasting.size(), "lasting blocks") + ", " +
           number(view->flows.bytes() >> 20, "MiB of flows, ") +
           number(view->late_frees.size() + view->stillborn.size(), "late events");
  });
  ask_index(index);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  std::printf("most memory                  %6.0f MiB\n",
              static_cast<double>(usage.ru_maxrss) / 1024);
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2 || argc > 3) {
    std::fprintf(stderr, "usage: viewer_engine TRACE [PROCESS]\n");
    return 2;
  }
  try {
    run(argv[1], {argc == 3 ? static_cast<std::uint32_t>(std::atoi(argv[2])) : 1});
  } catch (const std::exception& error) {
    std::fprintf(stderr, "viewer_engine: %s\n", error.what());
    return 1;
  }
}
