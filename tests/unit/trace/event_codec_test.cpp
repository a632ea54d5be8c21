#include "trace/event_codec.h"

#include <gtest/gtest.h>

#include <iterator>
#include <map>
#include <random>
#include <utility>

#include "trace/error.h"

namespace memoir {
namespace {

void expect_round_trip(const std::vector<TraceEvent>& events) {
  const std::vector<std::uint8_t> bytes = encode_chunk(events);
  const std::vector<TraceEvent> decoded = decode_chunk(bytes, events.size());
  ASSERT_EQ(decoded.size(), events.size());
  std::vector<TraceEvent> cut = events;
  cut_times(cut);
  for (std::size_t i = 0; i < events.size(); ++i) {
    ASSERT_EQ(decoded[i], cut[i]) << "event " << i;
  }
}

// What programs do: blocks of a few sizes, freed soon or late, on several threads.
std::vector<TraceEvent> plausible_events(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<std::uint64_t> live = {0x5555'0000'1230};
  std::vector<TraceEvent> events;
  std::uint64_t t = 1'000'000, top = 0x5555'0000'2000;
  while (events.size() < count) {
    TraceEvent event;
    t += random() % 900;
    event.t = t;
    event.thread = 1 + static_cast<std::uint32_t>(random() % 3);
    const std::uint64_t pick = random() % 100;
    const std::size_t victim = random() % live.size();
    if (pick < 40 && live.size() > 1) {
      event.kind = TraceEventKind::kFree;
      event.api = Api::kFree;
      event.address = live[victim];
      live.erase(live.begin() + static_cast<std::ptrdiff_t>(victim));
    } else {
      event.address = top += 16 * (1 + random() % 8);
      event.size = random() % 200;
      event.stack = 1 + static_cast<std::uint32_t>(random() % 50'000);
      event.api = Api::kMalloc;
      if (pick > 90) {
        event.kind = TraceEventKind::kRealloc;
        event.api = Api::kRealloc;
        event.old_address = live[victim];
        live[victim] = event.address;
      } else {
        live.push_back(event.address);
      }
    }
    events.push_back(event);
  }
  return events;
}

TEST(EventCodec, KeepsAnEmptyChunk) { expect_round_trip({}); }

TEST(EventCodec, KeepsEveryFieldOfEveryKind) {
  std::vector<TraceEvent> events;
  for (int kind = 1; kind <= 6; ++kind) {
    for (const std::uint64_t address :
         {std::uint64_t{0}, std::uint64_t{0x7f00'1234'5670},
          std::uint64_t{0x7f00'1234'5671}, ~std::uint64_t{0}}) {
      TraceEvent event;
      event.kind = static_cast<TraceEventKind>(kind);
      event.api = static_cast<Api>(kind * 6);
      event.t = 12'345'678'901;
      event.address = address;
      event.old_address = address ^ 0xff0;
      event.size = ~std::uint64_t{0};
      event.old_size = 4096;
      event.stack = ~0U;
      event.thread = ~0U - static_cast<std::uint32_t>(kind);
      event.alignment_log2 = 63;
      events.push_back(event);
      event.size = event.old_size = event.old_address = event.stack = 0;
      events.push_back(event);
    }
  }
  expect_round_trip(events);
}

TEST(EventCodec, KeepsEventsThatAreLate) {
  std::vector<TraceEvent> events(3);
  events[0].t = 1'280'000;
  events[1].t = 1'024'000;
  events[2].t = ~std::uint64_t{0};
  expect_round_trip(events);
}

TEST(EventCodec, KeepsReuseOfAnAddressAndDoubleFrees) {
  std::vector<TraceEvent> events;
  for (int i = 0; i < 5; ++i) {
    TraceEvent event;
    event.address = 0x1000;
    event.size = 8;
    events.push_back(event);
    event.kind = TraceEventKind::kFree;
    event.size = 0;
    events.push_back(event);
    events.push_back(event);
  }
  TraceEvent in_place;
  in_place.kind = TraceEventKind::kRealloc;
  in_place.address = in_place.old_address = 0x1000;
  events.push_back(in_place);
  expect_round_trip(events);
}

// An allocator as bad as can be: it gives away what is live, takes back what it never
// gave, and puts blocks of one size where those of another were; on more threads than
// share nothing.
std::vector<TraceEvent> absurd_events(std::size_t count, unsigned seed) {
  std::mt19937_64 random(seed);
  const std::uint64_t sizes[] = {0, 1, 24, 25, 4000, std::uint64_t{1} << 40, ~0ULL - 22};
  std::vector<TraceEvent> events(count);
  for (TraceEvent& event : events) {
    event.t = random() % 1'000'000;
    event.kind = static_cast<TraceEventKind>(1 + random() % 6);
    event.thread = static_cast<std::uint32_t>(random() % 40);
    event.address = 0x7000'0000'0000 + random() % 50 * 8;
    if (random() % 20 == 0) event.address = ~event.address;
    if (random() % 3 == 0) event.old_address = 0x7000'0000'0000 + random() % 50 * 8;
    if (random() % 4 != 0) event.size = sizes[random() % std::size(sizes)];
    event.stack = static_cast<std::uint32_t>(random() % (seed % 2 == 0 ? 200 : 2000));
  }
  return events;
}

TEST(EventCodec, KeepsWhatNoAllocatorDoes) {
  for (unsigned seed = 1; seed <= 8; ++seed) {
    expect_round_trip(absurd_events(seed % 4 == 0 ? kChunkEvents : 3000, seed));
  }
}

std::vector<TraceEvent> one_block_each(const std::vector<std::uint64_t>& addresses,
                                       TraceEventKind kind) {
  std::vector<TraceEvent> events(addresses.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    events[i].kind = kind;
    events[i].address = addresses[i];
    events[i].thread = 1;
    if (kind == TraceEventKind::kAlloc) events[i].size = 40;
  }
  return events;
}

// More freed blocks of a size than are remembered; then both ways to use them again.
TEST(EventCodec, KeepsBlocksThatReuseAnyOfManyFreedOnes) {
  std::mt19937_64 random(3);
  std::vector<std::uint64_t> addresses(3000);
  for (std::uint64_t& address : addresses) address = random() & ~std::uint64_t{15};
  std::vector<TraceEvent> events = one_block_each(addresses, TraceEventKind::kAlloc);
  const auto append = [&events](const std::vector<TraceEvent>& more) {
    events.insert(events.end(), more.begin(), more.end());
  };
  append(one_block_each(addresses, TraceEventKind::kFree));
  std::vector<std::uint64_t> reversed(addresses.rbegin(), addresses.rend());
  append(one_block_each(reversed, TraceEventKind::kAlloc));
  append(one_block_each(reversed, TraceEventKind::kFree));
  append(one_block_each(reversed, TraceEventKind::kAlloc));
  expect_round_trip(events);
}

// An address at random cannot be said in less than it takes, one that is predicted can.
TEST(EventCodec, ABlockWhereTheLastOneWasFreedCostsNoAddress) {
  std::mt19937_64 random(4);
  std::vector<std::uint64_t> addresses(1000);
  for (std::uint64_t& address : addresses) address = random() & ~std::uint64_t{15};
  std::vector<TraceEvent> events = one_block_each(addresses, TraceEventKind::kAlloc);
  std::vector<std::uint64_t> reversed(addresses.rbegin(), addresses.rend());
  const std::size_t once = encode_chunk(events).size();
  for (int round = 0; round < 10; ++round) {
    for (const TraceEvent& event : one_block_each(addresses, TraceEventKind::kFree)) {
      events.push_back(event);
    }
    for (const TraceEvent& event : one_block_each(reversed, TraceEventKind::kAlloc)) {
      events.push_back(event);
    }
    std::swap(addresses, reversed);
  }
  expect_round_trip(events);
  EXPECT_LT(encode_chunk(events).size(), once + once / 4);
}

// 256 stacks can be listed in the head of a chunk, 257 cannot.
TEST(EventCodec, KeepsFewStacksAndMany) {
  for (const std::uint32_t stacks : {1U, 255U, 256U, 257U, 300U}) {
    std::vector<TraceEvent> events(1000);
    for (std::size_t i = 0; i < events.size(); ++i) {
      events[i].address = 16 * (i + 1);
      events[i].stack = static_cast<std::uint32_t>(1 + i * 7919 % stacks * 1'000'003);
    }
    expect_round_trip(events);
  }
}

TEST(EventCodec, KeepsFullChunksOfPlausibleEvents) {
  for (unsigned seed = 1; seed <= 3; ++seed) {
    expect_round_trip(plausible_events(kChunkEvents, seed));
  }
}

TEST(EventCodec, KeepsEventsThatShareNothing) {
  std::mt19937_64 random(7);
  std::vector<TraceEvent> events(kChunkEvents);
  for (TraceEvent& event : events) {
    event.t = random();
    event.address = random();
    event.old_address = random();
    event.size = random();
    event.old_size = random();
    event.stack = static_cast<std::uint32_t>(random());
    event.thread = static_cast<std::uint32_t>(random());
    event.kind = static_cast<TraceEventKind>(1 + random() % 6);
    event.api = static_cast<Api>(random() % 256);
    event.alignment_log2 = static_cast<std::uint8_t>(random());
  }
  expect_round_trip(events);
}

// As the collector does it: one encoder, and blocks that may be of an earlier chunk.
TEST(EventCodec, AnEncoderGoesOnFromChunkToChunk) {
  const std::vector<TraceEvent> all = plausible_events(10'000, 4);
  ChunkEncoder encoder;
  std::map<std::uint64_t, std::uint64_t> number;  // of the newest block, by address
  std::uint64_t made = 0;
  auto begin = all.begin();
  for (const std::size_t length : {1U, 4000U, 999U, 5000U}) {
    const auto end = begin + static_cast<std::ptrdiff_t>(length);
    const std::vector<TraceEvent> events(std::exchange(begin, end), end);
    for (const TraceEvent& event : events) {
      const bool frees = event.kind == TraceEventKind::kFree;
      const auto freed = number.find(frees ? event.address : event.old_address);
      encoder.add(event, freed == number.end() ? ChunkEncoder::kUnknown
                                               : made - 1 - freed->second);
      if (!frees) number[event.address] = made++;
    }
    EXPECT_EQ(encoder.size(), length);
    EXPECT_EQ(encoder.t0(), events.front().t);
    EXPECT_EQ(encoder.t1(), events.back().t);
    std::vector<TraceEvent> cut = events;
    cut_times(cut);
    const auto bytes = encoder.finish();
    EXPECT_EQ(encoder.size(), 0U);
    EXPECT_EQ(decode_chunk(bytes, length), cut);
  }
}

TEST(EventCodec, TakesFewBytesForPlausibleEvents) {
  const std::vector<TraceEvent> events = plausible_events(kChunkEvents, 1);
  // Random sizes, stacks and victims are the worst case; real programs take half of it.
  EXPECT_LT(encode_chunk(events).size(), events.size() * 8);
}

TEST(EventCodec, RefusesMoreThanAChunkHolds) {
  EXPECT_THROW(encode_chunk(std::vector<TraceEvent>(kChunkEvents + 1)), Error);
  EXPECT_THROW(decode_chunk({}, kChunkEvents + 1), Error);
}

TEST(EventCodec, RefusesAnotherNumberOfEvents) {
  const std::vector<TraceEvent> events = plausible_events(100, 1);
  const std::vector<std::uint8_t> bytes = encode_chunk(events);
  EXPECT_THROW(decode_chunk(bytes, 99), Error);
  EXPECT_THROW(decode_chunk(bytes, 101), Error);
}

TEST(EventCodec, RefusesWhatIsNoChunk) {
  EXPECT_THROW(decode_chunk({}, 1), Error);
  const std::vector<std::uint8_t> text(100, 'x');
  EXPECT_THROW(decode_chunk(text, 1), Error);
}

TEST(EventCodec, SurvivesDamagedBytes) {
  const std::vector<TraceEvent> events = plausible_events(2000, 5);
  const std::vector<std::uint8_t> bytes = encode_chunk(events);
  std::mt19937_64 random(11);
  for (int round = 0; round < 5000; ++round) {
    std::vector<std::uint8_t> damaged = bytes;
    for (std::uint64_t n = 1 + random() % 4; n != 0; --n) {
      damaged[random() % damaged.size()] = static_cast<std::uint8_t>(random());
    }
    if (random() % 4 == 0) damaged.resize(random() % damaged.size());
    try {
      EXPECT_EQ(decode_chunk(damaged, events.size()).size(), events.size());
    } catch (const Error&) {
    }
  }
}

TEST(EventNames, AreWhatPeopleCallThem) {
  EXPECT_EQ(api_name(static_cast<std::uint8_t>(Api::kMalloc)), "malloc");
  EXPECT_EQ(api_name(static_cast<std::uint8_t>(Api::kNewArray)), "operator new[]");
  EXPECT_EQ(api_name(static_cast<std::uint8_t>(Api::kSbrk)), "sbrk");
  EXPECT_EQ(api_name(200), "unknown");
  EXPECT_EQ(event_kind_name(1), "alloc");
  EXPECT_EQ(event_kind_name(6), "remap");
  EXPECT_EQ(event_kind_name(10), "unknown");
}

}  // namespace
}  // namespace memoir
