#include "collect/printable_command.h"

#include <algorithm>
#include <cctype>

namespace memoir {
namespace {

std::string quoted(const std::string& word) {
  const auto plain = [](char c) {
    const auto u = static_cast<unsigned char>(c);
    return std::isalnum(u) != 0 || u >= 0x80 ||
           std::string("-_./=:,+@%").find(c) != std::string::npos;
  };
  if (!word.empty() && std::all_of(word.begin(), word.end(), plain)) return word;
  std::string text = "'";
  for (const char c : word) {
    if (c == '\'') {
      text += "'\\''";
    } else {
      text += c;
    }
  }
  return text + "'";
}

}  // namespace

std::string printable_command(const std::string& arguments) {
  std::string text;
  std::size_t begin = 0;
  while (begin < arguments.size()) {
    const std::size_t end = std::min(arguments.find('\0', begin), arguments.size());
    if (!text.empty()) text += ' ';
    text += quoted(arguments.substr(begin, end - begin));
    begin = end + 1;
  }
  return text;
}

}  // namespace memoir
