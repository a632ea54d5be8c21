#include <zstd.h>

#include <algorithm>
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
  void clear() { end_ = begin_.get(); }
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
  std::uint64_t distance(std::uint64_t address) {
    const std::uint32_t index = *find(address);
    return index == 0 ? ChunkEncoder::kUnknown : addresses_.size() - index;
  }

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
  void clear() {
    recent_.fill({});
    known_.clear();
    threads_.clear();
    shapes_.clear();
  }

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

}  // namespace

struct ChunkEncoder::State {
  State() {
    columns.reserve(kColumns);
    for (int i = 0; i < kColumns; ++i) {
      columns.emplace_back((kChunkEvents + 1) * 2 * kMaxVarint);
    }
    times.reserve(kChunkEvents);
  }

  void begin() {
    for (ColumnWriter& column : columns) column.clear();
    shapes.clear();
    contexts.clear();
    times.clear();
    made = 0;
    t0 = ~std::uint64_t{0};
    t1 = 0;
    finished = false;
  }

  void add(const TraceEvent& event, std::uint64_t back) {
    Shape shape{static_cast<std::uint8_t>(event.kind),
                static_cast<std::uint8_t>(event.api), event.alignment_log2, 0,
                event.thread};
    const bool makes = makes_block(shape.kind);
    const bool in_chunk = back < made;
    unsigned fields = (event.size != 0 ? kHasSize : 0) |
                      (event.stack != 0 ? kHasStack : 0) |
                      (event.old_size != 0 ? kHasOldSize : 0);
    if (!makes && in_chunk) {
      fields |= kAddressInChunk;
    } else if ((event.address & 15) == 0) {
      fields |= kAligned;
    }
    if (event.old_address != 0) {
      fields |= kHasOld;
      if (makes && in_chunk) {
        fields |= kOldInChunk;
      } else if ((event.old_address & 15) == 0) {
        fields |= kOldAligned;
      }
    }
    shape.fields = static_cast<std::uint8_t>(fields);

    const ShapeTable::Known known = shapes.find(shape);
    if (known.context >= contexts.size()) contexts.resize(known.context + 1);
    ThreadContext& context = contexts[known.context];
    columns[kShape].put(known.index);
    if (fields & kHasSize) columns[kSize].put(event.size);
    if (fields & kHasOldSize) columns[kSize].put(event.old_size);
    if (fields & kHasStack) {
      const auto delta = static_cast<std::int32_t>(event.stack - context.stack);
      columns[kStack].put(zigzag(static_cast<std::uint64_t>(std::int64_t{delta})));
      context.stack = event.stack;
    }
    if (fields & kHasOld) {
      if (fields & kOldInChunk) {
        columns[kBack].put(back);
      } else {
        put_address(kFreed, event.old_address, context.freed, fields & kOldAligned);
      }
    }
    if (makes) {
      put_address(kAddress, event.address, context.address, fields & kAligned);
      ++made;
    } else if (fields & kAddressInChunk) {
      columns[kBack].put(back);
    } else {
      put_address(kFreed, event.address, context.freed, fields & kAligned);
    }
    times.push_back(event.t);
    t0 = std::min(t0, event.t);
    t1 = std::max(t1, event.t);
  }

  // An aligned address is counted from the multiple of 16 at or below the base.
  void put_address(Column column, std::uint64_t address, std::uint64_t& base,
                   bool aligned) {
    const std::uint64_t delta =
        aligned ? sixteenth(address - (base & ~std::uint64_t{15})) : address - base;
    columns[column].put(zigzag(delta));
    base = address;
  }

  void assemble() {
    const unsigned log2 = times.empty() ? 0 : tick_log2(t0, t1);
    std::uint64_t tick = 0;
    for (const std::uint64_t t : times) {
      const std::uint64_t now = (t - t0) >> log2;
      columns[kTime].put(zigzag(now - tick));
      tick = now;
    }
    const std::vector<Shape>& all = shapes.shapes();
    ColumnWriter head((6 + kColumns + all.size() * 5) * kMaxVarint);
    head.put(times.size());
    head.put(times.empty() ? 0 : t0);
    head.put(log2);
    head.put(all.size());
    for (const Shape& shape : all) {
      head.put(shape.kind);
      head.put(shape.api);
      head.put(shape.alignment_log2);
      head.put(shape.fields);
      head.put(shape.thread);
    }
    for (const ColumnWriter& column : columns) head.put(column.bytes().size());
    raw.assign(head.bytes().begin(), head.bytes().end());
    for (const ColumnWriter& column : columns) {
      raw.insert(raw.end(), column.bytes().begin(), column.bytes().end());
    }
  }

  void compress() {
    packed.resize(ZSTD_compressBound(raw.size()));
    const std::size_t size = ZSTD_compressCCtx(zstd.get(), packed.data(), packed.size(),
                                               raw.data(), raw.size(), kZstdLevel);
    if (ZSTD_isError(size)) throw Error("cannot compress events");
    packed.resize(size);
  }

  struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  ShapeTable shapes;
  std::vector<ThreadContext> contexts;
  std::vector<ColumnWriter> columns;
  std::vector<std::uint64_t> times;
  std::uint64_t made = 0;  // blocks, in this chunk
  std::uint64_t t0 = ~std::uint64_t{0}, t1 = 0;
  bool finished = false;
  std::vector<std::uint8_t> raw, packed;
  std::unique_ptr<ZSTD_CCtx, FreeContext> zstd{ZSTD_createCCtx()};
};

ChunkEncoder::ChunkEncoder() : state_(std::make_unique<State>()) {}
ChunkEncoder::~ChunkEncoder() = default;

void ChunkEncoder::add(const TraceEvent& event, std::uint64_t back) {
  if (state_->finished) state_->begin();
  if (state_->times.size() == kChunkEvents) throw Error("too many events for one chunk");
  state_->add(event, back);
}

std::size_t ChunkEncoder::size() const {
  return state_->finished ? 0 : state_->times.size();
}
std::uint64_t ChunkEncoder::t0() const { return state_->t0; }
std::uint64_t ChunkEncoder::t1() const { return state_->t1; }

std::span<const std::uint8_t> ChunkEncoder::finish() {
  state_->assemble();
  state_->compress();
  state_->finished = true;
  return state_->packed;
}

std::vector<std::uint8_t> encode_chunk(std::span<const TraceEvent> events) {
  ChunkEncoder encoder;
  AddressIndex index(events.size());
  for (const TraceEvent& event : events) {
    const bool makes = makes_block(static_cast<std::uint8_t>(event.kind));
    const std::uint64_t freed = makes ? event.old_address : event.address;
    const bool frees = !makes || freed != 0;
    encoder.add(event, frees ? index.distance(freed) : ChunkEncoder::kUnknown);
    if (makes) index.add(event.address);
  }
  const auto bytes = encoder.finish();
  return {bytes.begin(), bytes.end()};
}

void cut_times(std::span<TraceEvent> events) {
  if (events.empty()) return;
  const auto [first, last] = std::minmax_element(
      events.begin(), events.end(),
      [](const TraceEvent& a, const TraceEvent& b) { return a.t < b.t; });
  const std::uint64_t t0 = first->t;
  const unsigned log2 = tick_log2(t0, last->t);
  for (TraceEvent& event : events) event.t = t0 + ((event.t - t0) >> log2 << log2);
}

}  // namespace memoir
