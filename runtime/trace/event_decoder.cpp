#include <zstd.h>

#include <array>
#include <cstring>
#include <memory>
#include <unordered_map>

#include "trace/error.h"
#include "trace/event_codec.h"
#include "trace/event_columns.h"
#include "trace/freed_blocks.h"

namespace memoir {
namespace {

using namespace chunk;

constexpr std::size_t kMaxEventBytes = 8 * (kMaxVarint + 1);
constexpr std::size_t kMaxRaw = kChunkEvents * (kMaxEventBytes + 16) + 256;
constexpr std::size_t kPadding = 16;  // zero bytes after the columns; see ColumnReader

// Reads one column. A read that starts inside the column may end up to kMaxVarint bytes
// after it: the buffer is padded for that, and done() tells.
class ColumnReader {
 public:
  ColumnReader() = default;
  ColumnReader(const std::uint8_t* begin, const std::uint8_t* end)
      : at_(begin), end_(end) {}

  std::uint64_t get() {
    if (at_ >= end_) throw Error("damaged events: a column ends early");
    std::uint64_t v = *at_++;
    if (v < 128) return v;
    v &= 127;
    for (unsigned shift = 7; shift < 64; shift += 7) {
      const std::uint64_t byte = *at_++;
      v |= (byte & 127) << shift;
      if (byte < 128) return v;
    }
    throw Error("damaged events: a number is too long");
  }
  std::uint8_t get_byte() {
    if (at_ >= end_) throw Error("damaged events: a column ends early");
    return *at_++;
  }
  std::uint64_t get_at_most(std::uint64_t most) {
    const std::uint64_t v = get();
    if (v > most) throw Error("damaged events: a number is too large");
    return v;
  }
  const std::uint8_t* at() const { return at_; }
  std::size_t left() const {
    return at_ < end_ ? static_cast<std::size_t>(end_ - at_) : 0;
  }
  bool done() const { return at_ == end_; }

 private:
  const std::uint8_t* at_ = nullptr;
  const std::uint8_t* end_ = nullptr;
};

class Decoder {
 public:
  Decoder(std::span<const std::uint8_t> raw, std::size_t expected)
      : columns_{}, expected_(expected) {
    ColumnReader head(raw.data(), raw.data() + raw.size());
    if (head.get() != expected) throw Error("damaged events: not as many as promised");
    t0_ = head.get();
    tick_log2_ = static_cast<unsigned>(head.get_at_most(63));
    read_shapes(head);
    read_listed_stacks(head);
    std::array<std::size_t, kColumns> sizes{};
    for (std::size_t& size : sizes) size = head.get_at_most(raw.size());
    for (std::size_t i = 0; i < kColumns; ++i) {
      if (sizes[i] > head.left()) throw Error("damaged events: a column is cut off");
      columns_[i] = ColumnReader(head.at(), head.at() + sizes[i]);
      head = ColumnReader(head.at() + sizes[i], raw.data() + raw.size());
    }
    if (!head.done()) throw Error("damaged events: bytes after the last column");
  }

  void run(std::vector<TraceEvent>& events) {
    made_.resize(expected_);
    made_classes_.resize(expected_);
    std::uint64_t tick = 0;
    for (std::size_t i = 0; i < expected_; ++i) {
      tick += unzigzag(columns_[kTime].get());
      const std::uint64_t number = columns_[kShape].get();
      if (number >= shapes_.size()) throw Error("damaged events: no such shape");
      TraceEvent& event = events.emplace_back();
      event.t = t0_ + (tick << tick_log2_);
      read(event, shapes_[number]);
    }
    for (const ColumnReader& column : columns_) {
      if (!column.done()) throw Error("damaged events: a column is too long");
    }
  }

 private:
  struct KnownShape {
    Shape shape;
    std::uint32_t context;
  };

  void read_shapes(ColumnReader& head) {
    const std::size_t count = head.get_at_most(expected_);
    std::unordered_map<std::uint32_t, std::uint32_t> threads;
    shapes_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
      Shape shape;
      shape.kind = static_cast<std::uint8_t>(head.get_at_most(255));
      shape.api = static_cast<std::uint8_t>(head.get_at_most(255));
      shape.alignment_log2 = static_cast<std::uint8_t>(head.get_at_most(255));
      shape.fields = static_cast<std::uint8_t>(head.get_at_most(255));
      shape.thread = static_cast<std::uint32_t>(head.get_at_most(~0U));
      constexpr auto kLast = static_cast<std::uint8_t>(TraceEventKind::kPoolReset);
      if (shape.kind < 1 || shape.kind > kLast)
        throw Error("damaged events: no such kind");
      const auto next = static_cast<std::uint32_t>(threads.size());
      shapes_.push_back({shape, threads.try_emplace(shape.thread, next).first->second});
    }
    contexts_.resize(threads.size());
  }

