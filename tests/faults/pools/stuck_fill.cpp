// A line is longer than the buffer that is to hold it.
//
// FINDING: stuck_fill line_buffer
//   where: stuck
//   text:  a line is longer than the buffer

#include <cstdio>
#include <span>

#include "memoir/stream/line_buffer.h"

int main() {
  const char text[] = "a line of thirty-two characters\n";
  memoir::span_reader reader{std::as_bytes(std::span{text, 32})};
  memoir::line_buffer lines{16};
  for (int i = 0; i < 3; ++i) {
    auto filled = lines.fill(reader);  // mark: stuck
    if (!filled) {
      std::puts(memoir::message_of(filled.error()));
      break;
    }
    while (auto line = lines.read_line()) std::puts("a line");
  }
}
