#include "trace/event_codec.h"

#include <zstd.h>

#include <algorithm>
#include <array>
#include <cstring>
#include <memory>
#include <string>
#include <unordered_map>

#include "trace/error.h"

namespace memoir {
namespace {

// Events that agree in all of this share a shape. A chunk lists its shapes once, and each
// event names one by number: usually one byte that compresses to almost nothing.
struct Shape {
  std::uint8_t kind = 0;
  std::uint8_t api = 0;
  std::uint8_t alignment_log2 = 0;
  std::uint8_t fields = 0;
  std::uint32_t thread = 0;

  std::uint64_t key() const {
    return std::uint64_t{thread} << 32 | std::uint32_t{kind} << 24 |
           std::uint32_t{api} << 16 | std::uint32_t{alignment_log2} << 8 | fields;
  }
};

// Shape::fields: which columns the event has an entry in, and how addresses are said.
enum Field : std::uint8_t {
  kHasSize = 1,
  kHasStack = 2,
  kHasOldSize = 4,
  kHasOld = 8,           // old_address is not 0
  kOldInChunk = 16,      // old_address was allocated in this chunk
  kAddressInChunk = 32,  // of a free or unmap: address was allocated in this chunk
  kAligned = 64,         // the address is a multiple of 16; its delta counts sixteens
  kOldAligned = 128,
};

enum Column { kShape, kTime, kSize, kStack, kAddress, kFreed, kBack, kColumns };

// What the deltas of a thread count from. Blocks and freed blocks apart: each has its own
// locality.
struct ThreadContext {
  std::uint64_t address = 0;
  std::uint64_t freed = 0;
  std::uint32_t stack = 0;
};

constexpr std::size_t kMaxVarint = 10;
constexpr std::size_t kMaxEventBytes = 8 * kMaxVarint;
constexpr std::size_t kMaxRaw = kChunkEvents * (kMaxEventBytes + 16) + 256;
constexpr std::size_t kPadding = 16;  // zero bytes after the columns; see ColumnReader
constexpr int kZstdLevel = 1;

bool makes_block(std::uint8_t kind) {
  const auto k = static_cast<TraceEventKind>(kind);
  return k != TraceEventKind::kFree && k != TraceEventKind::kUnmap;
}

std::uint64_t zigzag(std::uint64_t v) { return v << 1 ^ (0 - (v >> 63)); }
std::uint64_t unzigzag(std::uint64_t v) { return v >> 1 ^ (0 - (v & 1)); }

// Arithmetic shift of a difference: deltas between multiples of 16 keep their sign.
std::uint64_t sixteenth(std::uint64_t delta) {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(delta) >> 4);
}

class ColumnWriter {
 public:
  explicit ColumnWriter(std::size_t capacity)
      : begin_(std::make_unique_for_overwrite<std::uint8_t[]>(capacity)),
        end_(begin_.get()) {}

  void put(std::uint64_t v) {
    while (v >= 128) {
      *end_++ = static_cast<std::uint8_t>(v | 128);
      v >>= 7;
    }
    *end_++ = static_cast<std::uint8_t>(v);
  }
  std::span<const std::uint8_t> bytes() const {
    return {begin_.get(), static_cast<std::size_t>(end_ - begin_.get())};
  }

 private:
  std::unique_ptr<std::uint8_t[]> begin_;
  std::uint8_t* end_;
};

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

// Finds the newest block of this chunk with an address.
class AddressIndex {
 public:
  explicit AddressIndex(std::size_t events) {
    std::size_t slots = 64;
    while (slots < events * 2) slots *= 2;
    slots_.resize(slots);
    addresses_.reserve(events);
  }

  void add(std::uint64_t address) {
    addresses_.push_back(address);
    *find(address) = static_cast<std::uint32_t>(addresses_.size());
  }
  // How many blocks were made since, or nothing.
  std::uint32_t distance(std::uint64_t address) {
    const std::uint32_t index = *find(address);
    return index == 0 ? kNone : static_cast<std::uint32_t>(addresses_.size()) - index;
  }

  static constexpr std::uint32_t kNone = ~0U;

 private:
  std::uint32_t* find(std::uint64_t address) {
    const std::size_t mask = slots_.size() - 1;
    std::size_t i = address * 0x9e3779b97f4a7c15U >> 40 & mask;
    while (slots_[i] != 0 && addresses_[slots_[i] - 1] != address) i = (i + 1) & mask;
    return &slots_[i];
  }

  std::vector<std::uint32_t> slots_;  // index + 1 into addresses_, 0: empty
  std::vector<std::uint64_t> addresses_;
};

// Threads and shapes get their numbers in the order of their first appearance.
class ShapeTable {
 public:
  struct Known {
    std::uint32_t index;
    std::uint32_t context;
  };

