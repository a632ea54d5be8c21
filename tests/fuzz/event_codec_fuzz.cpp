// Feeds the chunk decoder with hostile bytes: frames that are none, columns of any
// content behind a frame that is right, and frames that unpack to far more than they
// promise.

#include <zstd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <span>
#include <vector>

#include "fuzz/generated_inputs.h"
#include "trace/error.h"
#include "trace/event_codec.h"

namespace {

using memoir::TraceEvent;

std::vector<std::uint8_t> compressed(std::span<const std::uint8_t> raw) {
  std::vector<std::uint8_t> out(ZSTD_compressBound(raw.size()));
  out.resize(ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), 1));
  return out;
}

// What decodes must encode again to the same events, their times apart.
void decode(std::span<const std::uint8_t> bytes, std::size_t expected) {
  try {
    const std::vector<TraceEvent> events = memoir::decode_chunk(bytes, expected);
    if (events.size() != expected) std::abort();
    std::vector<TraceEvent> cut = events;
    memoir::cut_times(cut);
    if (memoir::decode_chunk(memoir::encode_chunk(events), events.size()) != cut) {
      std::abort();
    }
  } catch (const memoir::Error&) {
  }
}

// A small frame whose content is the bytes again and again, in which the promised size is
// what they say: far too little, or far too much.
void decode_bomb(std::span<const std::uint8_t> bytes, std::size_t expected) {
  constexpr std::size_t kUnpacked = 8 << 20;
  static std::vector<std::uint8_t> raw(kUnpacked);
  for (std::size_t at = 0; at < kUnpacked; at += bytes.size()) {
    const std::size_t count = std::min(bytes.size(), kUnpacked - at);
    std::copy_n(bytes.begin(), count, raw.begin() + static_cast<std::ptrdiff_t>(at));
  }
  std::vector<std::uint8_t> frame = compressed(raw);
  decode(frame, expected);
  // Magic number (4), descriptor, window; then the four bytes of the content's size.
  constexpr std::size_t kContentSize = 6;
  for (std::size_t i = 0; i < 4 && i < bytes.size(); ++i) {
    frame[kContentSize + i] = bytes[i];
  }
  decode(frame, expected);
}

}  // namespace

// The first three bytes say how many events are promised, and what the others are.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::size_t expected = data[0] + data[1] * std::size_t{256};
  const std::span<const std::uint8_t> rest(data + 3, size - 3);
  decode(rest, expected);
  decode(compressed(rest), expected);
  // Rarely: it takes a thousand times as long as the others.
  if (data[2] == 255) decode_bomb(rest, 65536 - expected);
  return 0;
}

#ifndef MEMOIR_LIBFUZZER

namespace {

// The columns of a real chunk behind a true count.
memoir::FuzzInput plausible_input(std::mt19937_64& random) {
  std::vector<TraceEvent> events(1 + random() % 300);
  const std::uint64_t stacks = random() % 2 == 0 ? 10 : 1000;
  for (TraceEvent& event : events) {
    event.kind = static_cast<memoir::TraceEventKind>(1 + random() % 6);
    event.t = random() % 100'000;
    event.address = 16 * (random() % 64);
    event.old_address = random() % 3 == 0 ? 16 * (random() % 64) : 0;
    event.size = random() % 100;
    event.stack = static_cast<std::uint32_t>(random() % stacks);
    event.thread = static_cast<std::uint32_t>(random() % 3);
  }
  const std::vector<std::uint8_t> chunk = memoir::encode_chunk(events);
  memoir::FuzzInput input(ZSTD_getFrameContentSize(chunk.data(), chunk.size()) + 3);
  ZSTD_decompress(input.data() + 3, input.size() - 3, chunk.data(), chunk.size());
  input[0] = static_cast<std::uint8_t>(events.size());
  input[1] = static_cast<std::uint8_t>(events.size() >> 8);
  input[2] = random() % 1000 == 0 ? 255 : 0;
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  return memoir::fuzz_generated(argc, argv, 8'000, plausible_input);
}

#endif
