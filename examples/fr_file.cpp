// Copying a file with a buffer of the medium global pool: read into all of it, shorten it
// to what came, write that. Every round uses the same buffer.
// Rows: FR-E6

#include <unistd.h>

#include <cstdio>
#include <cstdlib>
#include <string>

#include "memoir/global_pools.h"

int main() {
  std::FILE* from = std::tmpfile();
  std::FILE* to = std::tmpfile();
  if (from == nullptr || to == nullptr) return EXIT_FAILURE;
  for (int i = 0; i < 30000; ++i) std::fprintf(from, "line %d\n", i);
  std::fflush(from);

  off_t at = 0;
  for (;;) {
    auto buffer = memoir::global_pools().medium();
    const ssize_t bytes = ::pread(::fileno(from), buffer.data(), buffer.size(), at);
    if (bytes <= 0) break;
    buffer.resize(static_cast<std::size_t>(bytes));
    const auto written = buffer.written_span();
    if (::pwrite(::fileno(to), written.data(), written.size(), at) != bytes) return 1;
    at += bytes;
  }
  const auto stats = memoir::global_pools().stats().medium;
  std::printf("%lld bytes copied, %llu rounds, %llu buffer\n", static_cast<long long>(at),
              static_cast<unsigned long long>(stats.total_acquisitions),
              static_cast<unsigned long long>(stats.total_allocated));
  std::fclose(from);
  std::fclose(to);
}
