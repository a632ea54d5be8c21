#pragma once

// Figures and names as people read them. Pure functions.

#include <cstdint>
#include <string>
#include <string_view>

namespace memoir {

std::string format_count(std::uint64_t value);  // 1,234,567
std::string format_bytes(std::uint64_t bytes);  // 512 B, 1.5 KiB, 2,048.0 GiB
std::string format_duration(
    std::uint64_t nanoseconds);  // 85 us, 12 ms, 1.25 s, 2 min 03 s
// A point in time, exact enough to tell neighbours apart: 850 ns, 6.721 ms, 2.220301 s.
std::string format_time(std::uint64_t nanoseconds);
std::string format_percent(std::uint64_t part, std::uint64_t whole);  // 12.5%, "-" of 0
// "1 block", "1,234 blocks".
std::string format_things(std::uint64_t count, std::string_view singular);

// How a process ended, from the trace's word for it: "exited with status 1".
std::string describe_end(std::string_view end, bool still_recording);

// The last component of a path.
std::string_view base_name(std::string_view path);

// At most `width` characters: the middle goes, as both ends of a C++ name tell most.
std::string shorten_middle(std::string_view text, std::size_t width);
// At most `width` characters: the front goes, as the end of a path tells most.
std::string shorten_front(std::string_view text, std::size_t width);
// A C++ name without what says nothing: std::string by its name, no default allocators.
std::string simplify_function(std::string_view name);

// UTF-8 aware: how many columns a text takes, taking each code point as one.
std::size_t display_width(std::string_view text);
// Without control characters, which could steer the terminal from a trace.
std::string printable(std::string_view text);

}  // namespace memoir
