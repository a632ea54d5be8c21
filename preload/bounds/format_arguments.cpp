#include "bounds/format_arguments.h"

#include <wchar.h>

#include <cstddef>
#include <cstdint>

#include "bounds/string_range.h"

namespace memoir {
namespace {

enum class Length { kNone, kLong, kLongLong, kLongDouble, kSize };

// One conversion: what is between the '%' and the letter that ends it.
struct Conversion {
  char letter = 0;  // 0: not understood
  Length length = Length::kNone;
  bool has_precision = false;
  int precision = 0;
};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool is_flag(char c) {
  return c == '-' || c == '+' || c == ' ' || c == '#' || c == '0' || c == '\'' ||
         c == 'I';
}

// Takes arguments from a list, as the format says.
class ArgumentWalk {
 public:
  ArgumentWalk(const char* format, va_list list) : at_(format) { va_copy(list_, list); }
  ~ArgumentWalk() { va_end(list_); }
  ArgumentWalk(const ArgumentWalk&) = delete;
  ArgumentWalk& operator=(const ArgumentWalk&) = delete;

  // Calls visit(text, most) with each string, of either kind of character.
  template <typename Visit>
  void visit_strings(Visit visit) {
    while (const Next conversion = next()) {
      const std::size_t most = conversion.has_precision && conversion.precision >= 0
                                   ? static_cast<std::size_t>(conversion.precision)
                                   : kUnbounded;
      if (conversion.letter == 's' && conversion.length == Length::kNone) {
        if (const char* text = va_arg(list_, const char*)) visit(text, most);
      } else if (conversion.letter == 's' || conversion.letter == 'S') {
        const wchar_t* text = va_arg(list_, const wchar_t*);
        // A precision counts the bytes that are made of them.
        if (text != nullptr && most == kUnbounded) visit(text, most);
      } else if (!take(conversion)) {
        return;
      }
    }
  }

 private:
  struct Next : Conversion {
    bool found = false;
    explicit operator bool() const { return found; }
  };

  // The next conversion that takes an argument; its width and precision are taken.
  Next next() {
    Next conversion;
    for (;;) {
      while (*at_ != '\0' && *at_ != '%') ++at_;
      if (*at_ == '\0') return conversion;
      ++at_;
      if (*at_ == '%') {
        ++at_;
        continue;
      }
      conversion.found = read(conversion);
      if (conversion.found && conversion.letter == 'm') continue;  // takes none
      return conversion;
    }
  }

  // A number of the format, or an argument; false where it is a position.
  bool read_number(int& number) {
    if (*at_ == '*') {
      ++at_;
      if (is_digit(*at_)) return false;
      number = va_arg(list_, int);
      return true;
    }
    number = 0;
    for (; is_digit(*at_); ++at_) {
      if (number < 100000000) number = number * 10 + (*at_ - '0');
    }
    return *at_ != '$';
  }

  bool read(Conversion& conversion) {
    while (is_flag(*at_)) ++at_;
    int width = 0;
    if (!read_number(width)) return false;
    conversion.has_precision = *at_ == '.';
    if (conversion.has_precision) {
      ++at_;
      if (!read_number(conversion.precision)) return false;
    }
    conversion.length = read_length();
    conversion.letter = *at_;
    if (*at_ == '\0') return false;
    ++at_;
    return true;
  }

  Length read_length() {
    switch (*at_) {
      case 'h':
        at_ += at_[1] == 'h' ? 2 : 1;
        return Length::kNone;
      case 'l':
        if (at_[1] == 'l') {
          at_ += 2;
          return Length::kLongLong;
        }
        ++at_;
        return Length::kLong;
      case 'q':
        ++at_;
        return Length::kLongLong;
      case 'L':
        ++at_;
        return Length::kLongDouble;
      case 'j':
      case 'z':
      case 'Z':
      case 't':
        ++at_;
        return Length::kSize;
      default:
        return Length::kNone;
    }
  }

  // Takes what is no string. False where it is not understood.
  bool take(const Conversion& conversion) {
    switch (conversion.letter) {
      case 'd':
      case 'i':
      case 'o':
      case 'u':
      case 'x':
      case 'X':
      case 'c':
      case 'C':
        if (conversion.length == Length::kNone) {
          va_arg(list_, int);
        } else {
          va_arg(list_, long long);  // long and size_t are no smaller
        }
        return true;
      case 'e':
      case 'E':
      case 'f':
      case 'F':
      case 'g':
      case 'G':
      case 'a':
      case 'A':
        if (conversion.length == Length::kLongDouble) {
          va_arg(list_, long double);
        } else {
          va_arg(list_, double);
        }
        return true;
      case 'p':
      case 'n':
        va_arg(list_, void*);
        return true;
      default:
        return false;
    }
  }

  static_assert(sizeof(long) == sizeof(long long));

  const char* at_;
  va_list list_;
};

bool has_strings(const char* format) {
  for (; *format != '\0'; ++format) {
    if (*format == 's' || *format == 'S') return true;
  }
  return false;
}

}  // namespace

bool are_arguments_sound(const char* format, va_list list) {
  if (format == nullptr) return true;
  if (room_at(format) != kUnbounded && !measure(format).ended) return false;
  if (!has_strings(format)) return true;
  bool sound = true;
  ArgumentWalk(format, list).visit_strings([&](const auto* text, std::size_t most) {
    if (room_at(text) == kUnbounded) return;
    sound = sound && measure(text, most).ended;
  });
  return sound;
}

void tell_arguments(SuspectCall& call, const char* format, va_list list) {
  if (const Measured measured = measure(format); !measured.ended) {
    return tell_unterminated(call, format, measured.length);
  }
  ArgumentWalk(format, list).visit_strings([&](const auto* text, std::size_t most) {
    const Measured measured = measure(text, most);
    if (!measured.ended) call.reads(text, (measured.length + 1) * sizeof *text);
  });
}

}  // namespace memoir
