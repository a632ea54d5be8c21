// A debug allocator says who did not give memory back: while the program runs, at its
// end, or as an exception. Tracked builds name the line of code, too.
// Rows: ZA-E5, ZA-E11, ZA-E16

#include <cstdio>
#include <iostream>
#include <sstream>
#include <string>

#include "memoir/ziggy.h"

static std::string first_line(const std::string& text) {
  return text.substr(0, text.find('\n'));
}

int main() {
  memoir::set_finding_listener({[](const memoir::finding_report&, void*) {
                                  return false;  // told below
                                },
                                nullptr});
  memoir::debug_allocator memory{"MyComponent", memoir::Z::default_allocator(),
                                 memoir::leak_mode::throw_};  // E5, E16
  { auto freed = memory.allocate<int>(10); }
  auto forgotten = memory.allocate<int>(5).release();

  std::printf("%zu block is out\n", memory.tracked_count());
  std::ostringstream report;
  memory.report_leaks(report);  // at any time
  std::puts(first_line(report.str()).c_str());
  if (memoir::is_tracking && report.str().find("za_leak.cpp:24") == std::string::npos) {
    std::puts("the line is missing");
  }

  try {  // E11
    memory.close();
  } catch (const memoir::memory_leak& leak) {
    std::printf("thrown: %s\n", first_line(leak.what()).c_str());
  }
  memory.free(forgotten.data());  // late, but back
  std::printf("%zu blocks are out\n", memory.tracked_count());

  memoir::debug_allocator quiet{"Quiet", memoir::Z::default_allocator()};
  { auto freed = quiet.allocate<double>(3); }
  std::printf("leaks: %s\n", quiet.report_leaks(std::cout) ? "yes" : "none");
}
