#pragma once

// Small traces that are damaged in every page, a bit here and there, and ones in which
// single values are forged, which no check of pages notices. Each round has its damage:
// the same one each time.
//
//   DamagedTraces traces(rounds, forgeries, "trace_damage_fuzz",
//                        [](const std::filesystem::path& path, std::size_t round) {
//                          return was_it_opened;
//                        });
//   return traces.run(argc, argv);
//
// Pages are tried in processes of their own: what crashes or hangs is named, so that it
// can be tried again alone.

#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iterator>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "support/event_trace.h"
#include "support/scratch_file.h"
#include "support/synthetic_trace.h"
#include "trace/error.h"

namespace memoir {

// Something of everything that a trace can hold.
inline void write_trace_of_everything(const std::filesystem::path& path) {
  SyntheticTrace trace(path);
  trace.write();
  TraceWriter& writer = trace.writer();
  EventMaker maker(5);
  std::vector<TraceEvent> events = maker.make(900);
  for (std::size_t first = 0; first < events.size(); first += 300) {
    ChunkRow row;
    row.process = {1};
    row.first_seq = first;
    row.t0 = events[first].t;
    row.t1 = events[first + 299].t;
    row.events = {events.data() + first, 300};
    writer.put_chunk(row);
  }
  FaultRow fault;
  fault.process = {1};
  fault.kind = FaultKind::kHeapBufferOverflow;
  fault.stack = fault.alloc_stack = {2};
  fault.dump.assign(64, 0xab);
  fault.message = "an overflow";
  writer.put_fault(fault);
  writer.put_pool({.process = {1},
                   .pool = 1,
                   .kind = "arena",
                   .name = "frames",
                   .stack = {1},
                   .allocations = 3,
                   .live_blocks = 1,
                   .live_bytes = 10});
  writer.put_pool_site({.process = {1},
                        .pool = 1,
                        .stack = {2},
                        .allocations = 3,
                        .allocated_bytes = 30,
                        .live_blocks = 1,
                        .live_bytes = 10});
  writer.put_pool_backing(
      {.process = {1}, .stack = {2}, .api = 1, .blocks = 1, .bytes = 100});
  writer.put_size_histogram({.process = {1}, .bucket = 5, .blocks = 10, .bytes = 200});
  writer.put_lifetime_histogram(
      {.process = {1}, .bucket = 9, .blocks = 10, .bytes = 200});
  writer.put_sample({.process = {1}, .t = 100, .rss = 1000, .virtual_bytes = 2000});
  writer.put_failure({.process = {1}, .stack = {2}, .count = 1, .bytes = 10});
  writer.finish();
}

// One to eight bits of a page.
inline std::string damaged(const std::string& pristine, std::size_t page,
                           std::size_t round) {
  constexpr std::size_t kPage = 4096, kMostRounds = 10'000;
  std::mt19937_64 random(page * kMostRounds + round);
  std::string bytes = pristine;
  const std::size_t size = std::min(kPage, bytes.size() - page * kPage);
  // The first bits of a page are its header: damage there is met early.
  const std::size_t reach = random() % 4 == 0 ? std::min<std::size_t>(size, 128) : size;
  for (std::uint64_t n = 1 + random() % 8; n != 0; --n) {
    char& byte = bytes[page * kPage + random() % reach];
    byte = static_cast<char>(byte ^ 1 << random() % 8);
  }
  return bytes;
}

// A value of the trace becomes another one, as SQLite itself writes it.
inline void forge(const std::filesystem::path& path, std::size_t round) {
  std::mt19937_64 random(round);
  Database database(path, Database::Mode::kReadWrite);
  std::vector<std::string> tables;
  Statement rows = database.prepare(
      "SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name");
  while (rows.step()) tables.emplace_back(rows.text(0));
  const std::string& table = tables[random() % tables.size()];
  std::vector<std::string> columns;
  Statement info =
      database.prepare("SELECT name FROM pragma_table_info('" + table + "')");
  while (info.step()) columns.emplace_back(info.text(0));
  const char* const values[] = {"NULL",
                                "0",
                                "-1",
                                "1",
                                "2",
                                "9223372036854775807",
                                "-9223372036854775808",
                                "4294967295",
                                "4294967296",
                                "1e300",
                                "''",
                                "'\x01\x02'",
                                "x'00'",
                                "zeroblob(100000)",
                                "printf('%.100000c', 'a')",
                                "abs(random() % 100)",
                                "random()"};
  const std::string& column = columns[random() % columns.size()];
  const std::string old = '"' + column + '"';
  const std::string cut[] = {"substr(" + old + ", 2)", old + " * 1000003", old + " + 1",
                             "substr(" + old + ", 1, length(" + old + ") / 2)"};
  const std::size_t choice = random() % 21;
  const std::string value = choice < 17 ? values[choice] : cut[choice - 17];
  const bool all = random() % 4 == 0;
  try {
    database.execute("UPDATE OR IGNORE \"" + table + "\" SET " + old + " = " + value +
                     (all ? "" : " WHERE abs(random()) % 3 = 0"));
  } catch (const Error&) {
    // A key that is there already, a number where a number must be.
  }
}

class DamagedTraces {
 public:
  // Whether the trace was opened. Must not crash; `round` says what to ask it.
  using Try = std::function<bool(const std::filesystem::path& path, std::size_t round)>;