  void read_listed_stacks(ColumnReader& head) {
    stacks_.resize(head.get_at_most(kMostListed));
    for (std::uint32_t& stack : stacks_) {
      stack = static_cast<std::uint32_t>(head.get_at_most(~0U));
    }
  }

  void read(TraceEvent& event, const KnownShape& known) {
    const Shape& shape = known.shape;
    const unsigned fields = shape.fields;
    ThreadContext& context = contexts_[known.context];
    event.kind = static_cast<TraceEventKind>(shape.kind);
    event.api = static_cast<Api>(shape.api);
    event.alignment_log2 = shape.alignment_log2;
    event.thread = shape.thread;
    if (fields & kHasSize) event.size = split(kSize);
    if (fields & kHasOldSize) event.old_size = split(kSize);
    if (fields & kHasStack) event.stack = stack(context);
    if (fields & kHasOld) {
      event.old_address = fields & kOldInChunk
                              ? made_back(known.context)
                              : address(kFreed, context.freed, fields & kOldAligned);
    }
    if (makes_block(shape.kind)) {
      event.address = made(known.context, event.size, fields & kAligned);
    } else if (fields & kAddressInChunk) {
      event.address = made_back(known.context);
    } else {
      event.address = address(kFreed, context.freed, fields & kAligned);
    }
  }

  std::uint32_t stack(ThreadContext& context) {
    if (stacks_.empty()) {
      context.stack += static_cast<std::uint32_t>(unzigzag(columns_[kStack].get()));
      return context.stack;
    }
    const std::uint8_t place = columns_[kStack].get_byte();
    if (place >= stacks_.size()) throw Error("damaged events: no such stack");
    return stacks_[place];
  }

  std::uint64_t split(Column column) {
    const std::uint64_t low = columns_[column].get_byte();
    return low | columns_[column + 1].get() << 8;
  }

  std::uint64_t address(Column column, std::uint64_t& base, bool aligned) {
    const std::uint64_t delta = unzigzag(split(column));
    base = aligned ? (base & ~std::uint64_t{15}) + (delta << 4) : base + delta;
    return base;
  }

  std::uint64_t made(std::uint32_t thread, std::uint64_t size, bool aligned) {
    const std::uint8_t its_class = size_class(size);
    const std::size_t place = columns_[kReuse].get_byte();
    std::uint64_t where = 0;
    if (place == 0) {
      std::uint64_t& base = contexts_[thread].address;
      where = address(kAddress, base, aligned);
      base += taken_up(size);
    } else {
      if (!freed_.has(thread, its_class, place)) {
        throw Error("damaged events: a place that was not freed");
      }
      where = freed_.take_at(thread, its_class, place);
    }
    made_[made_count_] = where;
    made_classes_[made_count_++] = its_class;
    return where;
  }

  std::uint64_t made_back(std::uint32_t thread) {
    const std::uint64_t back = split(kBack);
    if (back >= made_count_) throw Error("damaged events: a block from before the chunk");
    const std::size_t index = made_count_ - 1 - back;
    freed_.put(thread, made_classes_[index], made_[index]);
    return made_[index];
  }

  std::array<ColumnReader, kColumns> columns_;
  std::size_t expected_;
  std::uint64_t t0_ = 0;
  unsigned tick_log2_ = 0;
  std::vector<KnownShape> shapes_;
  std::vector<ThreadContext> contexts_;
  std::vector<std::uint32_t> stacks_;  // empty: the column has differences
  std::vector<std::uint64_t> made_;    // addresses of the blocks made so far
  std::vector<std::uint8_t> made_classes_;
  FreedBlocks freed_;
  std::size_t made_count_ = 0;
};

}  // namespace

void decode_chunk(std::span<const std::uint8_t> bytes, std::size_t expected,
                  std::vector<TraceEvent>& events) {
  events.clear();
  if (expected > kChunkEvents) throw Error("damaged events: too many for one chunk");
  const unsigned long long size = ZSTD_getFrameContentSize(bytes.data(), bytes.size());
  if (size > kMaxRaw) throw Error("damaged events: not a chunk");
  const auto raw = std::make_unique_for_overwrite<std::uint8_t[]>(size + kPadding);
  const std::size_t got = ZSTD_decompress(raw.get(), size, bytes.data(), bytes.size());
  if (ZSTD_isError(got) || got != size) throw Error("damaged events: not a chunk");
  std::memset(raw.get() + size, 0, kPadding);
  events.reserve(expected);
  Decoder({raw.get(), size}, expected).run(events);
}

std::vector<TraceEvent> decode_chunk(std::span<const std::uint8_t> bytes,
                                     std::size_t expected) {
  std::vector<TraceEvent> events;
  decode_chunk(bytes, expected, events);
  return events;
}

}  // namespace memoir
