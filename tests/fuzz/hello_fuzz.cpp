// Says anything to a collector's socket: bytes that are no hello, descriptors that are no
// session, several of them or none, twice, not at all, and hangs up at any moment. Only
// who offers a session is let in, everybody hears what became of it, and no descriptor
// stays open.

#include <fcntl.h>
#include <sys/mman.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <vector>

#include "collect/session_server.h"
#include "fuzz/generated_inputs.h"
#include "support/memfd_session.h"
#include "support/session_dialer.h"

namespace memoir {
namespace {

void require(bool holds) {
  if (!holds) std::abort();
}

std::size_t open_descriptors() {
  const std::filesystem::directory_iterator entries("/proc/self/fd");
  return static_cast<std::size_t>(std::distance(begin(entries), end(entries)));
}

// Takes an input apart, from the front. Zeroes when it is used up.
class Words {
 public:
  Words(const std::uint8_t* data, std::size_t size) : at_(data), left_(size) {}
  bool done() const { return left_ == 0; }
  std::uint8_t byte() {
    if (left_ == 0) return 0;
    --left_;
    return *at_++;
  }
  void fill(void* to, std::size_t size) {
    size = std::min(size, left_);
    std::memcpy(to, at_, size);
    at_ += size;
    left_ -= size;
  }

 private:
  const std::uint8_t* at_;
  std::size_t left_;
};

// A descriptor to offer, by a byte of the input.
class Offer {
 public:
  explicit Offer(Words& input) {
    switch (input.byte() % 8) {
      case 0:
        fd_ = ScopedFd(open("/dev/null", O_RDWR | O_CLOEXEC));
        return;
      case 1:
        fd_ = ScopedFd(socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0));
        return;
      case 2:
        fd_ = ScopedFd(memfd_create("fuzz", MFD_CLOEXEC | MFD_ALLOW_SEALING));
        make(input, input.byte() % 2 == 0);
        return;
      default:
        session_.emplace(1, 4, 16, 64);
        is_session_ = scribble(input) == 0;
    }
  }
  int descriptor() const { return session_ ? session_->descriptor() : fd_.get(); }
  // Nothing but what a runtime would offer.
  bool is_session() const { return is_session_; }

 private:
  // A file of any size, up to far more than there is room for, with anything in front.
  void make(Words& input, bool sealed) {
    std::array<std::uint8_t, 512> bytes{};
    const unsigned log2 = input.byte() % 63;
    const off_t size = (off_t{1} << log2) - (input.byte() % 2);
    if (ftruncate(fd_.get(), size) != 0) return;
    if (size >= static_cast<off_t>(bytes.size())) {
      input.fill(bytes.data(), bytes.size());
      if (pwrite(fd_.get(), bytes.data(), bytes.size(), 0) < 0) return;
    }
    if (sealed) fcntl(fd_.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW);
  }
  // How many bytes of the header were changed.
  int scribble(Words& input) {
    int changed = 0;
    auto* header = reinterpret_cast<std::uint8_t*>(&session_->memory().header());
    for (int n = input.byte() % 8 - 4; n > 0; --n, ++changed) {
      const std::size_t at = (input.byte() + std::size_t{2} * input.byte()) % 160;
      header[at] = input.byte();
    }
    return changed;
  }

  ScopedFd fd_;
  std::optional<MemfdSession> session_;
  bool is_session_ = false;
};

class Client {
 public:
  explicit Client(const SessionServer& server) : dialer_(server.name()) {
    require(dialer_.connected());
  }

  // Says one thing more.
  void speak(Words& input) {
    std::array<std::byte, 64> bytes{};
    const HelloMessage hello;
    std::memcpy(bytes.data(), &hello, sizeof hello);
    const std::uint8_t how = input.byte();
    std::size_t size = sizeof hello;
    if (how % 4 == 1) size = input.byte() % (bytes.size() + 1);
    if (how % 4 == 2) input.fill(bytes.data(), bytes.size());
    const bool is_hello =
        size == sizeof hello && std::memcmp(bytes.data(), &hello, 12) == 0;
    std::vector<int> descriptors;
    std::size_t count = how / 4 % 4 == 0 ? input.byte() % 12 : 1;
    bool is_session = count == 1;
    for (; count > 0; --count) {
      const Offer& offer = *offers_.emplace_back(std::make_unique<Offer>(input));
      descriptors.push_back(offer.descriptor());
      is_session = is_session && offer.is_session();
    }
    const bool said = dialer_.say(std::span(bytes).first(size), descriptors);
    if (spoken_ || !said) return;  // the first word counts
    spoken_ = true;
    must_enter_ = is_hello && is_session;
    may_enter_ = is_hello && descriptors.size() == 1;
    is_alone_ = true;
  }
  void speak_again(Words& input) {
    speak(input);
    is_alone_ = false;
  }

  // When the collector has heard everybody. What it never read takes its answer away.
  void check_answer() const {
    if (!spoken_ || !is_alone_) return;
    const auto answer = dialer_.answer();
    require(answer.has_value());
    require(answer->magic == kSessionMagic && answer->accepted <= 1);
    require(answer->accepted == 0 ? !must_enter_ : may_enter_);
  }

 private:
  SessionDialer dialer_;
  std::vector<std::unique_ptr<Offer>> offers_;
  bool spoken_ = false, is_alone_ = false, must_enter_ = false, may_enter_ = false;
};

// What a collector does with who is let in; its memory may be nonsense.
void hear(SessionServer& server) {
  while (auto offered = server.accept()) {
    const ScopedFd pidfd(offered->pidfd);
    const SessionMapping& session = offered->session;
    (void)session.text(session.command());
    (void)session.text(session.executable());
    for (StackNodeId id = session.node_count();
         id > 0 && id + 8 > session.node_count();) {
      (void)session.node(--id);
    }
    server.welcome(*offered);
  }
}

void run(Words& input) {
  constexpr std::size_t kMostClients = 12;
  SessionServer server;
  std::vector<std::unique_ptr<Client>> clients;
  for (int steps = 0; !input.done() && steps < 200; ++steps) {
    const std::uint8_t what = input.byte();
    const std::size_t which = clients.empty() ? 0 : what / 8 % clients.size();
    switch (what % 8) {
      case 0:
        hear(server);
        break;
      case 1:
        if (!clients.empty()) clients.erase(clients.begin() + std::ptrdiff_t(which));
        break;
      case 2:
        if (!clients.empty()) clients[which]->speak_again(input);
        break;
      default:
        if (clients.size() == kMostClients) break;
        clients.push_back(std::make_unique<Client>(server));
        if (what % 8 != 3) clients.back()->speak(input);
    }
  }
  hear(server);
  for (const auto& client : clients) client->check_answer();
}

}  // namespace
}  // namespace memoir

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::size_t before = memoir::open_descriptors();
  {
    memoir::Words input(data, size);
    memoir::run(input);
  }
  memoir::require(memoir::open_descriptors() == before);
  return 0;
}

#ifndef MEMOIR_LIBFUZZER

namespace {

memoir::FuzzInput plausible_input(std::mt19937_64& random) {
  memoir::FuzzInput input(4 + random() % 300);
  for (std::uint8_t& byte : input) {
    byte = static_cast<std::uint8_t>(random() % 4 == 0 ? random() : random() % 8);
  }
  return input;
}

}  // namespace

int main(int argc, char** argv) {
  return memoir::fuzz_generated(argc, argv, 1000, plausible_input);
}

#endif
