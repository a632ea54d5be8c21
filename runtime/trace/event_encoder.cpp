#include <zstd.h>

#include <algorithm>
#include <array>
#include <memory>
#include <unordered_map>

#include "trace/error.h"
#include "trace/event_codec.h"
#include "trace/event_columns.h"
#include "trace/freed_blocks.h"

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
  void put_byte(std::uint64_t v) { *end_++ = static_cast<std::uint8_t>(v); }
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

// The stacks of a chunk while they are few, by their first appearance.
class StackList {
 public:
  // The stack's place in the list.
  std::uint8_t add(std::uint32_t stack) {
    if (full_) return 0;
    std::size_t i = stack * 0x9e3779b1U >> 16 & (kSlots - 1);
    while (slots_[i] != 0 && stacks_[slots_[i] - 1U] != stack) i = (i + 1) & (kSlots - 1);
    if (slots_[i] == 0) {
      if (stacks_.size() == kMostListed) {
        full_ = true;
        return 0;
      }
      stacks_.push_back(stack);
      slots_[i] = static_cast<std::uint16_t>(stacks_.size());
    }
    return static_cast<std::uint8_t>(slots_[i] - 1);
  }
  bool full() const { return full_; }
  const std::vector<std::uint32_t>& stacks() const { return stacks_; }
  void clear() {
    slots_.fill(0);
    stacks_.clear();
    full_ = false;
  }

 private:
  static constexpr std::size_t kSlots = 1024;

  std::array<std::uint16_t, kSlots> slots_{};  // index + 1, 0: empty
  std::vector<std::uint32_t> stacks_;
  bool full_ = false;  // there are too many
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
    listed.reserve(kChunkEvents);
  }

  void begin() {
    for (ColumnWriter& column : columns) column.clear();
    shapes.clear();
    contexts.clear();
    times.clear();
    stacks.clear();
    listed.clear();
    freed.clear();
    made_classes.clear();
    t0 = ~std::uint64_t{0};
    t1 = 0;
    finished = false;
  }

  void add(const TraceEvent& event, std::uint64_t back) {
    Shape shape{static_cast<std::uint8_t>(event.kind),
                static_cast<std::uint8_t>(event.api), event.alignment_log2, 0,
                event.thread};
    const bool makes = makes_block(shape.kind);
    const bool in_chunk = back < made_classes.size();
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
    if (fields & kHasSize) put_split(kSize, event.size);
    if (fields & kHasOldSize) put_split(kSize, event.old_size);
    if (fields & kHasStack) {
      const auto delta = static_cast<std::int32_t>(event.stack - context.stack);
      columns[kStack].put(zigzag(static_cast<std::uint64_t>(std::int64_t{delta})));
      context.stack = event.stack;
      if (!stacks.full()) listed.push_back(stacks.add(event.stack));
    }
    if (fields & kHasOld) {
      put_freed(known.context, event.old_address, back, fields & kOldInChunk,
                fields & kOldAligned);
    }
    if (makes) {
      put_made(known.context, event, fields & kAligned);
    } else {
      put_freed(known.context, event.address, back, fields & kAddressInChunk,
                fields & kAligned);
    }
    times.push_back(event.t);
    t0 = std::min(t0, event.t);
    t1 = std::max(t1, event.t);
  }

  void put_made(std::uint32_t thread, const TraceEvent& event, bool aligned) {
    const std::uint8_t its_class = size_class(event.size);
    const std::size_t place = freed.take(thread, its_class, event.address);
    columns[kReuse].put_byte(place);
    if (place == 0) {
      std::uint64_t& base = contexts[thread].address;
      put_address(kAddress, event.address, base, aligned);
      base += taken_up(event.size);
    }
    made_classes.push_back(its_class);
  }

  void put_freed(std::uint32_t thread, std::uint64_t address, std::uint64_t back,
                 bool in_chunk, bool aligned) {
    if (!in_chunk) {
      put_address(kFreed, address, contexts[thread].freed, aligned);
      return;
    }
    put_split(kBack, back);
    freed.put(thread, made_classes[made_classes.size() - 1 - back], address);
  }

  // An aligned address is counted from the multiple of 16 at or below the base.
  void put_address(Column column, std::uint64_t address, std::uint64_t& base,
                   bool aligned) {
    const std::uint64_t delta =
        aligned ? sixteenth(address - (base & ~std::uint64_t{15})) : address - base;
    put_split(column, zigzag(delta));
    base = address;
  }

  void put_split(Column column, std::uint64_t v) {
    columns[column].put_byte(v);
    columns[column + 1].put(v >> 8);
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
    ColumnWriter head((6 + kColumns + kMostListed + all.size() * 5) * kMaxVarint);
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
    put_listed_stacks(head);
    for (const ColumnWriter& column : columns) head.put(column.bytes().size());
    raw.assign(head.bytes().begin(), head.bytes().end());
    for (const ColumnWriter& column : columns) {
      raw.insert(raw.end(), column.bytes().begin(), column.bytes().end());
    }
  }

  // Few stacks are listed in the head, and the column becomes their places in the list.
  void put_listed_stacks(ColumnWriter& head) {
    if (stacks.full()) {
      head.put(0);
      return;
    }
    head.put(stacks.stacks().size());
    for (const std::uint32_t stack : stacks.stacks()) head.put(stack);
    columns[kStack].clear();
    for (const std::uint8_t place : listed) columns[kStack].put_byte(place);
  }

  // One frame. A block of it ends where a column ends, so that each has a code of its
  // own.
  void compress() {
    ZSTD_CCtx_reset(zstd.get(), ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(zstd.get(), ZSTD_c_compressionLevel, kZstdLevel);
    ZSTD_CCtx_setPledgedSrcSize(zstd.get(), raw.size());
    constexpr std::size_t kBlockOverhead = 16;
    packed.resize(ZSTD_compressBound(raw.size()) + kColumns * kBlockOverhead);
    ZSTD_outBuffer out{packed.data(), packed.size(), 0};
    ZSTD_inBuffer in{raw.data(), raw.size(), 0};
    for (const ColumnWriter& column : columns) in.size -= column.bytes().size();
    compress(out, in, ZSTD_e_flush);
    for (std::size_t i = 0; i < kColumns; ++i) {
      in.size += columns[i].bytes().size();
      compress(out, in, i + 1 < kColumns ? ZSTD_e_flush : ZSTD_e_end);
    }
    packed.resize(out.pos);
  }

  void compress(ZSTD_outBuffer& out, ZSTD_inBuffer& in, ZSTD_EndDirective directive) {
    const std::size_t left = ZSTD_compressStream2(zstd.get(), &out, &in, directive);
    if (ZSTD_isError(left) || left != 0) throw Error("cannot compress events");
  }

  struct FreeContext {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };

  ShapeTable shapes;
  std::vector<ThreadContext> contexts;
  std::vector<ColumnWriter> columns;
  std::vector<std::uint64_t> times;
  StackList stacks;
  std::vector<std::uint8_t> listed;  // of each event with a stack: its place in `stacks`
  FreedBlocks freed;
  std::vector<std::uint8_t> made_classes;  // of the blocks made in this chunk
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
