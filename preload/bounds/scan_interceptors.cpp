// The scanf family's destinations. How much is written into them is known when it was
// written: what the guards see meanwhile is told of then.

#include "bounds/listed_interceptor.h"
#include "bounds/string_range.h"

namespace memoir {
namespace {

// What one conversion writes to.
struct Destination {
  void* at = nullptr;
  std::size_t size = 0;  // of a character or of the value
  std::size_t most = 1;  // so many at most
  bool is_string = false;
};

// Takes the destinations that a format says from a list, in turn. Formats with positions
// (%1$s) are not understood.
class DestinationWalk {
 public:
  DestinationWalk(const char* format, va_list list) : at_(format) {
    va_copy(list_, list);
  }
  ~DestinationWalk() { va_end(list_); }
  DestinationWalk(const DestinationWalk&) = delete;
  DestinationWalk& operator=(const DestinationWalk&) = delete;

  // Calls visit(destination, counts): what counts is in the function's answer.
  template <typename Visit>
  void visit(Visit visit) {
    for (; *at_ != '\0'; ++at_) {
      if (*at_ != '%') continue;
      if (*++at_ == '%') continue;
      if (!read(visit)) return;
    }
  }

 private:
  template <typename Visit>
  bool read(Visit visit) {
    bool is_suppressed = false, is_allocated = false;
    std::size_t width = 0;
    while (*at_ == '*' || *at_ == '\'' || *at_ == 'I') is_suppressed |= *at_++ == '*';
    for (; *at_ >= '0' && *at_ <= '9'; ++at_) {
      if (width < kMostWidth) width = width * 10 + static_cast<std::size_t>(*at_ - '0');
    }
    if (*at_ == 'm') {
      is_allocated = true;
      ++at_;
    }
    const std::size_t size = read_size();
    const char letter = *at_;
    if (letter == '\0' || letter == '$') return false;
    if (letter == '[') skip_set();
    if (is_suppressed) return true;
    Destination to = destination(letter, size, width);
    if (to.size == 0) return false;
    to.at = va_arg(list_, void*);
    if (is_allocated) to = {to.at, sizeof(void*)};
    visit(to, letter != 'n');
    return *at_ != '\0';
  }

  static constexpr std::size_t kMostWidth = std::size_t{1} << 40;

  // Of an integer; the others have theirs from it.
  std::size_t read_size() {
    switch (*at_) {
      case 'h':
        if (at_[1] != 'h') return ++at_, sizeof(short);
        return at_ += 2, sizeof(char);
      case 'l':
        at_ += at_[1] == 'l' ? 2 : 1;
        return sizeof(long);
      case 'q':
      case 'j':
      case 'z':
      case 't':
        return ++at_, sizeof(long);
      case 'L':
        return ++at_, sizeof(long double);
      default:
        return sizeof(int);
    }
  }

  void skip_set() {
    ++at_;
    if (*at_ == '^') ++at_;
    if (*at_ == ']') ++at_;
    while (*at_ != '\0' && *at_ != ']') ++at_;
  }

  static Destination destination(char letter, std::size_t size, std::size_t width) {
    const std::size_t character = size == sizeof(long) ? sizeof(wchar_t) : sizeof(char);
    const std::size_t most = width == 0 ? kUnbounded / sizeof(wchar_t) : width + 1;
    switch (letter) {
      case 's':
      case '[':
        return {nullptr, character, most, true};
      case 'S':
        return {nullptr, sizeof(wchar_t), most, true};
      case 'c':
        return {nullptr, character, width == 0 ? 1 : width};
      case 'C':
        return {nullptr, sizeof(wchar_t), width == 0 ? 1 : width};
      case 'd':
      case 'i':
      case 'o':
      case 'u':
      case 'x':
      case 'X':
      case 'n':
        return {nullptr, size == sizeof(long double) ? sizeof(long) : size};
      case 'e':
      case 'f':
      case 'g':
      case 'a':
      case 'E':
      case 'F':
      case 'G':
      case 'A':
        return {nullptr, size};
      case 'p':
        return {nullptr, sizeof(void*)};
      default:
        return {};
    }
  }

  const char* at_;
  va_list list_;
};

bool are_destinations_sound(const char* format, va_list list) {
  bool sound = true;
  DestinationWalk(format, list).visit([&](const Destination& to, bool) {
    sound = sound && to.most * to.size <= room_at(to.at);
  });
  return sound;
}

std::size_t written_to(const Destination& to) {
  if (!to.is_string) return to.most * to.size;
  return to.size == 1 ? real_length(static_cast<const char*>(to.at)) + 1
                      : (real_length(static_cast<const wchar_t*>(to.at)) + 1) * to.size;
}

template <typename Real>
[[gnu::noinline]] int scan(const char* name, const void* frame, const char* format,
                           va_list list, Real real) {
  if (MEMOIR_LIKELY(are_destinations_sound(format, list))) return real(list);
  SuspectCall call(name, frame);
  call.is_told_later();
  va_list again;
  va_copy(again, list);
  const int converted = real(list);
  int left = converted;
  DestinationWalk(format, again).visit([&](const Destination& to, bool counts) {
    if (left <= 0) return;
    if (counts) --left;
    const std::size_t written = written_to(to);
    if (written > room_at(to.at)) call.writes(to.at, written);
  });
  va_end(again);
  return converted;
}

// What sscanf reads is a string like any other.
template <typename Real>
[[gnu::noinline]] int scan_text(const char* name, const void* frame, const char* text,
                                const char* format, va_list list, Real real) {
  return read_string(name, frame, text, kUnbounded,
                     [=] { return scan(name, frame, format, list, real); });
}

}  // namespace
}  // namespace memoir

using memoir::scan;
using memoir::scan_text;

#define MEMOIR_SCANS(prefix)                                                            \
  MEMOIR_LISTED(prefix##scanf, prefix##vscanf, "scanf", (const char* format), (format), \
                scan, (format))                                                         \
  MEMOIR_LISTED(prefix##fscanf, prefix##vfscanf, "fscanf",                              \
                (FILE * stream, const char* format), (stream, format), scan, (format))  \
  MEMOIR_LISTED(prefix##sscanf, prefix##vsscanf, "sscanf",                              \
                (const char* in, const char* format), (in, format), scan_text,          \
                (in, format))

MEMOIR_SCANS()
MEMOIR_SCANS(__isoc99_)
MEMOIR_SCANS(__isoc23_)
