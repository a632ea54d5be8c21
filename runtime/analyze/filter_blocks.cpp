#include "analyze/filter_blocks.h"

#include <algorithm>
#include <utility>

#include "analyze/filter_stacks.h"
#include "analyze/filter_units.h"
#include "analyze/fuzzy_match.h"

namespace memoir {
namespace {

class Compiler {
 public:
  Compiler(const FilterNames& names, ProcessId process)
      : names_(names), process_(process) {}

  void add(const FilterTerm& term) {
    BlockFilter& blocks = result_.blocks;
    switch (term.field) {
      case FilterField::kSize:
        return narrow(blocks.size, term);
      case FilterField::kAge:
        return narrow(blocks.life, term);
      case FilterField::kTime:
        return narrow(blocks.made, term);
      case FilterField::kLeaked:
        return decide(blocks.leaked, !term.negated);
      case FilterField::kTemporary:
        return decide(blocks.temporary, !term.negated);
      case FilterField::kAddress:
        if (term.negated) return refuse(term, "addresses cannot be left out");
        if (blocks.address && *blocks.address != term.least) result_.takes_nothing = true;
        blocks.address = term.least;
        return;
      case FilterField::kThread:
        return take_threads(term);
      case FilterField::kPool:
        return take_pool(term);
      case FilterField::kClass:
        return refuse(term, "class: is about leaks, not about single blocks");
      case FilterField::kApi:
        return refuse(term, "api: is about call sites, not about single blocks");
      case FilterField::kProcess:
      case FilterField::kWord:
      case FilterField::kText:
      case FilterField::kFunction:
      case FilterField::kFile:
      case FilterField::kModule:
      case FilterField::kVia:
      case FilterField::kSite:
      case FilterField::kStack:
        return;
    }
  }

  CompiledFilter take() { return std::move(result_); }

 private:
  void refuse(const FilterTerm& term, const char* why) {
    if (!result_.error) result_.error = FilterError{term.begin, term.end, why};
  }

  void narrow(NumberRange& range, const FilterTerm& term) {
    std::uint64_t least = term.least, most = term.most;
    if (term.negated) {
      const bool open_above = most == FilterTerm::kNoLimit, open_below = least == 0;
      if (open_above && open_below) {
        result_.takes_nothing = true;
        return;
      }
      if (!open_above && !open_below) {
        return refuse(term, "what lies outside of a range takes two filters");
      }
      if (open_above) {
        most = least - 1;
        least = 0;
      } else {
        least = most + 1;
        most = FilterTerm::kNoLimit;
      }
    }
    range.least = std::max(range.least, least);
    range.most = std::min(range.most, most);
    if (range.least > range.most) result_.takes_nothing = true;
  }

  void decide(std::optional<bool>& condition, bool wanted) {
    if (condition && *condition != wanted) result_.takes_nothing = true;
    condition = wanted;
  }

  static bool matches(const FilterTerm& term, const FilterNames::Thread& thread) {
    if (const auto number = parse_natural(term.text)) {
      return thread.thread == *number ||
             static_cast<std::uint64_t>(thread.tid) == *number;
    }
    return matches_name(term.text, thread.name);
  }

  void take_threads(const FilterTerm& term) {
    std::vector<std::uint32_t> taken;
    for (const FilterNames::Thread& thread : names_.threads) {
      if (thread.process == process_ && matches(term, thread) != term.negated) {
        taken.push_back(thread.thread);
      }
    }
    std::sort(taken.begin(), taken.end());
    std::vector<std::uint32_t>& threads = result_.blocks.threads;
    if (!threads.empty()) {
      std::vector<std::uint32_t> both;
      std::set_intersection(taken.begin(), taken.end(), threads.begin(), threads.end(),
                            std::back_inserter(both));
      taken = std::move(both);
    }
    threads = std::move(taken);
    // To blocks, none means anybody.
    if (threads.empty()) result_.takes_nothing = true;
  }

  void take_pool(const FilterTerm& term) {
    if (term.negated) return refuse(term, "pools cannot be left out");
    if (term.text == "*") return set_pool(0);
    std::vector<std::uint32_t> pools;
    for (const FilterNames::Pool& pool : names_.pools) {
      if (pool.process == process_ &&
          (matches_name(term.text, pool.name) || matches_name(term.text, pool.kind))) {
        pools.push_back(pool.pool);
      }
    }
    if (pools.size() > 1) {
      refuse(term, "this names several pools; * is all of them");
    } else if (pools.empty()) {
      result_.takes_nothing = true;
    } else {
      set_pool(pools.front());
    }
  }

  void set_pool(std::uint32_t pool) {
    std::optional<std::uint32_t>& wanted = result_.blocks.pool;
    if (wanted && *wanted != 0 && pool != 0 && *wanted != pool) {
      result_.takes_nothing = true;
    }
    if (!wanted || *wanted == 0) wanted = pool;
  }

  const FilterNames& names_;
  ProcessId process_;
  CompiledFilter result_;
};

}  // namespace

CompiledFilter compile_blocks(const Filter& filter, const FilterNames& names,
                              std::shared_ptr<const StackSet> stacks, ProcessId process) {
  Compiler compiler(names, process);
  for (const FilterTerm& term : filter.terms) compiler.add(term);
  CompiledFilter compiled = compiler.take();
  compiled.blocks.stacks = std::move(stacks);
  if (!takes_process(filter, process)) compiled.takes_nothing = true;
  return compiled;
}

}  // namespace memoir
