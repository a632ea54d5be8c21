// Feeds the chunk decoder with hostile bytes. With -fsanitize=fuzzer this is a libFuzzer
// target; without, main() runs it over generated inputs and over the files it is given,
// which is quick enough for every build.
//
//   clang++ -std=c++20 -g -O1 -fsanitize=fuzzer,address,undefined -DMEMOIR_LIBFUZZER
//       -Iruntime tests/fuzz/event_codec_fuzz.cpp runtime/trace/event_{en,de}coder.cpp
//       -lzstd

#include <zstd.h>

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <span>
#include <vector>

#include "trace/error.h"
#include "trace/event_codec.h"

namespace {

using memoir::TraceEvent;

std::vector<std::uint8_t> compressed(std::span<const std::uint8_t> raw) {
  std::vector<std::uint8_t> out(ZSTD_compressBound(raw.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), 1));
  return out;
}

// What decodes must encode again to the same events.
void decode(std::span<const std::uint8_t> bytes, std::size_t expected) {
  try {
    const std::vector<TraceEvent> events = memoir::decode_chunk(bytes, expected);
    if (memoir::decode_chunk(memoir::encode_chunk(events), events.size()) != events) {
      std::abort();
    }
  } catch (const memoir::Error&) {
  }
}

}  // namespace

// The first two bytes say how many events are promised. The others are tried as they are,
// and as columns, which a mutation of compressed bytes hardly ever reaches.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 2) return 0;
  const std::size_t expected = data[0] + data[1] * std::size_t{256};
  const std::span<const std::uint8_t> rest(data + 2, size - 2);
  decode(rest, expected);
  decode(compressed(rest), expected);
  return 0;
}

#ifndef MEMOIR_LIBFUZZER

namespace {

void run_input(const std::vector<std::uint8_t>& input) {
  LLVMFuzzerTestOneInput(input.data(), input.size());
}

// The columns of a real chunk behind a true count, for mutation.
std::vector<std::uint8_t> plausible_input(std::mt19937_64& random) {
  std::vector<TraceEvent> events(1 + random() % 300);
  for (TraceEvent& event : events) {
    event.kind = static_cast<memoir::TraceEventKind>(1 + random() % 6);
    event.t = random() % 100'000;
    event.address = 16 * (random() % 64);
    event.old_address = random() % 3 == 0 ? 16 * (random() % 64) : 0;
    event.size = random() % 100;
    event.stack = static_cast<std::uint32_t>(random() % 10);
    event.thread = static_cast<std::uint32_t>(random() % 3);
  }
  const std::vector<std::uint8_t> chunk = memoir::encode_chunk(events);
  std::vector<std::uint8_t> input(ZSTD_getFrameContentSize(chunk.data(), chunk.size()) +
                                  2);
  ZSTD_decompress(input.data() + 2, input.size() - 2, chunk.data(), chunk.size());
  input[0] = static_cast<std::uint8_t>(events.size());
  input[1] = static_cast<std::uint8_t>(events.size() >> 8);
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    run_input(std::vector<std::uint8_t>(std::istreambuf_iterator<char>(file), {}));
  }
  if (argc > 1) return 0;
  std::mt19937_64 random(20);
  constexpr int kRounds = 20'000;
  for (int round = 0; round < kRounds; ++round) {
    std::vector<std::uint8_t> input = plausible_input(random);
    run_input(input);
    for (std::uint64_t n = 1 + random() % 6; n != 0; --n) {
      input[2 + random() % (input.size() - 2)] = static_cast<std::uint8_t>(random());
    }
    if (random() % 8 == 0) input.resize(2 + random() % (input.size() - 2));
    run_input(input);
  }
  std::printf("%d inputs, no crash\n", 2 * kRounds);
  return 0;
}

#endif
