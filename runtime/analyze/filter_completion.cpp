#include "analyze/filter_completion.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "analyze/ascii.h"
#include "analyze/filter.h"
#include "analyze/fuzzy_match.h"

namespace memoir {
namespace {

// The word around the cursor; spaces between quotation marks belong to it.
std::pair<std::size_t, std::size_t> word_at(std::string_view text, std::size_t cursor) {
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < cursor; ++i) {
    if (text[i] == '"' && (i == 0 || text[i - 1] != '\\')) quoted = !quoted;
    if (!quoted && is_space(text[i])) begin = i + 1;
  }
  std::size_t end = cursor;
  while (end < text.size() && !is_space(text[end])) ++end;
  return {begin, end};
}

// The best of many names.
class Candidates {
 public:
  Candidates(std::string_view pattern, std::size_t most)
      : pattern_(pattern), most_(most) {}

  void offer(std::string_view name) {
    if (name.empty()) return;
    const std::optional<int> score = fuzzy_score(pattern_, name);
    if (score) found_.emplace_back(-*score, name);
  }

  std::vector<std::string_view> best() {
    std::sort(found_.begin(), found_.end());
    found_.erase(std::unique(found_.begin(), found_.end()), found_.end());
    found_.resize(std::min(found_.size(), most_));
    std::vector<std::string_view> names;
    for (const auto& [score, name] : found_) names.push_back(name);
    return names;
  }

 private:
  std::string_view pattern_;
  std::size_t most_;
  std::vector<std::pair<int, std::string_view>> found_;
};

void offer_names(FilterField field, const FilterNames& names, Candidates& candidates) {
  const FrameTable& frames = names.stacks->frames();
  switch (field) {
    case FilterField::kFunction:
    case FilterField::kVia:
    case FilterField::kFile: {
      std::vector<bool> asked(frames.names().size());
      for (const FrameLine& line : frames.all_lines()) {
        const NameId name = field == FilterField::kFile ? line.file : line.function;
        if (asked[name.value]) continue;
        asked[name.value] = true;
        candidates.offer(frames.text(name));
      }
      return;
    }
    case FilterField::kModule:
      for (std::uint32_t i = 1; i < frames.modules(); ++i) {
        candidates.offer(frames.text(frames.module({i}).name));
      }
      return;
    case FilterField::kThread:
      for (const FilterNames::Thread& thread : names.threads)
        candidates.offer(thread.name);
      return;
    case FilterField::kPool:
      for (const FilterNames::Pool& pool : names.pools) {
        candidates.offer(pool.name);
        candidates.offer(pool.kind);
      }
      return;
    case FilterField::kClass:
      for (const std::string_view name : leak_classes()) candidates.offer(name);
      return;
    case FilterField::kApi:
      for (const std::string& name : names.apis) candidates.offer(name);
      return;
    default:
      return;
  }
}

FilterProposal proposal(FilterField field, bool negated, std::string_view name,
                        std::string_view help) {
  FilterTerm term;
  term.field = field;
  term.negated = negated;
  term.text = name;
  return {filter_text(term) + " ", std::string(help)};
}

// What was typed of a value, perhaps with a quotation mark.
std::string_view unquoted(std::string_view value) {
  if (value.starts_with('"')) value.remove_prefix(1);
  if (value.ends_with('"')) value.remove_suffix(1);
  return value;
}

}  // namespace

FilterCompletion complete_filter(std::string_view text, std::size_t cursor,
                                 const FilterNames& names, std::size_t most) {
  cursor = std::min(cursor, text.size());
  const auto [begin, end] = word_at(text, cursor);
  FilterCompletion completion{begin, end, {}};
  std::string_view typed = text.substr(begin, cursor - begin);
  const bool negated = typed.starts_with('-');
  if (negated) typed.remove_prefix(1);

  for (const FilterWord& word : filter_words()) {
    const bool has_value =
        typed.size() > word.name.size() && typed.starts_with(word.name) &&
        (typed[word.name.size()] == ':' || typed[word.name.size()] == '=');
    if (!has_value || word.value != FilterValue::kName) continue;
    Candidates candidates(unquoted(typed.substr(word.name.size() + 1)), most);
    offer_names(word.field, names, candidates);
    for (const std::string_view name : candidates.best()) {
      completion.proposals.push_back(proposal(word.field, negated, name, ""));
    }
    return completion;
  }

  for (const FilterWord& word : filter_words()) {
    if (!word.name.starts_with(typed) || completion.proposals.size() == most) continue;
    const bool figure = word.value == FilterValue::kBytes;
    const char* const ending = word.value == FilterValue::kNothing         ? " "
                               : figure || word.field == FilterField::kAge ? ">"
                                                                           : ":";
    completion.proposals.push_back(
        {(negated ? "-" : "") + std::string(word.name) + ending, std::string(word.help)});
  }
  if (typed.empty()) return completion;
  Candidates functions(unquoted(typed), most - completion.proposals.size());
  offer_names(FilterField::kFunction, names, functions);
  for (const std::string_view name : functions.best()) {
    completion.proposals.push_back(
        proposal(FilterField::kFunction, negated, name, "function"));
  }
  return completion;
}

}  // namespace memoir
