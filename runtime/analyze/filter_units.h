#pragma once

// Figures as people type them into a filter: 64k, 1.5MiB, 2s, 150us, 0x7f00.
//
// Pure functions.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace memoir {

// k, m, g and t are powers of 1,024, with B, iB or nothing behind, in any case.
std::optional<std::uint64_t> parse_bytes(std::string_view text);
// Nanoseconds of: ns, us, ms, s, min, h; seconds without a unit.
std::optional<std::uint64_t> parse_duration(std::string_view text);
std::optional<std::uint64_t> parse_natural(std::string_view text);
// In base 16, with or without 0x.
std::optional<std::uint64_t> parse_address(std::string_view text);

// The shortest text that is parsed to the same.
std::string write_bytes(std::uint64_t bytes);
std::string write_duration(std::uint64_t nanoseconds);
std::string write_address(std::uint64_t address);

}  // namespace memoir
