#include "analyze/short_name.h"

#include <utility>
#include <vector>

#include "analyze/units.h"

namespace memoir {
namespace {

bool is_word(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
         c == '_' || static_cast<signed char>(c) < 0;
}

// Whether the bracket at a place belongs to the name of an operator: operator<<,
// operator().
bool names_operator(std::string_view text, std::size_t at) {
  std::size_t begin = at;
  while (begin > 0 && !is_word(text[begin - 1]) && text[begin - 1] != ' ') --begin;
  if (!text.substr(0, begin).ends_with("operator")) return false;
  const std::string_view said = text.substr(begin, at - begin);
  switch (text[at]) {
    case '(':
      return said.empty() && text.substr(at).starts_with("()");
    case ')':
      return said == "(";
    case '<':
      return said.empty() || said == "<";
    case '>':
      return said.empty() || said == ">" || said == "-" || said == "<=";
    default:
      return false;
  }
}

// How deep each character lies inside of brackets, the brackets themselves outside; empty
// when they do not match.
std::vector<int> depths(std::string_view text) {
  std::vector<int> depth(text.size());
  std::vector<char> open;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool opens = c == '(' || c == '<' || c == '[' || c == '{';
    const bool closes = c == ')' || c == '>' || c == ']' || c == '}';
    if ((opens || closes) && names_operator(text, i)) {
      depth[i] = static_cast<int>(open.size());
    } else if (closes) {
      if (open.empty() || open.back() != c) return {};
      open.pop_back();
      depth[i] = static_cast<int>(open.size());
    } else {
      depth[i] = static_cast<int>(open.size());
      if (opens) open.push_back(c == '(' ? ')' : c == '<' ? '>' : c == '[' ? ']' : '}');
    }
  }
  return open.empty() ? depth : std::vector<int>();
}

void remove_all(std::string& text, std::string_view what) {
  for (std::size_t at = 0; (at = text.find(what, at)) != text.npos;) {
    text.erase(at, what.size());
  }
}

// std::__1::vector, std::__cxx11::list and the like.
void remove_inline_namespaces(std::string& text) {
  for (std::size_t at = 0; (at = text.find("std::__", at)) != text.npos;) {
    std::size_t end = at + 7;
    while (end < text.size() && is_word(text[end])) ++end;
    if (text.compare(end, 2, "::") == 0) {
      text.erase(at + 5, end + 2 - (at + 5));
    } else {
      at = end;
    }
  }
}

// " [clone .isra.0]" and "[abi:cxx11]".
void remove_marks(std::string& text) {
  for (const std::string_view mark : {" [clone ", "[abi:"}) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != text.npos;) {
      const std::size_t end = text.find(']', at);
      if (end == text.npos) break;
      text.erase(at, end + 1 - at);
    }
  }
}

// {lambda(int, auto:1)#2} becomes {lambda#2}, and #1 needs no number.
void shorten_lambdas(std::string& text) {
  for (std::size_t at = 0; (at = text.find("{lambda(", at)) != text.npos; ++at) {
    const std::size_t open = at + 7;
    int depth = 0;
    std::size_t end = open;
    for (; end < text.size(); ++end) {
      if (text[end] == '(') ++depth;
      if (text[end] == ')' && --depth == 0) break;
    }
    if (end == text.size()) return;
    text.erase(open, end + 1 - open);
    if (text.compare(open, 3, "#1}") == 0) text.erase(open, 2);
  }
}

// "void f<int>(int)" without its return type: up to the last space outside of brackets
// that stands before the function's own name.
std::string without_return_type(const std::string& text) {
  const std::vector<int> depth = depths(text);
  if (depth.empty()) return text;
  std::size_t begin = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (depth[i] != 0) continue;
    if (text[i] == '(' && text.compare(i, 21, "(anonymous namespace)") != 0 &&
        !names_operator(text, i)) {
      break;
    }
    const std::string_view word = std::string_view(text).substr(begin, i - begin);
    // An operator may have a space in its name, and behind it.
    if (text[i] == ' ' && word.find("operator") == word.npos) begin = i + 1;
  }
  return text.substr(begin);
}

// What stands between brackets that lie `level` deep becomes "...".
std::string fold(const std::string& text, char open, char close, int level) {
  const std::vector<int> depth = depths(text);
  if (depth.empty()) return text;
  std::string folded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    folded += text[i];
    const bool opens = text[i] == open && depth[i] >= level && !names_operator(text, i) &&
                       text.compare(i, 21, "(anonymous namespace)") != 0;
    if (!opens || i + 1 == text.size() || text[i + 1] == close) continue;
    const int here = depth[i];
    folded += "...";
    while (i + 1 < text.size() && !(text[i + 1] == close && depth[i + 1] == here)) ++i;
  }
  return folded;
}

// Without the outermost namespace or class.
std::string without_outer(const std::string& text) {
  const std::vector<int> depth = depths(text);
  for (std::size_t i = 0; i + 2 < text.size() && !depth.empty(); ++i) {
    if (depth[i] == 0 && text[i] == '(' && !names_operator(text, i) &&
        text.compare(i, 21, "(anonymous namespace)") != 0) {
      break;
    }
    if (depth[i] == 0 && text[i] == ':' && text[i + 1] == ':') return text.substr(i + 2);
  }
  return text;
}

// "emplace<...>(...) const" is emplace.
std::string bare_name(const std::string& text) {
  const std::vector<int> depth = depths(text);
  for (std::size_t i = 1; i < text.size() && !depth.empty(); ++i) {
    const bool opens = (text[i] == '(' || text[i] == '<') && depth[i] == 0;
    if (opens && !names_operator(text, i)) return text.substr(0, i);
  }
  return text;
}

// Its first letters.
std::string beginning(std::string text, std::size_t width) {
  while (display_width(text) > width) {
    do {
      const bool is_whole = (static_cast<unsigned char>(text.back()) & 0xc0) != 0x80;
      text.pop_back();
      if (is_whole) break;
    } while (!text.empty());
  }
  return text;
}

}  // namespace

std::string plain_name(std::string_view name) {
  std::string text(name);
  remove_marks(text);
  remove_inline_namespaces(text);
  shorten_lambdas(text);
  text = simplify_function(text);
  remove_all(text, "(anonymous namespace)::");
  return printable(text);
}

std::string short_name(std::string_view name, std::size_t width) {
  // Longer than anybody will see, and perhaps made to take long.
  constexpr std::size_t kLongest = 16'384;
  std::string text = plain_name(name.substr(0, kLongest));
  const auto fits = [&text, width] { return display_width(text) <= width; };
  if (!fits()) text = without_return_type(text);
  if (!fits()) text = fold(text, '(', ')', 0);
  constexpr int kDeepest = 4;
  for (int level = kDeepest; level >= 0 && !fits(); --level)
    text = fold(text, '<', '>', level);
  while (!fits()) {
    std::string inner = without_outer(text);
    if (inner == text) break;
    text = std::move(inner);
  }
  if (!fits()) text = bare_name(text);
  // In so little room three dots would say less than three letters.
  constexpr std::size_t kLittle = 9;
  return width < kLittle ? beginning(text, width) : shorten_middle(text, width);
}

}  // namespace memoir
