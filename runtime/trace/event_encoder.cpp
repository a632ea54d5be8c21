#include <zstd.h>

#include <array>
#include <memory>
#include <unordered_map>

#include "trace/error.h"
#include "trace/event_codec.h"
#include "trace/event_columns.h"

namespace memoir {
namespace {

using namespace chunk;

constexpr int kZstdLevel = 1;

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

}  // namespace

std::vector<std::uint8_t> encode_chunk(std::span<const TraceEvent> events) {
  if (events.size() > kChunkEvents) throw Error("too many events for one chunk");
  return Encoder(events).run();
}

}  // namespace memoir
