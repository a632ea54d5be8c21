#include "base/options.h"

#include <cstring>

namespace memoir {
namespace {

bool is_separator(char c) { return c == ':' || c == ',' || c == ' '; }

bool same(const char* begin, std::size_t length, const char* word) {
  return strlen(word) == length && memcmp(begin, word, length) == 0;
}

bool parse_value(const char* text, std::size_t length, bool& value) {
  if (same(text, length, "1") || same(text, length, "true")) {
    value = true;
    return true;
  }
  if (same(text, length, "0") || same(text, length, "false")) {
    value = false;
    return true;
  }
  return false;
}

bool parse_value(const char* text, std::size_t length, u64& value) {
  if (length == 0) return false;
  u64 number = 0;
  for (std::size_t i = 0; i < length; ++i) {
    if (text[i] < '0' || text[i] > '9') return false;
    if (__builtin_mul_overflow(number, u64{10}, &number)) return false;
    if (__builtin_add_overflow(number, static_cast<u64>(text[i] - '0'), &number)) {
      return false;
    }
  }
  value = number;
  return true;
}

bool parse_value(const char* text, std::size_t length, u32& value) {
  u64 number = 0;
  if (!parse_value(text, length, number) || number > UINT32_MAX) return false;
  value = static_cast<u32>(number);
  return true;
}

bool parse_value(const char* text, std::size_t length, Pattern& value) {
  if (length >= sizeof value.text) return false;
  memcpy(value.text, text, length);
  value.text[length] = '\0';
  return true;
}

// A word that name_of() gives for one of the first `count` values.
template <typename Enum>
bool parse_name(const char* text, std::size_t length, unsigned count, Enum& value) {
  for (unsigned i = 0; i < count; ++i) {
    if (!same(text, length, name_of(static_cast<Enum>(i)))) continue;
    value = static_cast<Enum>(i);
    return true;
  }
  return false;
}

bool parse_value(const char* text, std::size_t length, RunMode& value) {
  return parse_name(text, length, 3, value);
}

bool parse_value(const char* text, std::size_t length, OnFault& value) {
  return parse_name(text, length, 3, value);
}

bool parse_value(const char* text, std::size_t length, PinWith& value) {
  return parse_name(text, length, 3, value);
}

bool set_option(const char* name, std::size_t name_length, const char* value,
                std::size_t value_length, Options& options) {
#define MEMOIR_OPTION(type, option, default_value, help)     \
  if (same(name, name_length, #option)) {                    \
    return parse_value(value, value_length, options.option); \
  }
#include "base/options.inc"
#undef MEMOIR_OPTION
  return false;
}

}  // namespace

const char* name_of(RunMode mode) {
  return mode == RunMode::kGuard   ? "guard"
         : mode == RunMode::kCheck ? "check"
                                   : "profile";
}

const char* name_of(PinWith how) {
  switch (how) {
    case PinWith::kAuto:
      return "auto";
    case PinWith::kGuard:
      return "guard";
    case PinWith::kBreakpoint:
      return "breakpoint";
  }
  return "";
}

const char* name_of(OnFault action) {
  return action == OnFault::kAbort  ? "abort"
         : action == OnFault::kStop ? "stop"
                                    : "continue";
}

OptionError parse_options(const char* text, Options& options) {
  OptionError error;
  if (text == nullptr) return error;
  while (*text != '\0') {
    if (is_separator(*text)) {
      ++text;
      continue;
    }
    const char* end = text;
    while (*end != '\0' && !is_separator(*end)) ++end;
    const auto length = static_cast<std::size_t>(end - text);
    const void* found = memchr(text, '=', length);
    const char* equals = static_cast<const char*>(found);
    const bool good =
        equals != nullptr &&
        set_option(text, static_cast<std::size_t>(equals - text), equals + 1,
                   static_cast<std::size_t>(end - equals - 1), options);
    if (!good && !error.failed) {
      error.failed = true;
      const std::size_t kept =
          length < sizeof error.text - 1 ? length : sizeof error.text - 1;
      memcpy(error.text, text, kept);
    }
    text = end;
  }
  return error;
}

}  // namespace memoir
