// A stream of records through a ring of 8 KiB: what write() did not take is written
// later, and the last record arrives though it ends without a newline. Example
// "stream_parse" of the FASTQ parser.
// Rows: FQ-E2

#include <cstdio>
#include <span>
#include <string>
#include <string_view>

#include "memoir/stream/byte_ring.h"

int main() {
  std::string input;
  for (int i = 0; i < 2000; ++i) {
    input += "@read" + std::to_string(i) + "\nACGTACGTAC\n+\nIIIIIIIIII\n";
  }
  input.pop_back();

  memoir::byte_ring ring{8192};
  std::string line;
  std::size_t records = 0;
  std::size_t lines = 0;
  std::size_t refused = 0;
  const auto end_line = [&] {
    records += lines % 4 == 0 && line.starts_with('@') ? 1 : 0;
    ++lines;
    line.clear();
  };
  std::size_t at = 0;
  while (at < input.size() || !ring.empty()) {
    const std::string_view rest = std::string_view{input}.substr(at, 10000);
    const std::size_t taken = ring.write(std::as_bytes(std::span{rest}));
    refused += taken < rest.size() ? 1 : 0;
    at += taken;

    char temporary[4096];
    const std::size_t bytes = ring.read(std::as_writable_bytes(std::span{temporary}));
    for (const char one : std::string_view{temporary, bytes}) {
      if (one == '\n') {
        end_line();
      } else {
        line += one;
      }
    }
  }
  end_line();
  std::printf("%zu records in %zu lines, %zu bytes\n", records, lines, at);
  std::printf("%s\n", refused > 0 ? "the ring was full now and then" : "never full");
}
