// The last line of a file has no newline, and is lost because only whole lines are asked
// for; and a batch that was filled is never published.
//
// FINDING: dropped_data line_buffer
//   where: lost
//   text:  the last line has no newline
// FINDING: dropped_data double_buffer
//   where: forgotten
//   text:  never published

#include <cstdio>
#include <optional>
#include <span>

#include "memoir/stream/double_buffer.h"
#include "memoir/stream/line_buffer.h"

int main() {
  const char text[] = "first\nlast";
  memoir::span_reader reader{std::as_bytes(std::span{text, 10})};
  std::optional<memoir::line_buffer> lines{std::in_place, 64};
  int count = 0;
  while (!lines->fill(reader).value().eof) {
    while (lines->read_line()) ++count;
  }
  {
    memoir::site_scope here;  // mark: lost
    lines.reset();
  }
  memoir::double_buffer<int> batches{4};
  memoir::site_scope here;  // mark: forgotten
  {
    auto batch = batches.begin_write();
    batch.push(1);
  }
  std::printf("%d lines\n", count);
}
