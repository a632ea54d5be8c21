// Times of the viewer's user interface on a trace, without a display:
//
//   bench/viewer_bench TRACE
//
// The time to the first frame that shows the trace, the processor time of a frame while
// the timeline is zoomed and moved (without drawing its triangles), and of every panel
// the time until it shows its answer.

#include <fmt/format.h>
#include <imgui.h>
#include <sys/resource.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <ctime>
#include <vector>

#include "trace/error.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

double wall_ms() {
  return std::chrono::duration<double, std::milli>(
             std::chrono::steady_clock::now().time_since_epoch())
      .count();
}

// Of this thread: workers are not waited for.
double cpu_ms() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) / 1e6;
}

void print_frames(const char* what, std::vector<double> frames) {
  std::ranges::sort(frames);
  fmt::print("{:<34} median {:6.2f} ms CPU   95% {:6.2f}   worst {:6.2f}\n", what,
             frames[frames.size() / 2], frames[frames.size() * 95 / 100], frames.back());
}

void move_timeline(Stage& stage) {
  std::vector<double> frames;
  const auto step = [&](Command command) {
    stage.app().perform(command);
    const double before = cpu_ms();
    stage.draw_frames();
    frames.push_back(cpu_ms() - before);
  };
  for (int i = 0; i < 40; ++i) step(Command::kZoomIn);
  for (int i = 0; i < 100; ++i)
    step(i % 50 < 25 ? Command::kPanRight : Command::kPanLeft);
  for (int i = 0; i < 40; ++i) step(Command::kZoomOut);
  for (int i = 0; i < 60; ++i) step(i % 2 == 0 ? Command::kPanLeft : Command::kPanRight);
  print_frames("a frame of the timeline moving", frames);
}

void show_panels(Stage& stage) {
  for (const PanelRow& panel : all_panels()) {
    for (const char* when : {"first", "again"}) {
      stage.app().go(PanelId::kLog);
      stage.settle();
      const double before = wall_ms();
      stage.app().go(panel.id);
      const bool is_there = stage.settle(std::chrono::minutes(2));
      const double answered = wall_ms() - before;
      std::vector<double> frames;
      for (int i = 0; i < 20; ++i) {
        const double begin = cpu_ms();
        stage.draw_frames();
        frames.push_back(cpu_ms() - begin);
      }
      std::ranges::sort(frames);
      fmt::print("{:<16} {:<6} answer {:9.1f} ms{}   a frame {:5.2f} ms CPU\n",
                 panel.title, when, answered, is_there ? "" : " (not yet)",
                 frames[frames.size() / 2]);
      std::fflush(stdout);
    }
  }
}

int run(const char* trace) {
  const double begin = wall_ms();
  Stage stage({.width = 1600, .height = 1000});
  fmt::print("{:<34} {:8.1f} ms\n", "fonts and an empty window", wall_ms() - begin);
  const double opened = wall_ms();
  stage.app().open(trace);
  while (find_mark("timeline") == nullptr && stage.app().session()->error().empty()) {
    stage.draw_frames();
  }
  if (!stage.app().session()->error().empty()) {
    throw Error(stage.app().session()->error());
  }
  fmt::print("{:<34} {:8.1f} ms\n", "first frame with the timeline", wall_ms() - opened);
  stage.settle();
  fmt::print("{:<34} {:8.1f} ms\n", "everything on it answered", wall_ms() - opened);
  switch_marks(false);
  move_timeline(stage);
  show_panels(stage);
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  fmt::print("{:<34} {:8.1f} MiB\n", "most memory",
             static_cast<double>(usage.ru_maxrss) / 1024);
  return 0;
}

}  // namespace
}  // namespace memoir

int main(int argc, char** argv) {
  if (argc != 2) {
    fmt::print(stderr, "usage: viewer_bench TRACE\n");
    return 2;
  }
  try {
    return memoir::run(argv[1]);
  } catch (const memoir::Error& error) {
    fmt::print(stderr, "viewer_bench: {}\n", error.what());
    return 4;
  }
}
