#include "analyze/filter_stacks.h"

#include <algorithm>

#include "analyze/fuzzy_match.h"

namespace memoir {
namespace {

bool is_about_stacks(FilterField field) {
  switch (field) {
    case FilterField::kWord:
    case FilterField::kText:
    case FilterField::kFunction:
    case FilterField::kFile:
    case FilterField::kModule:
    case FilterField::kVia:
    case FilterField::kSite:
    case FilterField::kStack:
      return true;
    default:
      return false;
  }
}

bool in_range(const FilterTerm& term, std::uint64_t value) {
  return value >= term.least && value <= term.most;
}

// Answers for one term, each name and each frame being asked about once.
class TermMatcher {
 public:
  TermMatcher(const FilterTerm& term, const StackStore& stacks)
      : term_(term),
        stacks_(stacks),
        names_(stacks.frames().names().size()),
        frames_(stacks.frames().frames()) {
    if (term.field == FilterField::kSite) find_places();
    if (looks_everywhere()) walk();
  }

  bool takes(TraceStackId stack) {
    if (term_.field == FilterField::kStack) return in_range(term_, stack.value);
    if (looks_everywhere()) return anywhere_[stack.value];
    const FrameId frame = stacks_.place_frame(stack);
    if (frame.value >= frames_.size()) return false;
    return remember(frames_[frame.value], [&] {
      const FrameLine* line = stacks_.frames().place(frame);
      return line != nullptr && matches(*line);
    });
  }

 private:
  enum class Answer : std::uint8_t { kUnasked, kNo, kYes };
  struct Place {
    NameId function, file;
    std::uint32_t line;
    ModuleId module;
    friend bool operator==(const Place&, const Place&) = default;
  };

  bool looks_everywhere() const {
    return term_.field == FilterField::kVia || term_.field == FilterField::kText;
  }

  template <typename Ask>
  static bool remember(Answer& answer, Ask ask) {
    if (answer == Answer::kUnasked) answer = ask() ? Answer::kYes : Answer::kNo;
    return answer == Answer::kYes;
  }

  bool matches(NameId name) {
    return remember(names_[name.value], [&] {
      const std::string_view text = stacks_.text(name);
      return term_.field == FilterField::kWord ? fuzzy_score(term_.text, text).has_value()
                                               : matches_name(term_.text, text);
    });
  }

  NameId module_path(const FrameLine& line) const {
    return stacks_.frames().module(line.module).path;
  }

  bool matches(const FrameLine& line) {
    switch (term_.field) {
      case FilterField::kWord:
      case FilterField::kFunction:
      case FilterField::kVia:
        return matches(line.function);
      case FilterField::kFile:
        return matches(line.file);
      case FilterField::kModule:
        return matches(module_path(line));
      case FilterField::kText:
        return matches(line.function) || matches(line.file) || matches(module_path(line));
      case FilterField::kSite: {
        const Place place{line.function, line.file, line.line, line.module};
        return std::find(places_.begin(), places_.end(), place) != places_.end();
      }
      default:
        return false;
    }
  }

  // The call sites of the stacks that were named.
  void find_places() {
    constexpr std::size_t kMostPlaces = 1000;
    for (std::uint64_t stack = term_.least;
         stack < stacks_.size() && stack <= term_.most && places_.size() < kMostPlaces;
         ++stack) {
      const FrameLine* line = stacks_.place({static_cast<std::uint32_t>(stack)});
      if (line == nullptr) continue;
      const Place place{line->function, line->file, line->line, line->module};
      if (std::find(places_.begin(), places_.end(), place) == places_.end()) {
        places_.push_back(place);
      }
    }
  }

  // A stack has what its caller has. Callers come first.
  void walk() {
    anywhere_.resize(stacks_.size());
    for (std::uint32_t i = 1; i < stacks_.size(); ++i) {
      const FrameId frame = stacks_.frame({i});
      const bool here =
          frame.value < frames_.size() && remember(frames_[frame.value], [&] {
            const auto lines = stacks_.frames().lines(frame);
            return std::any_of(lines.begin(), lines.end(),
                               [this](const FrameLine& line) { return matches(line); });
          });
      anywhere_[i] = here || anywhere_[stacks_.parent({i}).value];
    }
  }

