// Looks up frame rules in arbitrary call frame information: .eh_frame_hdr, CIEs and FDEs
// of any bytes. Nothing outside of them is read, and every look-up ends.

#include <sys/mman.h>

#include <cstdlib>
#include <cstring>

#include "fuzz/generated_inputs.h"
#include "unwind/cfi_program.h"
#include "unwind/eh_frame.h"

#if defined(__SANITIZE_ADDRESS__)
#define MEMOIR_ADDRESS_SANITIZER 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MEMOIR_ADDRESS_SANITIZER 1
#endif
#endif
#ifdef MEMOIR_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(begin, size) ((void)(begin), (void)(size))
#define ASAN_UNPOISON_MEMORY_REGION(begin, size) ((void)(begin), (void)(size))
#endif

namespace {

constexpr std::size_t kRoom = 65536;
constexpr std::size_t kPage = 4096;
// The functions that the information is about; nothing is mapped there.
constexpr std::uint64_t kCode = 0x10000;

// Always at the same address, so that an input does the same in each run: what is encoded
// is relative to itself. Ends at a page that cannot be read.
std::uint8_t* room() {
  static std::uint8_t* const begin = [] {
    void* const wanted = reinterpret_cast<void*>(std::uint64_t{0x5000'0000'0000});
    void* pages = mmap(wanted, kRoom + kPage, PROT_NONE,
                       MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED_NOREPLACE, -1, 0);
    if (pages != wanted || mprotect(pages, kRoom, PROT_READ | PROT_WRITE) != 0) {
      std::abort();
    }
    return static_cast<std::uint8_t*>(pages);
  }();
  return begin;
}

}  // namespace

// Two bytes say which function is asked for, two where an FDE lies; the rest is a header
// and what follows it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 5 || size > kRoom) return 0;
  std::uint16_t where[2];
  std::memcpy(where, data, sizeof where);
  data += sizeof where;
  size -= sizeof where;
  ASAN_UNPOISON_MEMORY_REGION(room(), kRoom);
  std::uint8_t* const end = room() + kRoom;
  std::uint8_t* const begin = end - size;
  std::memcpy(begin, data, size);
  ASAN_POISON_MEMORY_REGION(room(), kRoom - size);

  const memoir::CfiBytes bytes{begin, end};
  const std::uint64_t pc = reinterpret_cast<std::uint64_t>(begin) + kCode + where[0];
  for (std::uint64_t step = 0; step < 64; step += 7) {
    const memoir::FrameRule rule =
        memoir::frame_rule_from_header(bytes, begin, pc + step);
    if (rule.pc != pc + step) std::abort();
    memoir::run_cfi_program(bytes, begin + where[1] % size, pc + step);
  }
  return 0;
}

#ifndef MEMOIR_LIBFUZZER

namespace {

class Section {
 public:
  explicit Section(memoir::FuzzInput& bytes) : bytes_(bytes) {}
  std::size_t size() const { return bytes_.size() - kFront; }
  template <typename T>
  void byte(T value) {
    bytes_.push_back(static_cast<std::uint8_t>(value));
  }
  void word(std::uint64_t value) {
    for (unsigned shift = 0; shift < 32; shift += 8) byte(value >> shift);
  }
  void set_word(std::size_t at, std::uint64_t value) {
    for (std::size_t i = 0; i < 4; ++i) {
      bytes_[kFront + at + i] = static_cast<std::uint8_t>(value >> 8 * i);
    }
  }

 private:
  static constexpr std::size_t kFront = 4;  // which function, which FDE
  memoir::FuzzInput& bytes_;
};

void put_instructions(Section& section, std::mt19937_64& random) {
  for (std::uint64_t n = random() % 20; n != 0; --n) {
    switch (random() % 8) {
      case 0:  // advance
        section.byte(0x40 | random() % 8);
        break;
      case 1:  // offset: of the frame pointer, mostly
        section.byte(0x80 | (random() % 2 == 0 ? 6 : random() % 17));
        section.byte(random() % 20);
        break;
      case 2:  // def_cfa
        section.byte(0x0c);
        section.byte(6 + random() % 2);
        section.byte(random() % 128);
        break;
      case 3:  // def_cfa_offset
        section.byte(0x0e);
        section.byte(random() % 128);
        break;
      case 4:  // remember, restore
        section.byte(0x0a + random() % 2);
        break;
      case 5:  // expression: rbp at [rbp - 8 * n]
        section.byte(0x0f + random() % 2);
        if (random() % 2 == 0) section.byte(6);
        section.byte(2 + random() % 2);
        section.byte(0x76);
        section.byte(0x40 + random() % 64);
        section.byte(0x06);
        break;
      default:
        section.byte(random() % 0x30);
    }
  }
}

// A header, its table, one CIE and a few functions of 64 bytes.
memoir::FuzzInput plausible_input(std::mt19937_64& random) {
  memoir::FuzzInput input(4);
  Section section(input);
  const std::uint64_t functions = 1 + random() % 6;
  for (const int byte : {0x01, 0x1b, 0x03, 0x3b}) section.byte(byte);
  section.word(8 + functions * 8);
  section.word(functions);
  const std::size_t table = section.size();
  for (std::uint64_t i = 0; i < 2 * functions; ++i) section.word(0);

  const std::size_t cie = section.size();
  section.word(0);  // its length, set below
  section.word(0);
  const bool is_signal_frame = random() % 8 == 0;
  section.byte(1);
  for (const char letter : {'z', 'R'}) section.byte(static_cast<std::uint8_t>(letter));
  if (is_signal_frame) section.byte('S');
  for (const int byte : {0, 1, 0x78, 16, 1, 0x1b}) section.byte(byte);
  for (const int byte : {0x0c, 7, 8, 0x90, 1}) section.byte(byte);
  section.set_word(cie, section.size() - cie - 4);

  for (std::uint64_t i = 0; i < functions; ++i) {
    const std::size_t fde = section.size();
    const std::uint64_t start = kCode + i * 64;
    section.set_word(table + i * 8, start);
    section.set_word(table + i * 8 + 4, fde);
    section.word(0);
    section.word(section.size() - cie);
    section.word(start - section.size());
    section.word(64);
    section.byte(0);
    put_instructions(section, random);
    section.set_word(fde, section.size() - fde - 4);
    const std::uint64_t at[] = {random() % (functions * 64), fde};
    for (std::size_t k = 0; k < 2; ++k) {
      input[2 * k] = static_cast<std::uint8_t>(at[k]);
      input[2 * k + 1] = static_cast<std::uint8_t>(at[k] >> 8);
    }
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  return memoir::fuzz_generated(argc, argv, 20'000, plausible_input);
}

#endif
