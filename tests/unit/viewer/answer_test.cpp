#include "viewer/answer.h"

#include <gtest/gtest.h>

#include <condition_variable>
#include <mutex>
#include <string>
#include <thread>

#include "support/scratch_file.h"
#include "support/synthetic_trace.h"

namespace memoir {
namespace {

class AnswerTest : public testing::Test {
 protected:
  AnswerTest() {
    SyntheticTrace trace(file_.path());
    trace.write();
    trace.writer().finish();
  }

  void ask(Answer<int>& answer, const std::string& key, int value) {
    answer.ask(worker_, key, "Counting", [value](QueryContext&) { return value; });
  }
  // Until the worker has no more to do.
  void await(const AnswerState& answer) {
    std::unique_lock lock(mutex_);
    while (answer.is_running()) woken_.wait_for(lock, std::chrono::milliseconds(1));
  }

  ScratchFile file_;
  std::mutex mutex_;
  std::condition_variable woken_;
  Worker worker_{file_.path(), [this] { woken_.notify_all(); }};
};

TEST_F(AnswerTest, ComesOnceForAKey) {
  Answer<int> answer;
  ask(answer, "one", 1);
  EXPECT_EQ(answer.value(), nullptr);
  await(answer);
  ask(answer, "one", 2);
  ASSERT_NE(answer.value(), nullptr);
  EXPECT_EQ(*answer.value(), 1);
  EXPECT_TRUE(answer.is_current());
  EXPECT_EQ(answer.version(), 1u);
}

TEST_F(AnswerTest, TheOldOneStaysUntilTheNewOneIsThere) {
  Answer<int> answer;
  ask(answer, "one", 1);
  await(answer);
  ask(answer, "two", 2);
  ASSERT_NE(answer.value(), nullptr);
  EXPECT_EQ(*answer.value(), 1);
  EXPECT_FALSE(answer.is_current());
  await(answer);
  ask(answer, "two", 2);
  EXPECT_EQ(*answer.value(), 2);
}

// A panel that went out of sight takes its answer no more: that must not keep the viewer
// awake, nor what waits for it to be idle.
TEST_F(AnswerTest, RunsNoMoreWhenNobodyTakesIt) {
  Answer<int> answer;
  ask(answer, "one", 1);
  await(answer);
  EXPECT_TRUE(answer.is_pending());
  EXPECT_FALSE(answer.is_running());
  EXPECT_TRUE(worker_.queries().empty());
}

TEST_F(AnswerTest, OfACancelledQuestionIsNotGiven) {
  Answer<int> answer;
  answer.ask(worker_, "one", "Waiting", [](QueryContext& job) {
    while (!job.stopped()) std::this_thread::yield();
    return 1;
  });
  answer.cancel();
  EXPECT_FALSE(answer.is_running());
  ask(answer, "two", 2);
  await(answer);
  ask(answer, "two", 2);
  ASSERT_NE(answer.value(), nullptr);
  EXPECT_EQ(*answer.value(), 2);
  EXPECT_EQ(answer.version(), 1u);
}

}  // namespace
}  // namespace memoir
