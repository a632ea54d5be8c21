#pragma once

// What could be typed next into a filter box.
//
// Pure functions of immutable names; they may take some ten milliseconds for a hundred
// thousand functions.

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "analyze/filter_names.h"

namespace memoir {

struct FilterProposal {
  std::string text;  // takes the place of what is replaced
  std::string help;  // what it means; may be empty
};

struct FilterCompletion {
  std::size_t begin = 0, end = 0;         // what of the text is replaced
  std::vector<FilterProposal> proposals;  // the best first
};

// `cursor`: a place in the text, up to its size.
FilterCompletion complete_filter(std::string_view text, std::size_t cursor,
                                 const FilterNames& names, std::size_t most = 12);

}  // namespace memoir
