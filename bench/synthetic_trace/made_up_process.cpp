#include "made_up_process.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

using namespace memoir;

namespace {

constexpr std::uint64_t kCommitEvents = 2'500'000;

std::uint64_t taken_up(std::uint64_t size) {
  const std::uint64_t exact = size < 24 ? 32 : (size + 23) & ~std::uint64_t{15};
  if (exact < 1024) return exact;
  const std::uint64_t step = std::bit_floor(exact) / 8;  // large ones come in few lengths
  return (exact + step - 1) / step * step;
}

}  // namespace

MadeUpProcess::MadeUpProcess(const ProcessPlan& plan, TraceWriter& writer,
                             const std::vector<TraceStackId>& stacks, std::uint64_t seed)
    : plan_(plan),
      writer_(writer),
      stacks_(stacks),
      random_(seed),
      aggregates_(plan.id),
      mappings_(aggregates_),
      t_(plan.begin_ns),
      wheel_(kWheel, kNone),
      later_(plan.events / kWheel + 2) {
  for (std::size_t i = 0; i < stacks.size(); ++i) {
    const std::uint64_t dice = random_.below(100);
    Habit habit;
    if (dice < 60)
      habit.size = 8 + random_.below(15) * 8;
    else if (dice < 85)
      habit.size = 128 + random_.below(24) * 16;
    else if (dice < 97)
      habit.size = random_.log_between(512, 4096);
    else
      habit.size = random_.log_between(4096, 262144);
    habit.varies = random_.below(5) == 0;
    habits_.push_back(habit);
  }
  for (std::uint64_t i = 0; i <= plan.threads; ++i) {
    breaks_.push_back(i == 0 ? 0x5581'2c3d'a000 : 0x7f10'0400'0000 + i * 0x4000'0000);
  }
}

// Few places make most of the blocks.
std::uint32_t MadeUpProcess::pick_stack() {
  const double part = random_.part();
  return static_cast<std::uint32_t>(part * part * part *
                                    static_cast<double>(stacks_.size()));
}

std::uint64_t MadeUpProcess::lifetime() {
  // The program works in phases, and keeps more in some of them.
  const double phase = static_cast<double>(now_ % (plan_.events / 3 + 1)) /
                       static_cast<double>(plan_.events / 3 + 1);
  const std::uint64_t dice = random_.below(1000);
  if (dice < 240) return 1;
  if (dice < 490) return random_.log_between(2, 256);
  if (dice < 660) return random_.log_between(256, 65536);
  if (dice < 995) return random_.log_between(65536, 400'000 + 3'000'000 * phase);
  return ~std::uint64_t{0};
}

std::uint64_t MadeUpProcess::place(std::uint64_t size) {
  const std::uint64_t taken = taken_up(size);
  const std::uint32_t arena = plan_.threads == 1 ? 0 : thread() - 1;
  std::vector<std::uint64_t>& places = free_places_[taken * 1024 + arena];
  if (!places.empty()) {
    const std::uint64_t address = places.back();
    places.pop_back();
    return address;
  }
  return std::exchange(breaks_[arena], breaks_[arena] + taken) + 16;
}

void MadeUpProcess::give_back(std::uint64_t address, std::uint64_t size) {
  std::uint32_t arena = 0;
  if (address >= 0x7f10'0400'0000) {
    arena = static_cast<std::uint32_t>((address - 0x7f10'0400'0000) / 0x4000'0000);
  }
  free_places_[taken_up(size) * 1024 + arena].push_back(address);
}

void MadeUpProcess::schedule(std::uint32_t block, std::uint64_t dies) {
  if (dies / kWheel == now_ / kWheel || dies - now_ < 2) {
    blocks_[block].next = std::exchange(wheel_[dies % kWheel], block);
  } else if (dies / kWheel < later_.size()) {
    later_[dies / kWheel].emplace_back(block, dies);
  }
}

// A block that dies at this event, if there is one; what is due beside it dies next.
std::uint32_t MadeUpProcess::due() {
  if (now_ % kWheel == 0) {
    for (const auto& [block, dies] : std::exchange(later_[now_ / kWheel], {})) {
      blocks_[block].next = std::exchange(wheel_[dies % kWheel], block);
    }
  }
  std::uint32_t& slot = wheel_[now_ % kWheel];
  const std::uint32_t first = std::exchange(slot, kNone);
  if (first == kNone) return kNone;
  std::uint32_t rest = blocks_[first].next;
  if (rest != kNone) {
    std::uint32_t last = rest;
    while (blocks_[last].next != kNone) last = blocks_[last].next;
    std::uint32_t& next = wheel_[(now_ + 1) % kWheel];
    blocks_[last].next = next;
    next = rest;
  }
  return first;
}

void MadeUpProcess::keep(const TraceEvent& event, std::uint64_t back) {
  chunk_.add(event, back);
}

void MadeUpProcess::flush_chunk() {
  const std::size_t events = chunk_.size();
  if (events == 0) return;
  ChunkRow row;
  row.process = plan_.id;
  row.first_seq = next_seq_;
  row.t0 = chunk_.t0();
  row.t1 = chunk_.t1();
  row.live_bytes = chunk_live_bytes_;
  row.live_blocks = chunk_live_blocks_;
  writer_.put_chunk(row, events, chunk_.finish());
  next_seq_ += events;
}

void MadeUpProcess::make_block(TraceEventKind kind, std::uint64_t old_address,
                               std::uint64_t back) {
  const std::uint32_t which = pick_stack();
  const Habit& habit = habits_[which];
  std::uint32_t index = 0;
  if (free_blocks_.empty()) {
    index = static_cast<std::uint32_t>(blocks_.size());
    blocks_.emplace_back();
  } else {
    index = free_blocks_.back();
    free_blocks_.pop_back();
  }
  Block& block = blocks_[index];
  block.size = habit.varies ? habit.size / 2 + random_.below(habit.size) : habit.size;
  block.t = t_;
  block.number = made_;
  block.thread = thread();
  block.stack = stacks_[which].value;
  block.next = kNone;
  block.address = place(block.size);
  const Api api = kind == TraceEventKind::kRealloc ? Api::kRealloc
                  : which % 3 == 0                 ? Api::kMalloc
                                                   : Api::kNew;
  block.site = aggregates_.site(stacks_[which], api);
  TraceEvent event;
  event.t = t_;
  event.address = block.address;
  event.old_address = old_address;
  event.size = block.size;
  event.stack = block.stack;
  event.thread = block.thread;
  event.kind = kind;
  event.api = api;
  keep(event, back);
  ++made_;
  aggregates_.block_made(block.site, block.address, block.size, t_, block.thread);
  const std::uint64_t life = lifetime();
  if (life < plan_.events - now_) schedule(index, now_ + life);
}

std::uint64_t MadeUpProcess::end_block(std::uint32_t index) {
  Block& block = blocks_[index];
  aggregates_.block_freed(block.site, block.address, block.size, block.t, t_,
                          block.thread, thread());
  give_back(block.address, block.size);
  free_blocks_.push_back(index);
  return made_ - 1 - block.number;
}

void MadeUpProcess::map_something() {
  TraceEvent event;
  event.t = t_;
  event.address = 0x7e00'0000'0000 + random_.below(256) * 0x100'0000;
  event.size = (1 + random_.below(2048)) * 4096;
  event.stack = stacks_[pick_stack()].value;
  event.thread = thread();
  event.kind = TraceEventKind::kMap;
  event.api = Api::kMmap;
  keep(event, ChunkEncoder::kUnknown);
  ++made_;
  mappings_.map(event.address, event.size, aggregates_.site({event.stack}, Api::kMmap),
                t_);
}

void MadeUpProcess::write_progress(bool final) {
  flush_chunk();
  aggregates_.write_to(writer_, final);
  ProcessRow row = aggregates_.totals();
  row.id = plan_.id;
  row.pid = 4000 + plan_.id.value;
  row.parent_pid = plan_.parent ? 4000 + plan_.parent.value : 1;
  row.parent = plan_.parent;
  row.command = "acme-server --config /etc/acme/" + std::to_string(plan_.id.value);
  row.executable = "/opt/acme/bin/acme-server";
  row.started = plan_.begin_ns;
  if (final) {
    row.ended = t_;
    row.end = "exit:0";
    row.complete = true;
  }
  writer_.put_process(row);
}

void MadeUpProcess::run() {
  for (std::uint32_t i = 1; i <= plan_.threads; ++i) {
    writer_.put_thread({plan_.id,
                        {i},
                        4000 + plan_.id.value * 100 + i,
                        i == 1 ? "acme-server" : "worker-" + std::to_string(i - 1),
                        plan_.begin_ns,
                        std::nullopt});
  }
  for (; now_ < plan_.events; ++now_) {
    t_ += 1 + random_.below(2 * plan_.ns_per_event);
    aggregates_.begin_event(t_);
    if (chunk_.size() == 0) {
      chunk_live_bytes_ = aggregates_.totals().live_bytes;
      chunk_live_blocks_ = aggregates_.totals().live_blocks;
    }
    const std::uint32_t dying = due();
    if (dying == kNone) {
      if (now_ % 50'021 == 50'020)
        map_something();
      else
        make_block(TraceEventKind::kAlloc, 0, ChunkEncoder::kUnknown);
    } else {
      const std::uint64_t address = blocks_[dying].address;
      const std::uint64_t back = end_block(dying);
      if (random_.below(16) == 0) {
        make_block(TraceEventKind::kRealloc, address, back);
      } else {
        TraceEvent event;
        event.t = t_;
        event.address = address;
        event.thread = thread();
        event.kind = TraceEventKind::kFree;
        event.api = Api::kFree;
        keep(event, back);
      }
    }
    aggregates_.end_event(t_);
    if (chunk_.size() == kChunkEvents) flush_chunk();
    if (now_ % 50'000 == 0) {
      const std::uint64_t live = aggregates_.totals().live_bytes;
      writer_.put_sample(
          {plan_.id, t_, live + live / 5 + (24 << 20), live * 3 + (90 << 20)});
    }
    if (now_ % (plan_.events / 6 + 1) == plan_.events / 12) {
      writer_.put_mark(
          {plan_.id, t_, "phase " + std::to_string(now_ * 6 / plan_.events + 1)});
    }
    if (now_ % kCommitEvents == kCommitEvents - 1) {
      write_progress(false);
      writer_.commit();
      writer_.begin();
    }
  }
  std::vector<bool> dead(blocks_.size());
  for (const std::uint32_t index : free_blocks_) dead[index] = true;
  for (std::size_t i = 0; i < blocks_.size(); ++i) {
    if (dead[i]) continue;
    const Block& block = blocks_[i];
    writer_.put_block({plan_.id,
                       block.address,
                       block.size,
                       {block.stack},
                       aggregates_.sites()[block.site].row.api,
                       {block.thread},
                       block.t});
  }
  write_progress(true);
}
