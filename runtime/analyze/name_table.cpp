#include "analyze/name_table.h"

namespace memoir {

NameId NameTable::intern(std::string_view text) {
  if (text.empty()) return {};
  if (const auto known = numbers_.find(text); known != numbers_.end()) {
    return {known->second};
  }
  const auto number = static_cast<std::uint32_t>(texts_.size());
  numbers_.emplace(texts_.emplace_back(text), number);
  return {number};
}

std::optional<NameId> NameTable::find(std::string_view text) const {
  if (text.empty()) return NameId{};
  const auto known = numbers_.find(text);
  if (known == numbers_.end()) return std::nullopt;
  return NameId{known->second};
}

}  // namespace memoir
