#include "analyze/leak_table.h"

#include <fmt/format.h>

#include <algorithm>
#include <map>
#include <tuple>
#include <unordered_map>
#include <utility>

#include "analyze/filter_stacks.h"
#include "analyze/suppressed_stacks.h"

namespace memoir {
namespace {

constexpr std::string_view kInPool = "in_pool";

// By what words that are not about names nor about single blocks say.
bool takes(const Filter& filter, const LeakedStack& leak) {
  if (!takes_process(filter, leak.process)) return false;
  return std::ranges::all_of(filter.terms, [&leak](const FilterTerm& term) {
    if (term.field == FilterField::kLeaked) return !term.negated;
    if (term.field == FilterField::kTemporary) return term.negated;
    return term.field != FilterField::kClass ||
           (leak.leak_class == term.text) != term.negated;
  });
}

class TableMaker {
 public:
  TableMaker(const StackStore& stacks, const LeakLives& lives,
             const LeakTableQuestion& question)
      : stacks_(stacks), lives_(lives), question_(question) {
    if (question.rules == nullptr) return;
    suppressed_ = SuppressedStacks(stacks, *question.rules, "leak");
    silenced_.resize(question.rules->rules().size());
  }

  void add(const LeakedStack& leak) {
    // Not equal_range(): clang 14 cannot make the subrange of libstdc++ that it returns.
    const auto key = std::pair(leak.process.value, leak.stack.value);
    const auto key_of = [](const LeakLife& life) {
      return std::pair(life.process.value, life.stack);
    };
    const auto first = std::ranges::lower_bound(lives_.lives, key, {}, key_of);
    const auto end = std::ranges::upper_bound(first, lives_.lives.end(), key, {}, key_of);
    // Blocks that the program took from a pool are told by the pool: without times.
    const bool has_lives = leak.leak_class != kInPool && first != end;
    if (question_.only_lives && !has_lives) {
      if (leak.leak_class == kInPool || !lives_.knows(leak.process)) {
        table_.timeless_blocks += leak.blocks;
        table_.timeless_bytes += leak.bytes;
      }
      return;
    }
    if (question_.group == LeakGroup::kThread && has_lives) {
      std::uint64_t blocks = leak.blocks, bytes = leak.bytes;
      for (auto life = first; life != end; ++life) {
        count(leak, take(life->blocks, blocks), take(life->bytes, bytes), &*life);
      }
      if (!question_.only_lives && blocks > 0) count(leak, blocks, bytes, nullptr);
      return;
    }
    LeakLife life;
    if (has_lives) {
      for (auto one = first; one != end; ++one) life.add(*one);
    }
    // Blocks that hold pools are not leaks: there may be fewer than were made.
    count(leak, question_.only_lives ? std::min(leak.blocks, life.blocks) : leak.blocks,
          question_.only_lives ? std::min(leak.bytes, life.bytes) : leak.bytes,
          has_lives ? &life : nullptr);
  }

  LeakTable finish() {
    std::ranges::stable_sort(table_.rows, [](const LeakRow& a, const LeakRow& b) {
      return std::tie(a.bytes, a.blocks) > std::tie(b.bytes, b.blocks);
    });
    for (std::size_t i = 0; i < silenced_.size(); ++i) {
      if (silenced_[i].blocks == 0) continue;
      silenced_[i].rule = question_.rules->rules()[i].rule();
      table_.silenced.push_back(silenced_[i]);
    }
    return std::move(table_);
  }

 private:
  // Of what is left.
  static std::uint64_t take(std::uint64_t wanted, std::uint64_t& left) {
    const std::uint64_t taken = std::min(wanted, left);
    left -= taken;
    return taken;
  }

  void count(const LeakedStack& leak, std::uint64_t blocks, std::uint64_t bytes,
             const LeakLife* life) {
    if (blocks == 0) return;
    if (const std::uint32_t rule = suppressed_.rule(leak.stack);
        rule != SuppressedStacks::kNone) {
      silenced_[rule].blocks += blocks;
      silenced_[rule].bytes += bytes;
      return;
    }
    LeakRow& row = row_of(leak, life);
    if (row.blocks == 0) {
      row.leak_class = leak.leak_class;
    } else if (row.leak_class != leak.leak_class) {
      row.leak_class.clear();
    }
    row.blocks += blocks;
    row.bytes += bytes;
    ++row.stacks;
    if (!row.heaviest_stack || bytes > row.heaviest_bytes) {
      row.heaviest_stack = leak.stack;
      row.heaviest_bytes = bytes;
      place(row, leak.stack);
    }
    if (life != nullptr) row.life.add(*life);
    table_.blocks += blocks;
    table_.bytes += bytes;
  }