  Known find(const Shape& shape) {
    const std::uint64_t key = shape.key();
    Recent& recent = recent_[key * 0x9e3779b97f4a7c15U >> 56];
    if (recent.key == key && recent.used) return recent.known;
    auto [it, is_new] = known_.try_emplace(key);
    if (is_new) {
      const auto contexts = static_cast<std::uint32_t>(threads_.size());
      const auto thread = threads_.try_emplace(shape.thread, contexts).first;
      it->second = {static_cast<std::uint32_t>(shapes_.size()), thread->second};
      shapes_.push_back(shape);
    }
    recent = {key, it->second, true};
    return it->second;
  }
  const std::vector<Shape>& shapes() const { return shapes_; }
  std::size_t threads() const { return threads_.size(); }

 private:
  struct Recent {
    std::uint64_t key = 0;
    Known known = {};
    bool used = false;
  };

  std::array<Recent, 256> recent_{};
  std::unordered_map<std::uint64_t, Known> known_;
  std::unordered_map<std::uint32_t, std::uint32_t> threads_;
  std::vector<Shape> shapes_;
};

class Encoder {
 public:
  explicit Encoder(std::span<const TraceEvent> events)
      : events_(events), index_(events.size()) {
    columns_.reserve(kColumns);
    for (int i = 0; i < kColumns; ++i) {
      columns_.emplace_back((events.size() + 1) * 2 * kMaxVarint);
    }
  }

  std::vector<std::uint8_t> run() {
    std::uint64_t tick = 0;
    for (const TraceEvent& event : events_) {
      const std::uint64_t now = event.t / kTickNs;
      columns_[kTime].put(zigzag(now - tick));
      tick = now;
      add(event);
    }
    return compress(assemble());
  }

 private:
  void add(const TraceEvent& event) {
    Shape shape{static_cast<std::uint8_t>(event.kind),
                static_cast<std::uint8_t>(event.api), event.alignment_log2, 0,
                event.thread};
    const bool makes = makes_block(shape.kind);
    std::uint32_t back = AddressIndex::kNone, old_back = AddressIndex::kNone;
    unsigned fields = (event.size != 0 ? kHasSize : 0) |
                      (event.stack != 0 ? kHasStack : 0) |
                      (event.old_size != 0 ? kHasOldSize : 0);
    if (!makes) back = index_.distance(event.address);
    if (back != AddressIndex::kNone) {
      fields |= kAddressInChunk;
    } else if ((event.address & 15) == 0) {
      fields |= kAligned;
    }
    if (event.old_address != 0) {
      fields |= kHasOld;
      old_back = index_.distance(event.old_address);
      if (old_back != AddressIndex::kNone) {
        fields |= kOldInChunk;
      } else if ((event.old_address & 15) == 0) {
        fields |= kOldAligned;
      }
    }
    shape.fields = static_cast<std::uint8_t>(fields);

    const ShapeTable::Known known = shapes_.find(shape);
    if (known.context >= contexts_.size()) contexts_.resize(known.context + 1);
    ThreadContext& context = contexts_[known.context];
    columns_[kShape].put(known.index);
    if (fields & kHasSize) columns_[kSize].put(event.size);
    if (fields & kHasOldSize) columns_[kSize].put(event.old_size);
    if (fields & kHasStack) {
      const auto delta = static_cast<std::int32_t>(event.stack - context.stack);
      columns_[kStack].put(zigzag(static_cast<std::uint64_t>(std::int64_t{delta})));
      context.stack = event.stack;
    }
    if (fields & kHasOld) {
      if (fields & kOldInChunk) {
        columns_[kBack].put(old_back);
      } else {
        put_address(kFreed, event.old_address, context.freed, fields & kOldAligned);
      }
    }
    if (makes) {
      put_address(kAddress, event.address, context.address, fields & kAligned);
      index_.add(event.address);
    } else if (fields & kAddressInChunk) {
      columns_[kBack].put(back);
    } else {
      put_address(kFreed, event.address, context.freed, fields & kAligned);
    }
  }

  // An aligned address is counted from the multiple of 16 at or below the base.
  void put_address(Column column, std::uint64_t address, std::uint64_t& base,
                   bool aligned) {
    const std::uint64_t delta =
        aligned ? sixteenth(address - (base & ~std::uint64_t{15})) : address - base;
    columns_[column].put(zigzag(delta));
    base = address;
  }

