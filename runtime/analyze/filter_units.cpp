#include "analyze/filter_units.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "analyze/ascii.h"

namespace memoir {
namespace {

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::array kByteUnits = {
    Unit{"t", std::uint64_t{1} << 40}, Unit{"g", std::uint64_t{1} << 30},
    Unit{"m", std::uint64_t{1} << 20}, Unit{"k", std::uint64_t{1} << 10}, Unit{"", 1}};
constexpr std::array kTimeUnits = {
    Unit{"h", 3'600'000'000'000}, Unit{"min", 60'000'000'000}, Unit{"s", 1'000'000'000},
    Unit{"ms", 1'000'000},        Unit{"us", 1'000},           Unit{"ns", 1}};

// Digits with at most one point, times the unit. Whole numbers are exact.
std::optional<std::uint64_t> scaled(std::string_view number, std::uint64_t unit) {
  if (number.empty()) return std::nullopt;
  const char* const end = number.data() + number.size();
  if (number.find('.') == number.npos) {
    std::uint64_t whole = 0, result = 0;
    const auto [stop, error] = std::from_chars(number.data(), end, whole);
    if (error != std::errc() || stop != end) return std::nullopt;
    if (__builtin_mul_overflow(whole, unit, &result)) return std::nullopt;
    return result;
  }
  double value = 0;
  const auto [stop, error] =
      std::from_chars(number.data(), end, value, std::chars_format::fixed);
  value = std::round(value * static_cast<double>(unit));
  if (error != std::errc() || stop != end || !(value >= 0) || value >= 1.8e19) {
    return std::nullopt;
  }
  return static_cast<std::uint64_t>(value);
}

// Number and unit apart.
struct Parts {
  std::string_view number, unit;
};

Parts split(std::string_view text) {
  const std::size_t end = std::min(text.find_first_not_of("0123456789."), text.size());
  return {text.substr(0, end), text.substr(end)};
}

// In the largest unit that it takes at most three decimals of.
template <typename Units>
std::string write_in(const Units& units, std::uint64_t value) {
  if (value == 0) return fmt::format("0{}", units.back().name);
  for (const Unit& unit : units) {
    if (value < unit.size) continue;
    std::string text = fmt::format(
        "{:.3f}", static_cast<double>(value) / static_cast<double>(unit.size));
    text.erase(text.find_last_not_of('0') + 1);
    if (text.back() == '.') text.pop_back();
    if (scaled(text, unit.size) == value) return text + std::string(unit.name);
  }
  return fmt::format("{}{}", value, units.back().name);
}

}  // namespace

std::optional<std::uint64_t> parse_bytes(std::string_view text) {
  const std::string low = lowered(text);
  const Parts parts = split(low);
  std::string_view unit = parts.unit;
  if (unit.ends_with('b')) unit.remove_suffix(1);
  if (unit.size() == 2 && unit.ends_with('i')) unit.remove_suffix(1);
  for (const Unit& known : kByteUnits) {
    if (unit == known.name) return scaled(parts.number, known.size);
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_duration(std::string_view text) {
  const Parts parts = split(text);
  for (const Unit& known : kTimeUnits) {
    if (parts.unit == known.name || (parts.unit.empty() && known.name == "s")) {
      return scaled(parts.number, known.size);
    }
  }
  return std::nullopt;
}

std::optional<std::uint64_t> parse_natural(std::string_view text) {
  if (text.find('.') != text.npos) return std::nullopt;
  return scaled(text, 1);
}

std::optional<std::uint64_t> parse_address(std::string_view text) {
  if (text.starts_with("0x") || text.starts_with("0X")) text.remove_prefix(2);
  std::uint64_t address = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, address, 16);
  if (text.empty() || error != std::errc() || stop != end) return std::nullopt;
  return address;
}

std::string write_bytes(std::uint64_t bytes) { return write_in(kByteUnits, bytes); }

std::string write_duration(std::uint64_t nanoseconds) {
  return write_in(kTimeUnits, nanoseconds);
}

std::string write_address(std::uint64_t address) {
  return fmt::format("0x{:x}", address);
}

}  // namespace memoir