  void place(LeakRow& row, TraceStackId stack) const {
    const FrameLine* line = stacks_.place(stack);
    row.function = line != nullptr ? stacks_.text(line->function) : kNoCallStack;
    row.file = line != nullptr ? stacks_.text(line->file) : "";
    row.line = line != nullptr ? line->line : 0;
    row.module =
        line != nullptr ? stacks_.text(stacks_.frames().module(line->module).path) : "";
  }

  LeakRow& row_of(const LeakedStack& leak, const LeakLife* life) {
    const FrameLine* line = stacks_.place(leak.stack);
    Key key{};
    switch (question_.group) {
      case LeakGroup::kSite:
        key = {leak.process.value,
               line != nullptr ? line->function.value : 0,
               line != nullptr ? line->file.value : 0,
               line != nullptr ? line->line : 0,
               line != nullptr ? line->module.value : 0,
               leak.leak_class};
        break;
      case LeakGroup::kFunction:
        std::get<1>(key) = line != nullptr ? line->function.value : 0;
        break;
      case LeakGroup::kFile:
        std::get<1>(key) = line != nullptr ? line->file.value : 0;
        break;
      case LeakGroup::kModule:
        std::get<1>(key) = line != nullptr ? line->module.value : 0;
        break;
      case LeakGroup::kThread:
        std::get<0>(key) = leak.process.value;
        std::get<1>(key) = life != nullptr ? life->thread : 0;
        break;
    }
    const auto [known, is_new] = known_.try_emplace(std::move(key), table_.rows.size());
    if (!is_new) return table_.rows[known->second];
    LeakRow& row = table_.rows.emplace_back();
    place(row, leak.stack);
    row.name = name_of(row, leak, life);
    return row;
  }

  std::string name_of(const LeakRow& row, const LeakedStack& leak,
                      const LeakLife* life) const {
    switch (question_.group) {
      case LeakGroup::kFile:
        return row.file.empty() ? "(no file)" : row.file;
      case LeakGroup::kModule:
        return row.module.empty() ? "(no module)" : row.module;
      case LeakGroup::kThread:
        return thread_name(leak.process, life);
      default:
        return row.function;
    }
  }
  std::string thread_name(ProcessId process, const LeakLife* life) const {
    if (life == nullptr) return "(thread not known)";
    std::string name = fmt::format("thread {}", life->thread);
    if (question_.names == nullptr) return name;
    bool has_others = false;
    for (const FilterNames::Thread& thread : question_.names->threads) {
      has_others |= thread.process != process;
      if (thread.process != process || thread.thread != life->thread) continue;
      if (!thread.name.empty()) name += fmt::format(" \"{}\"", thread.name);
    }
    return has_others ? fmt::format("process {}, {}", process.value, name) : name;
  }

  // Of a row: process, names or thread, line, class.
  using Key = std::tuple<std::uint32_t, std::uint32_t, std::uint32_t, std::uint32_t,
                         std::uint32_t, std::string>;

  const StackStore& stacks_;
  const LeakLives& lives_;
  const LeakTableQuestion& question_;
  SuppressedStacks suppressed_;
  std::vector<SilencedLeaks> silenced_;  // by rule
  std::map<Key, std::size_t> known_;
  LeakTable table_;
};

}  // namespace

std::vector<LeakedStack> read_leaked_stacks(Database& database,
                                            std::optional<ProcessId> only) {
  std::vector<LeakedStack> leaks;
  Statement rows = database.prepare(
      "SELECT process, class, stack, blocks, bytes FROM leak_total"
      " WHERE ?1 IS NULL OR process = ?1");
  if (only) rows.bind(0, only->value);
  while (rows.step()) {
    leaks.push_back({{static_cast<std::uint32_t>(rows.integer(0))},
                     {static_cast<std::uint32_t>(rows.integer(2))},
                     rows.natural(3),
                     rows.natural(4),
                     std::string(rows.text(1))});
  }
  std::ranges::stable_sort(leaks, [](const LeakedStack& a, const LeakedStack& b) {
    return std::tie(a.bytes, a.blocks) > std::tie(b.bytes, b.blocks);
  });
  return leaks;
}

std::string_view leak_group_name(LeakGroup group) {
  switch (group) {
    case LeakGroup::kSite:
      return "site";
    case LeakGroup::kFunction:
      return "function";
    case LeakGroup::kFile:
      return "file";
    case LeakGroup::kModule:
      return "module";
    case LeakGroup::kThread:
      return "thread";
  }
  return "";
}

LeakTable make_leak_table(const std::vector<LeakedStack>& leaks, const StackStore& stacks,
                          const LeakLives& lives, const LeakTableQuestion& question) {
  const auto set = select_stacks(question.filter, stacks);
  TableMaker maker(stacks, lives, question);
  for (const LeakedStack& leak : leaks) {
    if (set != nullptr && !set->contains(leak.stack.value)) continue;
    if (takes(question.filter, leak)) maker.add(leak);
  }
  return maker.finish();
}

}  // namespace memoir