  const FilterTerm& term_;
  const StackStore& stacks_;
  std::vector<Answer> names_, frames_;
  std::vector<bool> anywhere_;  // by stack
  std::vector<Place> places_;
};

}  // namespace

std::shared_ptr<const StackSet> select_stacks(const Filter& filter,
                                              const StackStore& stacks) {
  std::vector<bool> taken;
  for (const FilterTerm& term : filter.terms) {
    if (!is_about_stacks(term.field)) continue;
    if (taken.empty()) taken.resize(stacks.size(), true);
    TermMatcher matcher(term, stacks);
    taken[0] = taken[0] && term.negated;
    for (std::uint32_t i = 1; i < stacks.size(); ++i) {
      if (taken[i]) taken[i] = matcher.takes({i}) != term.negated;
    }
  }
  if (taken.empty()) return nullptr;
  auto set = std::make_shared<StackSet>();
  for (std::uint32_t i = 0; i < taken.size(); ++i) {
    if (taken[i]) set->add(i);
  }
  return set;
}

bool needs_blocks(const Filter& filter) {
  return std::any_of(filter.terms.begin(), filter.terms.end(),
                     [](const FilterTerm& term) {
                       switch (term.field) {
                         case FilterField::kSize:
                         case FilterField::kAge:
                         case FilterField::kTime:
                         case FilterField::kThread:
                         case FilterField::kAddress:
                         case FilterField::kPool:
                           return true;
                         default:
                           return false;
                       }
                     });
}

bool takes_process(const Filter& filter, ProcessId process) {
  return std::all_of(filter.terms.begin(), filter.terms.end(),
                     [process](const FilterTerm& term) {
                       return term.field != FilterField::kProcess ||
                              in_range(term, process.value) != term.negated;
                     });
}

std::vector<SiteEntry> filter_sites(const Filter& filter, const StackSet* stacks,
                                    std::span<const SiteEntry> sites,
                                    const FilterNames& names) {
  const auto takes = [&](const SiteEntry& site) {
    if (stacks != nullptr && !stacks->contains(site.stack.value)) return false;
    if (!takes_process(filter, site.process)) return false;
    for (const FilterTerm& term : filter.terms) {
      bool match = !term.negated;
      if (term.field == FilterField::kLeaked) {
        match = site.figures.live_blocks > 0;
      } else if (term.field == FilterField::kTemporary) {
        match = site.figures.temporary > 0;
      } else if (term.field == FilterField::kApi) {
        match =
            site.api < names.apis.size() && matches_name(term.text, names.apis[site.api]);
      }
      if (match == term.negated) return false;
    }
    return true;
  };
  std::vector<SiteEntry> taken;
  std::copy_if(sites.begin(), sites.end(), std::back_inserter(taken), takes);
  return taken;
}

std::vector<Leak> filter_leaks(const Filter& filter, const StackSet* stacks,
                               std::span<const Leak> leaks) {
  const auto takes = [&](const Leak& leak) {
    if (stacks != nullptr && !stacks->contains(leak.heaviest_stack.value)) return false;
    if (!takes_process(filter, leak.process)) return false;
    return std::all_of(filter.terms.begin(), filter.terms.end(),
                       [&leak](const FilterTerm& term) {
                         if (term.field == FilterField::kLeaked) return !term.negated;
                         if (term.field == FilterField::kTemporary) return term.negated;
                         return term.field != FilterField::kClass ||
                                (leak.leak_class == term.text) != term.negated;
                       });
  };
  std::vector<Leak> taken;
  std::copy_if(leaks.begin(), leaks.end(), std::back_inserter(taken), takes);
  return taken;
}

}  // namespace memoir
