#include "analyze/units.h"

#include <fmt/format.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <utility>

namespace memoir {
namespace {

bool continues_code_point(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The byte at which the code point number `index` begins.
std::size_t byte_of(std::string_view text, std::size_t index) {
  std::size_t at = 0;
  while (at < text.size()) {
    if (!continues_code_point(text[at]) && index-- == 0) break;
    ++at;
  }
  return at;
}

void replace_all(std::string& text, std::string_view from, std::string_view to) {
  for (std::size_t at = 0; (at = text.find(from, at)) != std::string::npos;
       at += to.size()) {
    text.replace(at, from.size(), to);
  }
}

// Takes away ", std::allocator<...>" and the like: `prefix` up to its closing bracket.
void remove_argument(std::string& text, std::string_view prefix) {
  std::size_t at = 0;
  while ((at = text.find(prefix, at)) != std::string::npos) {
    std::size_t end = at + prefix.size();
    for (int depth = 1; end < text.size() && depth > 0; ++end) {
      if (text[end] == '<') ++depth;
      if (text[end] == '>') --depth;
    }
    text.erase(at, end - at);
    if (at < text.size() && text[at] == ' ') text.erase(at, 1);
  }
}

}  // namespace

std::string format_count(std::uint64_t value) {
  std::string digits = std::to_string(value);
  for (std::size_t at = digits.size(); at > 3;) digits.insert(at -= 3, ",");
  return digits;
}

std::string format_bytes(std::uint64_t bytes) {
  if (bytes < 1024) return format_count(bytes) + " B";
  double value = static_cast<double>(bytes);
  const char* unit = "B";
  for (const char* next : {"KiB", "MiB", "GiB", "TiB", "PiB"}) {
    // 1,023.95 KiB would be rounded to 1,024.0.
    if (value < 1023.95) break;
    value /= 1024;
    unit = next;
  }
  const auto tenths = static_cast<std::uint64_t>(std::llround(value * 10));
  return fmt::format("{}.{} {}", format_count(tenths / 10), tenths % 10, unit);
}

std::string format_duration(std::uint64_t ns) {
  const double seconds = static_cast<double>(ns) / 1e9;
  if (ns < 1'000) return fmt::format("{} ns", ns);
  if (ns < 1'000'000) return fmt::format("{} us", ns / 1'000);
  if (ns < 1'000'000'000) return fmt::format("{} ms", ns / 1'000'000);
  if (seconds < 60) return fmt::format("{:.2f} s", seconds);
  const auto whole = ns / 1'000'000'000;
  if (whole < 3600) return fmt::format("{} min {:02} s", whole / 60, whole % 60);
  return fmt::format("{} h {:02} min", whole / 3600, whole % 3600 / 60);
}

std::string format_time(std::uint64_t nanoseconds) {
  const double t = static_cast<double>(nanoseconds);
  if (nanoseconds < 1'000) return fmt::format("{} ns", nanoseconds);
  if (nanoseconds < 1'000'000) return fmt::format("{:.3f} us", t / 1e3);
  if (nanoseconds < 1'000'000'000) return fmt::format("{:.3f} ms", t / 1e6);
  return fmt::format("{:.6f} s", t / 1e9);
}

std::string format_percent(std::uint64_t part, std::uint64_t whole) {
  if (whole == 0) return "-";
  return fmt::format("{:.1f}%",
                     100.0 * static_cast<double>(part) / static_cast<double>(whole));
}

std::string format_things(std::uint64_t count, std::string_view singular) {
  return fmt::format("{} {}{}", format_count(count), singular, count == 1 ? "" : "s");
}

std::string describe_end(std::string_view end, bool still_recording) {
  const auto number_after = [end](std::string_view prefix) {
    int number = -1;
    if (end.starts_with(prefix)) {
      std::from_chars(end.data() + prefix.size(), end.data() + end.size(), number);
    }
    return number;
  };
  if (const int status = number_after("exit:"); status >= 0) {
    return fmt::format("exited with status {}", status);
  }
  if (const int signal = number_after("signal:"); signal >= 0) {
    const char* name = sigabbrev_np(signal);
    return name != nullptr ? fmt::format("killed by SIG{}", name)
                           : fmt::format("killed by signal {}", signal);
  }
  if (end == "exec") return "replaced by exec";
  if (end == "killed") return "killed";
  if (end == "running") {
    return still_recording ? "still running" : "running at the last moment";
  }
  return std::string(end);
}

std::string_view base_name(std::string_view path) {
  const std::size_t slash = path.rfind('/');
  return slash == path.npos ? path : path.substr(slash + 1);
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  for (const char c : text) width += continues_code_point(c) ? 0 : 1;
  return width;
}

std::string shorten_middle(std::string_view text, std::size_t width) {
  const std::size_t length = display_width(text);
  if (length <= width) return std::string(text);
  if (width <= 3) return std::string(text.substr(0, byte_of(text, width)));
  // The front says which namespace and class, the end which method and arguments.
  const std::size_t tail = (width - 3) / 2;
  const std::size_t head = width - 3 - tail;
  return std::string(text.substr(0, byte_of(text, head))) + "..." +
         std::string(text.substr(byte_of(text, length - tail)));
}

std::string shorten_front(std::string_view text, std::size_t width) {
  const std::size_t length = display_width(text);
  if (length <= width) return std::string(text);
  if (width <= 3) return std::string(text.substr(byte_of(text, length - width)));
  return "..." + std::string(text.substr(byte_of(text, length - (width - 3))));
}

std::string simplify_function(std::string_view name) {
  std::string text(name);
  replace_all(text, "std::__cxx11::", "std::");
  replace_all(text, "std::__detail::", "std::");
  replace_all(text, "(anonymous namespace)::", "");
  replace_all(text,
              "std::basic_string<char, std::char_traits<char>, std::allocator<char> >",
              "std::string");
  replace_all(text, "std::basic_string_view<char, std::char_traits<char> >",
              "std::string_view");
  for (const char* prefix :
       {", std::allocator<", ", std::char_traits<", ", std::less<", ", std::hash<",
        ", std::equal_to<", ", std::default_delete<"}) {
    remove_argument(text, prefix);
  }
  replace_all(text, " >", ">");
  return text;
}

std::string printable(std::string_view text) {
  std::string clean(text);
  for (char& c : clean) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = '?';
  }
  return clean;
}

}  // namespace memoir
