// A trace of a program that does not exist, for measuring whoever reads large ones.
//   synthetic_trace [--events N] [--threads T] [--stacks S] [--processes P] [--seed N]
//   FILE
// The first process has two thirds of the events when there are several. Its figures are
// those that the collector would have written; the same arguments make the same trace.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <exception>

#include "made_up_process.h"
#include "made_up_stacks.h"

namespace {

struct Arguments {
  std::uint64_t events = 1'000'000, threads = 4, stacks = 20'000, processes = 1, seed = 1;
  const char* path = nullptr;

  bool parse(int argc, char** argv) {
    for (int i = 1; i < argc; ++i) {
      std::uint64_t* number = nullptr;
      if (std::strcmp(argv[i], "--events") == 0) number = &events;
      if (std::strcmp(argv[i], "--threads") == 0) number = &threads;
      if (std::strcmp(argv[i], "--stacks") == 0) number = &stacks;
      if (std::strcmp(argv[i], "--processes") == 0) number = &processes;
      if (std::strcmp(argv[i], "--seed") == 0) number = &seed;
      if (number != nullptr && i + 1 < argc) {
        *number = std::strtoull(argv[++i], nullptr, 10);
      } else if (number == nullptr && argv[i][0] != '-' && path == nullptr) {
        path = argv[i];
      } else {
        return false;
      }
    }
    return path != nullptr && events >= 100 && threads >= 1 && threads <= 900 &&
           stacks >= 10 && processes >= 1 && processes <= 1000;
  }
};

void write(const Arguments& arguments) {
  memoir::TraceWriter writer(arguments.path, true);
  Random random(arguments.seed);
  writer.begin();
  writer.put_meta("memoir_version", MEMOIR_VERSION);
  writer.put_meta("mode", "leaks");
  writer.put_meta("command", "acme-server --config /etc/acme/1");
  MadeUpStacks stacks(writer, arguments.stacks, random);
  const std::uint64_t others = arguments.processes - 1;
  const std::uint64_t first = others == 0 ? arguments.events : arguments.events * 2 / 3;
  for (std::uint64_t i = 0; i <= others; ++i) {
    ProcessPlan plan;
    plan.id = {static_cast<std::uint32_t>(i + 1)};
    if (i > 0) plan.parent = {static_cast<std::uint32_t>(i < 3 ? 1 : i / 2)};
    plan.events = i == 0 ? first : (arguments.events - first) / others;
    plan.threads = static_cast<std::uint32_t>(arguments.threads);
    plan.begin_ns = i * first * 1000 / arguments.processes;
    if (plan.events == 0) continue;
    MadeUpProcess(plan, writer, stacks.stacks(), arguments.seed * 977 + i).run();
    std::fprintf(stderr, "process %llu: %llu events\n",
                 static_cast<unsigned long long>(i + 1),
                 static_cast<unsigned long long>(plan.events));
  }
  stacks.write_symbols();
  writer.commit();
  writer.finish();
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!arguments.parse(argc, argv)) {
    std::fprintf(stderr,
                 "usage: synthetic_trace [--events N] [--threads T] [--stacks S]"
                 " [--processes P] [--seed N] FILE\n");
    return 2;
  }
  try {
    write(arguments);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "synthetic_trace: %s\n", error.what());
    return 1;
  }
}
