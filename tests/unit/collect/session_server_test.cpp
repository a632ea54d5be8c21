#include "collect/session_server.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

#include <array>
#include <filesystem>
#include <iterator>
#include <memory>
#include <vector>

#include "support/memfd_session.h"
#include "support/session_dialer.h"

namespace memoir {
namespace {

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

class SessionServerTest : public testing::Test {
 protected:
  // Nobody is let in, and the client is told so.
  void expect_refusal(const SessionDialer& client) {
    EXPECT_FALSE(server_.accept().has_value());
    const auto answer = client.answer();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->accepted, 0U);
  }
  void expect_welcome(const SessionDialer& client) {
    auto offered = server_.accept();
    ASSERT_TRUE(offered.has_value());
    EXPECT_EQ(offered->pid, getpid());
    EXPECT_FALSE(client.answer().has_value());  // not before it is told to
    server_.welcome(*offered);
    close(offered->pidfd);
    const auto answer = client.answer();
    ASSERT_TRUE(answer.has_value());
    EXPECT_EQ(answer->magic, kSessionMagic);
    EXPECT_EQ(answer->accepted, 1U);
    EXPECT_EQ(answer->collector_pid, static_cast<std::uint32_t>(getpid()));
  }

  SessionServer server_;
  const MemfdSession session_;
  const std::array<int, 1> memory_{session_.descriptor()};
};

TEST_F(SessionServerTest, LetsInWhoOffersASession) {
  const std::size_t before = open_descriptors();
  {
    const SessionDialer client(server_.name());
    ASSERT_TRUE(client.connected());
    ASSERT_TRUE(client.say(HelloMessage{}, memory_));
    expect_welcome(client);
  }
  EXPECT_EQ(open_descriptors(), before);
}

TEST_F(SessionServerTest, RefusesWhatIsNoHello) {
  const SessionDialer empty(server_.name());
  ASSERT_TRUE(empty.say(std::span<const std::byte>(), memory_));
  expect_refusal(empty);
  for (const std::size_t size : {1, 23, 25, 4096}) {
    std::vector<std::byte> bytes(size);
    const HelloMessage hello;
    std::memcpy(bytes.data(), &hello, std::min(size, sizeof hello));
    const SessionDialer client(server_.name());
    ASSERT_TRUE(client.say(bytes, memory_));
    expect_refusal(client);
  }
  for (const HelloMessage& hello :
       {HelloMessage{.magic = kSessionMagic + 1}, HelloMessage{.version = 0},
        HelloMessage{.version = kWireVersion + 1}}) {
    const SessionDialer client(server_.name());
    ASSERT_TRUE(client.say(hello, memory_));
    expect_refusal(client);
  }
}

TEST_F(SessionServerTest, RefusesAllButOneDescriptorAndKeepsNone) {
  for (const std::size_t count : {0, 2, 3, 8, 9, 100, 253}) {
    const std::size_t before = open_descriptors();
    {
      const SessionDialer client(server_.name());
      const std::vector<int> many(count, session_.descriptor());
      ASSERT_TRUE(client.say(HelloMessage{}, many)) << count;
      expect_refusal(client);
    }
    EXPECT_EQ(open_descriptors(), before) << count;
  }
}

TEST_F(SessionServerTest, WhoSaysNothingHoldsNobodyUp) {
  const SessionDialer silent(server_.name());
  EXPECT_FALSE(server_.accept().has_value());
  { const SessionDialer gone(server_.name()); }
  const SessionDialer client(server_.name());
  ASSERT_TRUE(client.say(HelloMessage{}, memory_));
  expect_welcome(client);
  // And may speak after all.
  EXPECT_FALSE(silent.answer().has_value());
  ASSERT_TRUE(silent.say(HelloMessage{}, memory_));
  expect_welcome(silent);
}

TEST_F(SessionServerTest, ACrowdThatSaysNothingIsThinnedOut) {
  std::vector<std::unique_ptr<SessionDialer>> crowd;
  for (int i = 0; i < 300; ++i) {
    crowd.push_back(std::make_unique<SessionDialer>(server_.name()));
    ASSERT_TRUE(crowd.back()->connected()) << i;
    EXPECT_FALSE(server_.accept().has_value());
  }
  EXPECT_FALSE(crowd.front()->say(HelloMessage{}, memory_));  // it had to go
  ASSERT_TRUE(crowd.back()->say(HelloMessage{}, memory_));
  expect_welcome(*crowd.back());
}

// Takes every descriptor but `free` of them.
class FewDescriptors {
 public:
  explicit FewDescriptors(std::size_t free) {
    getrlimit(RLIMIT_NOFILE, &before_);
    rlimit small = before_;
    small.rlim_cur = 256;
    setrlimit(RLIMIT_NOFILE, &small);
    for (int fd = 0; (fd = dup(0)) >= 0;) taken_.emplace_back(fd);
    for (; free > 0; --free) taken_.pop_back();
  }
  ~FewDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  FewDescriptors(const FewDescriptors&) = delete;
  FewDescriptors& operator=(const FewDescriptors&) = delete;

 private:
  rlimit before_{};
  std::vector<ScopedFd> taken_;
};

TEST_F(SessionServerTest, WithoutDescriptorsWhoComesIsRefusedAndTheRestGoesOn) {
  EXPECT_FALSE(server_.accept().has_value());
  for (const std::size_t left : {0, 1, 2}) {
    std::vector<std::unique_ptr<SessionDialer>> clients;
    for (int i = 0; i < 5; ++i) {
      clients.push_back(std::make_unique<SessionDialer>(server_.name()));
      ASSERT_TRUE(clients.back()->say(HelloMessage{}, memory_));
    }
    {
      const FewDescriptors few(left);
      EXPECT_FALSE(server_.accept().has_value()) << left;
    }
    for (const auto& client : clients) {
      const auto answer = client->answer();
      ASSERT_TRUE(answer.has_value()) << left;
      EXPECT_EQ(answer->accepted, 0U) << left;
    }
  }
  const SessionDialer client(server_.name());
  ASSERT_TRUE(client.say(HelloMessage{}, memory_));
  expect_welcome(client);
}

}  // namespace
}  // namespace memoir
