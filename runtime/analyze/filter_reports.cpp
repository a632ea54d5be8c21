#include "analyze/filter_reports.h"

#include <algorithm>
#include <iterator>

#include "analyze/filter_units.h"
#include "analyze/fuzzy_match.h"

namespace memoir {
namespace {

bool is_in(const FilterTerm& term, std::uint64_t value) {
  return value >= term.least && value <= term.most;
}

bool names_thread(const FilterTerm& term, TraceThreadId thread, const std::string& name) {
  if (!thread) return false;
  if (const auto number = parse_natural(term.text)) return thread.value == *number;
  return matches_name(term.text, name);
}

bool matches(const FilterTerm& term, const Fault& fault) {
  const FaultRow& row = fault.row;
  switch (term.field) {
    case FilterField::kProcess:
      return is_in(term, row.process.value);
    case FilterField::kTime:
      return is_in(term, row.t);
    case FilterField::kThread:
      return names_thread(term, row.thread, fault.thread) ||
             names_thread(term, row.alloc_thread, fault.alloc_thread) ||
             names_thread(term, row.free_thread, fault.free_thread);
    case FilterField::kAddress:
      return row.address == term.least ||
             (row.place == MemoryPlace::kBlock &&
              term.least - row.block_address <
                  std::max<std::uint64_t>(row.block_size, 1));
    default:
      return !term.negated;
  }
}

bool takes(const StackSet* stacks, TraceStackId stack) {
  return stacks == nullptr || stacks->contains(stack.value);
}

bool matches(const FilterTerm& term, const Pool& pool) {
  if (term.field == FilterField::kProcess) return is_in(term, pool.row.process.value);
  if (term.field != FilterField::kPool) return !term.negated;
  return term.text == "*" || matches_name(term.text, pool.row.name) ||
         matches_name(term.text, pool.row.kind);
}

std::string words_but(const Filter& filter, std::initializer_list<FilterField> fields) {
  Filter words;
  std::ranges::copy_if(
      filter.terms, std::back_inserter(words.terms), [fields](const FilterTerm& term) {
        return std::find(fields.begin(), fields.end(), term.field) != fields.end();
      });
  return filter_text(words);
}

}  // namespace

std::vector<std::size_t> filter_faults(const Filter& filter, const StackSet* stacks,
                                       NumberRange t, std::span<const Fault> faults) {
  std::vector<std::size_t> taken;
  for (std::size_t i = 0; i < faults.size(); ++i) {
    const FaultRow& row = faults[i].row;
    const bool has_names = takes(stacks, row.stack) ||
                           (row.alloc_stack && takes(stacks, row.alloc_stack)) ||
                           (row.free_stack && takes(stacks, row.free_stack));
    if (!has_names || !t.contains(row.t)) continue;
    if (std::ranges::all_of(filter.terms, [&](const FilterTerm& term) {
          return matches(term, faults[i]) != term.negated;
        })) {
      taken.push_back(i);
    }
  }
  return taken;
}

std::vector<Pool> filter_pools(const Filter& filter, const StackSet* stacks,
                               std::span<const Pool> pools) {
  std::vector<Pool> taken;
  for (const Pool& pool : pools) {
    if (!std::ranges::all_of(filter.terms, [&](const FilterTerm& term) {
          return matches(term, pool) != term.negated;
        })) {
      continue;
    }
    Pool one = pool;
    if (!takes(stacks, pool.row.stack)) {
      std::erase_if(one.sites, [&](const PoolSite& site) {
        return !takes(stacks, site.figures.stack);
      });
      if (one.sites.empty()) continue;
    }
    taken.push_back(std::move(one));
  }
  return taken;
}

std::string words_not_about_faults(const Filter& filter) {
  return words_but(filter, {FilterField::kSize, FilterField::kAge, FilterField::kPool,
                            FilterField::kClass, FilterField::kApi, FilterField::kLeaked,
                            FilterField::kTemporary});
}

std::string words_not_about_pools(const Filter& filter) {
  return words_but(filter,
                   {FilterField::kSize, FilterField::kAge, FilterField::kTime,
                    FilterField::kThread, FilterField::kAddress, FilterField::kClass,
                    FilterField::kApi, FilterField::kLeaked, FilterField::kTemporary});
}

}  // namespace memoir
