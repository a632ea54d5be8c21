#include "analyze/leak_lives.h"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <unordered_map>

#include "analyze/block_query.h"
#include "analyze/filter_blocks.h"
#include "trace/block_chunks.h"
#include "trace/event_codec.h"

namespace memoir {
namespace {

// Those of one process while its chunks are read.
class LivesOfProcess {
 public:
  LivesOfProcess(ProcessId process, const LeakLivesQuestion& question, std::uint64_t end,
                 std::uint64_t span)
      : process_(process), question_(question), end_(end), span_(span) {
    if (question.filter.empty()) return;
    const CompiledFilter compiled =
        compile_blocks(question.filter, *question.names, nullptr, process);
    filter_ = compiled.blocks;
    takes_nothing_ = compiled.takes_nothing;
    if (compiled.error) problem_ = compiled.error->message;
  }
  const std::string& problem() const { return problem_; }

  void add(const TraceEvent& event) {
    if (is_mapping(event.api) || takes_nothing_ || !question_.made.contains(event.t)) {
      return;
    }
    if (!question_.filter.empty()) {
      if (!is_match(filter_, made_block(event, 0), end_)) return;
    }
    const std::uint64_t thread = question_.by_thread ? event.thread : 0;
    const auto [known, is_new] =
        known_.try_emplace(thread << 32 | event.stack, lives_.size());
    if (is_new) {
      LeakLife& life = lives_.emplace_back();
      life.process = process_;
      life.stack = event.stack;
      life.thread = static_cast<std::uint32_t>(thread);
    }
    LeakLife& life = lives_[known->second];
    ++life.blocks;
    life.bytes += event.size;
    life.first_t = std::min(life.first_t, event.t);
    life.last_t = std::max(life.last_t, event.t);
    life.ages += static_cast<double>(end_ > event.t ? end_ - event.t : 0);
    const auto piece = static_cast<std::size_t>(
        static_cast<unsigned __int128>(std::min(event.t, span_ - 1)) * kLeakPieces /
        span_);
    life.made[piece] += event.size;
  }
  void move_into(std::vector<LeakLife>& all) {
    std::ranges::sort(lives_, [](const LeakLife& a, const LeakLife& b) {
      return std::tie(a.stack, a.thread) < std::tie(b.stack, b.thread);
    });
    all.insert(all.end(), lives_.begin(), lives_.end());
  }

 private:
  ProcessId process_;
  const LeakLivesQuestion& question_;
  std::uint64_t end_, span_;
  BlockFilter filter_;
  bool takes_nothing_ = false;
  std::string problem_;
  std::vector<LeakLife> lives_;
  std::unordered_map<std::uint64_t, std::size_t> known_;  // by thread and stack
};

struct ProcessEnd {
  ProcessId process;
  std::uint64_t end = 0;  // its last event
  bool is_known = false;  // its blocks are
};

std::vector<ProcessEnd> read_ends(Database& database, std::uint64_t& span) {
  std::vector<ProcessEnd> ends;
  Statement rows = database.prepare(
      "SELECT p.id, coalesce((SELECT max(t1) FROM chunk WHERE process = p.id),"
      " p.ended, 0), p.complete, coalesce(p.ended, 0) FROM process p ORDER BY p.id");
  span = 1;
  while (rows.step()) {
    ends.push_back({{static_cast<std::uint32_t>(rows.integer(0))},
                    rows.natural(1),
                    rows.integer(2) != 0});
    span = std::max({span, rows.natural(1) + 1, rows.natural(3) + 1});
  }
  return ends;
}

}  // namespace

void LeakLife::add(const LeakLife& other) {
  blocks += other.blocks;
  bytes += other.bytes;
  first_t = std::min(first_t, other.first_t);
  last_t = std::max(last_t, other.last_t);
  ages += other.ages;
  for (std::size_t i = 0; i < kLeakPieces; ++i) made[i] += other.made[i];
}

bool LeakLives::knows(ProcessId process) const {
  return std::ranges::binary_search(processes, process.value, {}, &ProcessId::value);
}

Filter words_about_blocks(const Filter& filter) {
  Filter words;
  std::ranges::copy_if(
      filter.terms, std::back_inserter(words.terms), [](const FilterTerm& term) {
        return term.field == FilterField::kSize || term.field == FilterField::kAge ||
               term.field == FilterField::kTime || term.field == FilterField::kThread ||
               term.field == FilterField::kAddress;
      });
  return words;
}

LeakLives read_leak_lives(Database& database, const LeakLivesQuestion& question,
                          const Job& job) {
  LeakLives found;
  std::uint64_t span = 1;
  Statement chunks = database.prepare(
      "SELECT n, codec, data FROM block_chunk WHERE process = ? ORDER BY id");
  std::vector<TraceEvent> events;
  for (const ProcessEnd& process : read_ends(database, span)) {
    if (question.only && process.process != *question.only) continue;
    if (process.is_known) found.processes.push_back(process.process);
    LivesOfProcess lives(process.process, question, process.end, span);
    chunks.reset();
    chunks.bind(0, process.process.value);
    while (chunks.step()) {
      job.check();
      if (chunks.integer(1) != kCodecZstdColumns) {
        throw Error("blocks of an unknown codec");
      }
      decode_chunk(chunks.blob(2), chunks.natural(0), events);
      for (const TraceEvent& event : events) lives.add(event);
    }
    lives.move_into(found.lives);
    if (found.problem.empty()) found.problem = lives.problem();
  }
  return found;
}

}  // namespace memoir
