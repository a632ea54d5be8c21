// Whatever fails for want of memory has changed nothing: rings, lines, records and
// batches.

#include <array>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "memoir/stream/byte_ring.h"
#include "memoir/stream/double_buffer.h"
#include "memoir/stream/line_buffer.h"
#include "memoir/stream/readers.h"
#include "memoir/stream/record_buffer.h"
#include "memoir/stream/round_robin_buffers.h"
#include "unit/alloc/strong_guarantee.h"

namespace memoir {
namespace {

class StrongGuaranteeStreamsTest : public ::testing::Test {
 protected:
  finding_log log_;
};

constexpr std::string_view kText = "a line that is longer than the buffer\nb\n";

TEST_F(StrongGuaranteeStreamsTest, ZA_71_lines) {
  struct grows {
    grows() { static_cast<void>(lines.fill(reader)); }
    bool act() {
      const auto filled = lines.fill(reader);
      return filled.has_value();
    }
    std::string say() {
      const auto left = lines.remaining();
      return told(
          lines.capacity(), lines.eof(),
          std::string_view{reinterpret_cast<const char*>(left.data()), left.size()});
    }
    span_reader reader{std::as_bytes(std::span{kText})};
    line_buffer lines{8, {.growth_limit = 100}};
  };
  strong_guarantee<grows>(1, log_);
}

TEST_F(StrongGuaranteeStreamsTest, ZA_71_records) {
  struct has_records {
    has_records() { EXPECT_TRUE(records.try_push("a text that does not lie within")); }
    std::string say() {
      return told(records.size(), records.capacity(), record, taken.size());
    }
    record_buffer<std::string> records{4};
    std::string record = "another text that does not lie within";
    std::vector<std::string> taken;
  };
  struct pushes : has_records {
    bool act() { return static_cast<bool>(records.try_push(std::as_const(record))); }
  };
  strong_guarantee<pushes>(1, log_);
  struct moves : has_records {
    bool act() { return static_cast<bool>(records.try_push(std::move(record))); }
    std::string say() { return told(records.size()); }
  };
  never_fails<moves>(log_);
  struct drains : has_records {
    bool act() {
      const auto all = records.drain();
      return all.size() == 1;
    }
  };
  strong_guarantee<drains>(1, log_);
}

TEST_F(StrongGuaranteeStreamsTest, ZA_71_batches) {
  struct batches {
    bool act() {
      auto batch = halves.begin_write();
      for (int i = 0; i < 4; ++i) batch.push(i);
      std::move(batch).publish();
      const auto read = halves.read_next();
      return read && read->size() == 4;
    }
    std::string say() { return told(halves.stats().published, halves.stats().read); }
    double_buffer<int> halves{4};
  };
  never_fails<batches>(log_);
  struct turns {
    bool act() {
      auto one = buffers.get_next();
      one.resize(100);
      return one.size() == 100;
    }
    std::string say() { return told(buffers.leased()); }
    round_robin_buffers buffers{4, 100};
  };
  never_fails<turns>(log_);
  struct rings {
    bool act() {
      std::array<std::byte, 50> bytes{};
      return ring.write(bytes) == 50u && ring.read(bytes) == 50u;
    }
    std::string say() { return told(ring.available(), ring.free_space()); }
    byte_ring ring{64};
  };
  never_fails<rings>(log_);
}

}  // namespace
}  // namespace memoir
