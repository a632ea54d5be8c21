// How many addresses a second get their names?
//   symbolize_speed TRACE [ROUNDS]
// Looks up every address of a trace anew, and throws the answers away. Reading the debug
// information is part of it, as it is at the end of a recording.
#include <sys/resource.h>

#include <cstdio>
#include <cstdlib>
#include <exception>
#include <optional>

#include "symbolize/symbolizer.h"
#include "trace/database.h"

namespace {

double cpu_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& t) {
    return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

long look_up_all(memoir::Database& database) {
  auto frames = database.prepare(
      "SELECT f.address, m.path, m.build_id, m.id FROM frame f JOIN module m"
      " ON m.id = f.module ORDER BY f.module, f.address");
  std::optional<memoir::Symbolizer> symbolizer;
  std::int64_t module = -1;
  long lines = 0;
  while (frames.step()) {
    if (frames.integer(3) != module) {
      module = frames.integer(3);
      symbolizer.emplace(frames.text(1), frames.text(2));
    }
    lines += static_cast<long>(symbolizer->lookup(frames.natural(0)).size());
  }
  return lines;
}

}  // namespace

int main(int argc, char** argv) {
  const int rounds = argc == 3 ? std::atoi(argv[2]) : 1;
  if (argc < 2 || argc > 3 || rounds < 1) {
    std::fprintf(stderr, "usage: symbolize_speed TRACE [ROUNDS]\n");
    return 2;
  }
  try {
    memoir::Database database(argv[1], memoir::Database::Mode::kReadOnly);
    const auto addresses =
        database.query_integer("SELECT count(*) FROM frame WHERE module > 0");
    for (int round = 0; round < rounds; ++round) {
      const double before = cpu_seconds();
      const long lines = look_up_all(database);
      const double spent = cpu_seconds() - before;
      std::printf("%ld addresses, %ld lines, %.3f s of CPU: %.0f a second\n",
                  static_cast<long>(addresses), lines, spent,
                  static_cast<double>(addresses) / (spent > 0 ? spent : 1e-9));
    }
  } catch (const std::exception& error) {
    std::fprintf(stderr, "symbolize_speed: %s\n", error.what());
    return 1;
  }
}
