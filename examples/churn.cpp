// Allocates much and keeps little: growing vectors, maps of strings, temporaries, and
// blocks that one thread makes and another frees. Nothing is leaked, so a report on it
// shows peaks, counts and temporary allocations.
#include <cstddef>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace {

constexpr std::size_t kThreads = 4;
constexpr int kRounds = 200;

// A vector that was not reserved: every growth moves it to a larger block.
std::size_t grow_vector(int count) {
  std::vector<int> numbers;
  for (int i = 0; i < count; ++i) numbers.push_back(i);
  return numbers.size();
}

// Temporaries: every sum is a string that dies at once.
std::string join_words(int count) {
  std::string all;
  for (int i = 0; i < count; ++i) {
    all = all + "a word that is too long for the string itself, " + std::to_string(i);
    if (all.size() > 400) all.clear();
  }
  return all;
}

using Messages = std::vector<std::unique_ptr<std::string>>;

Messages write_messages(std::size_t thread) {
  Messages messages;
  for (int i = 0; i < kRounds; ++i) {
    messages.push_back(std::make_unique<std::string>(100 + thread, 'm'));
    grow_vector(64);
    join_words(8);
  }
  return messages;
}

std::size_t count_words(const Messages& messages) {
  std::map<std::string, std::size_t> seen;
  for (const auto& message : messages) ++seen[message->substr(0, 40)];
  return seen.begin()->second;
}

}  // namespace

int main() {
  std::vector<Messages> boxes(kThreads);
  std::vector<std::thread> threads;
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&boxes, i] { boxes[i] = write_messages(i); });
  }
  for (auto& thread : threads) thread.join();
  threads.clear();

  // Each box is emptied by another thread than the one that filled it.
  std::vector<std::size_t> counts(kThreads);
  for (std::size_t i = 0; i < kThreads; ++i) {
    threads.emplace_back([&boxes, &counts, i] {
      const Messages mine = std::move(boxes[(i + 1) % kThreads]);
      counts[i] = count_words(mine);
    });
  }
  for (auto& thread : threads) thread.join();

  std::size_t total = 0;
  for (const std::size_t count : counts) total += count;
  std::cout << total << " messages passed on\n";
}
