// Reads line tables and range lists of any bytes, as they may stand in a file that a
// traced program loaded. Nothing outside of them is read, and a table that is understood
// answers.

#include <cstdlib>
#include <cstring>
#include <memory>

#include "fuzz/generated_inputs.h"
#include "symbolize/abbreviations.h"
#include "symbolize/line_table.h"
#include "symbolize/range_list.h"

// One byte says where the table begins, one how long the strings are; they come first.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t begin = data[0] % 4, strings = data[1];
  if (size < 2 + strings) return 0;
  // Copies, so that a read beyond one is seen.
  const auto copy = [](const std::uint8_t* from, std::size_t n) {
    std::unique_ptr<std::uint8_t[]> bytes(new std::uint8_t[n]);
    if (n > 0) std::memcpy(bytes.get(), from, n);
    return bytes;
  };
  const std::size_t rest = size - 2 - strings;
  const auto text = copy(data + 2, strings), bytes = copy(data + 2 + strings, rest);
  memoir::DwarfSections sections;
  sections.line = sections.abbreviations = sections.ranges =
      sections.range_lists = {bytes.get(), rest};
  sections.line_strings = sections.strings = {text.get(), strings};
  auto table = memoir::LineTable::read(sections, begin, "/made");
  if (table) {
    for (std::size_t i = 0; i < table->files(); ++i) table->file(i);
    for (std::uint64_t at = 0; at < 4096; at += 3) {
      const auto* row = table->find(at);
      if (row == nullptr) continue;
      if (row->address > at || row->file >= table->files() || row->line < 0) std::abort();
    }
  }
  memoir::Abbreviations().read(sections.abbreviations, begin, {});
  for (const unsigned version : {4U, 5U}) {
    memoir::CodeRanges ranges;
    memoir::read_range_list(sections, version, begin, 0x1000, ranges);
  }
  return 0;
}

#ifndef MEMOIR_LIBFUZZER

namespace {

template <typename T>
void put(memoir::FuzzInput& input, T value, std::size_t bytes = 1) {
  for (std::size_t i = 0; i < bytes; ++i) {
    input.push_back(
        static_cast<std::uint8_t>(static_cast<std::uint64_t>(value) >> 8 * i));
  }
}

void put_program(memoir::FuzzInput& input, std::mt19937_64& random) {
  for (std::uint64_t sequences = random() % 5; sequences != 0; --sequences) {
    for (const int byte : {0, 9, 2}) put(input, byte);
    put(input, random() % 2048, 8);
    for (std::uint64_t n = random() % 40; n != 0; --n) {
      switch (random() % 6) {
        case 0:  // advance_line
          put(input, 3);
          put(input, random() % 128);
          break;
        case 1:  // set_file
          put(input, 4);
          put(input, random() % 3);
          break;
        case 2:  // discriminator
          for (const int byte : {0, 2, 4, 1}) put(input, byte);
          break;
        default:
          put(input, 10 + random() % 246);
      }
    }
    for (const int byte : {0, 1, 1}) put(input, byte);
  }
}

// A table of version 4, with two files, or 5, with its names in another section.
memoir::FuzzInput plausible_input(std::mt19937_64& random) {
  const bool is_new = random() % 2 == 0;
  memoir::FuzzInput header, input;
  for (const int byte : {1, 1, 1, 0xfb, 14, 13, 0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1}) {
    put(header, byte);
  }
  if (is_new) {
    for (const int byte : {1, 1, 0x1f, 1}) put(header, byte);  // a path in line_strings
    put(header, 0, 4);
    for (const int byte : {2, 1, 0x1f, 2, 0x0b, 2}) put(header, byte);
    for (int file = 0; file < 2; ++file) {
      put(header, 4, 4);
      put(header, 0);
    }
  } else {
    for (const char letter : {'d', '\0', '\0', 'a', '\0', '\0', '\0', '\0', 'b', '\0',
                              '\1', '\0', '\0', '\0'}) {
      put(header, letter);
    }
  }
  memoir::FuzzInput program;
  put_program(program, random);
  put(input, 0);
  put(input, 8);
  for (const char letter : {'/', 'd', 'i', '\0', 'f', '.', 'c', '\0'}) put(input, letter);
  const std::size_t sizes = is_new ? 2 : 0;
  put(input, 2 + sizes + 4 + header.size() + program.size(), 4);
  put(input, is_new ? 5 : 4, 2);
  if (is_new) {
    put(input, 8);
    put(input, 0);
  }
  put(input, header.size(), 4);
  input.insert(input.end(), header.begin(), header.end());
  input.insert(input.end(), program.begin(), program.end());
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  return memoir::fuzz_generated(argc, argv, 20'000, plausible_input);
}

#endif
