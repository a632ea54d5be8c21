#include "viewer/key_queue.h"

#include <GLFW/glfw3.h>
#include <gtest/gtest.h>

#include <string>

namespace memoir {
namespace {

// "+O" for a key that went down, "-O" for one that went up.
std::string next_frame(KeyQueue& queue) {
  std::string text;
  queue.deliver([&text](const KeyEvent& event) {
    if (event.character != 0) {
      text += static_cast<char>(event.character);
      return false;
    }
    text += event.action == GLFW_RELEASE ? '-' : '+';
    text += static_cast<char>(event.key);
    return event.key == '/' && event.action == GLFW_PRESS;  // means something
  });
  return text;
}

TEST(KeyQueue, ATapTakesTwoFrames) {
  KeyQueue queue;
  queue.push({'O', 0, GLFW_PRESS, 0});
  queue.push({'O', 0, GLFW_RELEASE, 0});
  EXPECT_EQ(next_frame(queue), "+O");
  EXPECT_EQ(next_frame(queue), "-O");
  EXPECT_TRUE(queue.is_empty());
}

TEST(KeyQueue, NoTapIsLostHoweverManyComeAtOnce) {
  KeyQueue queue;
  for (int i = 0; i < 20; ++i) {
    queue.push({'O', 0, GLFW_PRESS, 0});
    queue.push({'O', 0, GLFW_RELEASE, 0});
  }
  std::string all;
  for (int frame = 0; frame < 40; ++frame) {
    const std::string text = next_frame(queue);
    EXPECT_EQ(text.size(), 2U) << "frame " << frame;
    all += text;
  }
  EXPECT_TRUE(queue.is_empty());
  EXPECT_EQ(all.find("+O+O"), std::string::npos);
}

TEST(KeyQueue, KeysThatGoDownTogetherArriveTogether) {
  KeyQueue queue;
  queue.push({'A', 0, GLFW_PRESS, 0});
  queue.push({'B', 0, GLFW_PRESS, 0});
  queue.push({'A', 0, GLFW_RELEASE, 0});
  queue.push({'B', 0, GLFW_RELEASE, 0});
  EXPECT_EQ(next_frame(queue), "+A+B");
  EXPECT_EQ(next_frame(queue), "-A-B");
}

// "/" leads into the filter, and what is typed then belongs there, however fast.
TEST(KeyQueue, WhatIsTypedWaitsForTheFieldThatAKeyOpens) {
  KeyQueue queue;
  queue.push({'/', 0, GLFW_PRESS, 0});
  queue.push({0, 0, 0, 0, '/'});
  queue.push({'/', 0, GLFW_RELEASE, 0});
  queue.push({'F', 0, GLFW_PRESS, 0});
  queue.push({0, 0, 0, 0, 'f'});
  EXPECT_EQ(next_frame(queue), "+/");
  EXPECT_EQ(next_frame(queue), "");
  EXPECT_EQ(next_frame(queue), "");
  EXPECT_EQ(next_frame(queue), "-/+Ff");
}

TEST(KeyQueue, TheCharacterOfAKeyThatMeantSomethingIsNoneAlsoWhenItComesLater) {
  KeyQueue queue;
  queue.push({'/', 0, GLFW_PRESS, 0});
  EXPECT_EQ(next_frame(queue), "+/");
  queue.push({0, 0, 0, 0, '/'});
  queue.push({0, 0, 0, 0, 'f'});
  next_frame(queue);
  next_frame(queue);
  EXPECT_EQ(next_frame(queue), "f");
}

}  // namespace
}  // namespace memoir