  DamagedTraces(std::size_t rounds, std::size_t forgeries, const char* program,
                Try attempt)
      : rounds_(rounds),
        forgeries_(forgeries),
        program_(program),
        try_(std::move(attempt)),
        progress_(
            static_cast<Progress*>(mmap(nullptr, sizeof(Progress), PROT_READ | PROT_WRITE,
                                        MAP_SHARED | MAP_ANONYMOUS, -1, 0))) {
    const ScratchFile file;
    write_trace_of_everything(file.path());
    std::ifstream bytes(file.path(), std::ios::binary);
    pristine_.assign(std::istreambuf_iterator<char>(bytes), {});
    pages_ = (pristine_.size() + 4095) / 4096;
  }

  // The pages, and behind them the forgeries; or one of them, named by arguments.
  int run(int argc, char** argv) {
    if (argc == 3) {
      run_one(std::strtoul(argv[1], nullptr, 10), std::strtoul(argv[2], nullptr, 10));
      return 0;
    }
    const std::size_t per_page = (rounds_ + pages_ - 1) / pages_;
    for (std::size_t page = 0; page <= pages_; ++page) {
      if (!run_apart(page, page < pages_ ? per_page : forgeries_)) return 1;
    }
    std::printf("%zu pages, %zu damaged traces, %zu of them opened\n", pages_,
                progress_->asked, progress_->opened);
    return 0;
  }

 private:
  static constexpr unsigned kHangs = 240;  // seconds for one trace

  // What a child tells of its work.
  struct Progress {
    std::size_t round, asked, opened;
  };

  void run_one(std::size_t page, std::size_t round) {
    const ScratchFile file;
    std::ofstream(file.path(), std::ios::binary)
        << (page < pages_ ? damaged(pristine_, page, round) : pristine_);
    if (page == pages_) forge(file.path(), round);
    progress_->round = round;
    ++progress_->asked;
    if (try_(file.path(), round)) ++progress_->opened;
  }

  bool run_apart(std::size_t page, std::size_t rounds) {
    const pid_t child = fork();
    if (child == 0) {
      for (std::size_t round = 0; round < rounds; ++round) {
        alarm(kHangs);
        run_one(page, round);
      }
      std::exit(0);
    }
    int status = 0;
    waitpid(child, &status, 0);
    if (status == 0) return true;
    std::fprintf(stderr, "failed with status %d; again: %s %zu %zu\n", status, program_,
                 page, progress_->round);
    return false;
  }

  std::size_t rounds_, forgeries_;
  const char* program_;
  Try try_;
  Progress* progress_;
  std::string pristine_;
  std::size_t pages_ = 0;
};

}  // namespace memoir
