// The part of ProcessRecorder that concerns pools.

#include "collect/process_recorder.h"

namespace memoir {

void ProcessRecorder::handle_pool(const Event& event, std::uint32_t number,
                                  std::uint64_t t) {
  const std::uint32_t pool = pool_of(event.size);
  if (pool == 0) return;
  const auto stack = [&] { return stacks_.translate(event.stack, modules_.now()); };
  const auto keep_as = [&](TraceEventKind kind, TraceStackId made) {
    note_live();
    aggregates_.begin_event(t);
    Event kept = event;
    kept.size = pool_bytes(event.size);
    kept.more_size = pool;
    keep(kept, number, kind, made, t);
    aggregates_.end_event(t);
  };
  switch (event.kind) {
    case EventKind::kPoolCreate: {
      const TextRef kind = pool_bytes(event.size) | std::uint64_t{event.alignment_log2}
                                                        << 32;
      pools_.create(pool, event.address, std::string(session_.text(kind)), stack(), t);
      break;
    }
    case EventKind::kPoolName:
      pools_.name(pool, std::string(session_.text(event.address)));
      break;
    case EventKind::kPoolAlloc: {
      const TraceStackId made = stack();
      pools_.alloc(pool, event.address, pool_bytes(event.size), made, number);
      keep_as(TraceEventKind::kPoolAlloc, made);
      break;
    }
    case EventKind::kPoolFree:
      pools_.free(pool, event.address, number, t);
      keep_as(TraceEventKind::kPoolFree, {});
      break;
    case EventKind::kPoolReset:
      pools_.reset(pool);
      keep_as(TraceEventKind::kPoolReset, {});
      break;
    case EventKind::kPoolDestroy:
      pools_.destroy(pool, t);
      break;
    case EventKind::kPoolBacking: {
      const std::size_t place = live_.blocks().find(event.address);
      if (place == BlockTable::kNowhere) break;
      pools_.back(event.address, live_.blocks().at(place).number);
      break;
    }
    case EventKind::kPoolEvent: {
      PoolEventTold told;
      told.kind = static_cast<std::uint8_t>(event.api);
      told.thread = number;
      told.address = event.address;
      told.size = pool_bytes(event.size);
      told.amount = event.more_time;
      told.place = event.more_address;
      told.detail = event.more_size;
      if (event.stack != kNoStack) told.stack = stack();
      told.t = t;
      pools_.tell(pool, told, [&](TextRef text) { return session_.text(text); });
      break;
    }
    default:
      break;
  }
}

void ProcessRecorder::write_pools() {
  if (pools_.empty()) return;
  pools_.write_to(writer_, live_.blocks(), [this](std::uint32_t site) -> const SiteRow& {
    return aggregates_.sites()[site].row;
  });
}

}  // namespace memoir
