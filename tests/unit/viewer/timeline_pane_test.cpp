// The timeline of a trace of few events, and of a small part of one of many.

#include "viewer/timeline_pane.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <set>

#include "analyze/units.h"
#include "support/event_model.h"
#include "support/event_trace.h"
#include "support/scratch_file.h"
#include "viewer/marks.h"
#include "viewer/stage.h"

namespace memoir {
namespace {

class TimelinePaneTest : public testing::Test {
 protected:
  void open(std::size_t count) {
    events_ = EventMaker(3).make(count);
    write_events(file_.path(), events_, 4'000);
    stage_.app().open(file_.path());
    ASSERT_TRUE(stage_.settle());
  }
  std::string live_text(std::uint64_t moment) const {
    std::uint64_t bytes = 0, blocks = 0;
    for (const TracedBlock& block : EventModel(events_).live_at(moment)) {
      bytes += block.size;
      ++blocks;
    }
    return fmt::format("live {} in {}", format_bytes(bytes),
                       format_things(blocks, "block"));
  }
  // What the mouse is told in the middle of the timeline.
  std::string middle() {
    EXPECT_TRUE(stage_.hover("timeline"));
    const UiMark* hover = find_mark("timeline.hover");
    return hover != nullptr ? hover->text : "(nothing)";
  }
  std::uint64_t moment_at(std::uint64_t t) const {
    return static_cast<std::uint64_t>(
        std::ranges::upper_bound(events_, t, {}, &TraceEvent::t) - events_.begin());
  }

  ScratchFile file_;
  std::vector<TraceEvent> events_;
  Stage stage_{{.plain_fonts = true}};
};

TEST_F(TimelinePaneTest, AFewEventsAreACurve) {
  open(200);
  std::set<std::string> lives;
  const std::uint64_t begin = events_.front().t, span = events_.back().t - begin;
  for (std::uint64_t part = 1; part < 20; ++part) {
    const std::uint64_t t = begin + span * part / 20;
    stage_.app().timeline().show({t - 5'000, t + 5'000});
    stage_.draw_frames(2);
    const std::string text = middle();
    ASSERT_NE(text.find("live "), std::string::npos) << part << ": " << text;
    lives.insert(text.substr(text.find("live ")));
  }
  EXPECT_GT(lives.size(), 12U);
}

TEST_F(TimelinePaneTest, SingleEventsOfALargerTraceAreReadWhereTheyAreInSight) {
  open(60'000);
  // Between two events: whatever pixel the mouse stands on, it is after the first.
  std::size_t i = 30'000;
  while (events_[i + 1].t < events_[i].t + 1'500) ++i;
  const std::uint64_t t = (events_[i].t + events_[i + 1].t) / 2;
  ASSERT_EQ(moment_at(t), i + 1);
  stage_.app().timeline().show({t - 40'000, t + 40'000});
  ASSERT_TRUE(stage_.settle());
  stage_.draw_frames(2);
  EXPECT_NE(middle().find(live_text(i + 1)), std::string::npos)
      << middle() << ", not " << live_text(i + 1);
  EXPECT_EQ(middle().find("between"), std::string::npos) << "a bucket of several";
}

}  // namespace
}  // namespace memoir