  std::vector<std::uint8_t> assemble() const {
    const std::vector<Shape>& shapes = shapes_.shapes();
    ColumnWriter head((4 + kColumns + shapes.size() * 5) * kMaxVarint);
    head.put(events_.size());
    head.put(shapes.size());
    for (const Shape& shape : shapes) {
      head.put(shape.kind);
      head.put(shape.api);
      head.put(shape.alignment_log2);
      head.put(shape.fields);
      head.put(shape.thread);
    }
    std::size_t total = 0;
    for (const ColumnWriter& column : columns_) {
      head.put(column.bytes().size());
      total += column.bytes().size();
    }
    std::vector<std::uint8_t> raw;
    raw.reserve(head.bytes().size() + total);
    raw.insert(raw.end(), head.bytes().begin(), head.bytes().end());
    for (const ColumnWriter& column : columns_) {
      raw.insert(raw.end(), column.bytes().begin(), column.bytes().end());
    }
    return raw;
  }

  static std::vector<std::uint8_t> compress(const std::vector<std::uint8_t>& raw) {
    std::vector<std::uint8_t> out(ZSTD_compressBound(raw.size()));
    const std::size_t size =
        ZSTD_compress(out.data(), out.size(), raw.data(), raw.size(), kZstdLevel);
    if (ZSTD_isError(size)) throw Error("cannot compress events");
    out.resize(size);
    return out;
  }

  std::span<const TraceEvent> events_;
  AddressIndex index_;
  ShapeTable shapes_;
  std::vector<ThreadContext> contexts_;
  std::vector<ColumnWriter> columns_;
};

class Decoder {
 public:
  Decoder(std::span<const std::uint8_t> raw, std::size_t expected)
      : columns_{}, expected_(expected) {
    ColumnReader head(raw.data(), raw.data() + raw.size());
    if (head.get() != expected) throw Error("damaged events: not as many as promised");
    read_shapes(head);
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
    std::uint64_t tick = 0;
    for (std::size_t i = 0; i < expected_; ++i) {
      tick += unzigzag(columns_[kTime].get());
      const std::uint64_t number = columns_[kShape].get();
      if (number >= shapes_.size()) throw Error("damaged events: no such shape");
      TraceEvent& event = events.emplace_back();
      event.t = tick * kTickNs;
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
      if (shape.kind < 1 || shape.kind > 6) throw Error("damaged events: no such kind");
      const auto next = static_cast<std::uint32_t>(threads.size());
      shapes_.push_back({shape, threads.try_emplace(shape.thread, next).first->second});
    }
    contexts_.resize(threads.size());
  }

  void read(TraceEvent& event, const KnownShape& known) {
    const Shape& shape = known.shape;
    const unsigned fields = shape.fields;
    ThreadContext& context = contexts_[known.context];
    event.kind = static_cast<TraceEventKind>(shape.kind);
    event.api = static_cast<Api>(shape.api);
    event.alignment_log2 = shape.alignment_log2;
    event.thread = shape.thread;
    if (fields & kHasSize) event.size = columns_[kSize].get();
    if (fields & kHasOldSize) event.old_size = columns_[kSize].get();
    if (fields & kHasStack) {
      context.stack += static_cast<std::uint32_t>(unzigzag(columns_[kStack].get()));
      event.stack = context.stack;
    }
    if (fields & kHasOld) {
      event.old_address = fields & kOldInChunk
                              ? made_back()
                              : address(kFreed, context.freed, fields & kOldAligned);
    }
    if (makes_block(shape.kind)) {
      event.address = address(kAddress, context.address, fields & kAligned);
      made_[made_count_++] = event.address;
    } else if (fields & kAddressInChunk) {
      event.address = made_back();
    } else {
      event.address = address(kFreed, context.freed, fields & kAligned);
    }
  }

  std::uint64_t address(Column column, std::uint64_t& base, bool aligned) {
    const std::uint64_t delta = unzigzag(columns_[column].get());
    base = aligned ? (base & ~std::uint64_t{15}) + (delta << 4) : base + delta;
    return base;
  }

  std::uint64_t made_back() {
    const std::uint64_t back = columns_[kBack].get();
    if (back >= made_count_) throw Error("damaged events: a block from before the chunk");
    return made_[made_count_ - 1 - back];
  }

  std::array<ColumnReader, kColumns> columns_;
  std::size_t expected_;
  std::vector<KnownShape> shapes_;
  std::vector<ThreadContext> contexts_;
  std::vector<std::uint64_t> made_;  // addresses of the blocks made so far
  std::size_t made_count_ = 0;
};

}  // namespace

std::vector<std::uint8_t> encode_chunk(std::span<const TraceEvent> events) {
  if (events.size() > kChunkEvents) throw Error("too many events for one chunk");
  return Encoder(events).run();
}

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
