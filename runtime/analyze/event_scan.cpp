#include "analyze/event_scan.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace memoir {
namespace {

// The chunks that hold some of the events [begin, end).
struct ChunkRange {
  ChunkRange(const EventSource& source, std::uint64_t begin, std::uint64_t end)
      : source(source), begin(begin), end(std::min(end, source.events())) {
    if (begin >= this->end) return;
    first = source.chunk_of(begin);
    last = source.chunk_of(this->end - 1) + 1;
  }

  std::size_t size() const { return last - first; }
  const ChunkPlace& chunk(std::size_t i) const { return source.chunks()[first + i]; }
  EventSpan span(std::size_t i, std::span<const TraceEvent> events) const {
    const ChunkPlace& place = chunk(i);
    const std::uint64_t from = std::max(begin, place.first_seq);
    const std::uint64_t to = std::min(end, place.end_seq());
    return {from, events.subspan(from - place.first_seq, to - from)};
  }

  const EventSource& source;
  std::uint64_t begin, end;
  std::size_t first = 0, last = 0;
};

// Decoded chunks on their way to the one who takes them in order. Chunk i goes through
// slot i modulo their number, when the chunk before it in there was taken.
class DecodedChunks {
 public:
  DecodedChunks(const ChunkRange& range, unsigned threads)
      : range_(range), slots_(std::size_t{2} * threads) {
    for (std::size_t i = 0; i < slots_.size(); ++i) slots_[i].turn = i;
    for (unsigned i = 0; i < threads; ++i) {
      threads_.emplace_back([this] { decode_all(); });
    }
  }
  ~DecodedChunks() {
    {
      const std::scoped_lock lock(mutex_);
      stopped_ = true;
    }
    changed_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  DecodedChunks(const DecodedChunks&) = delete;
  DecodedChunks& operator=(const DecodedChunks&) = delete;

  // The events of chunk i, valid until release(i). In order.
  const std::vector<TraceEvent>& take(std::size_t i) {
    Slot& slot = slots_[i % slots_.size()];
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return slot.ready && slot.turn == i; });
    if (slot.error) std::rethrow_exception(slot.error);
    return slot.events;
  }
  void release(std::size_t i) {
    Slot& slot = slots_[i % slots_.size()];
    {
      const std::scoped_lock lock(mutex_);
      slot.ready = false;
      slot.turn = i + slots_.size();
    }
    changed_.notify_all();
  }

 private:
  struct Slot {
    std::size_t turn = 0;  // the chunk that comes here next, or is here
    bool ready = false;
    std::exception_ptr error;
    std::vector<TraceEvent> events;
  };

  void decode_all() {
    for (;;) {
      std::unique_lock lock(mutex_);
      if (stopped_ || next_ >= range_.size()) return;
      const std::size_t i = next_++;
      Slot& slot = slots_[i % slots_.size()];
      changed_.wait(lock, [&] { return stopped_ || (slot.turn == i && !slot.ready); });
      if (stopped_) return;
      lock.unlock();
      try {
        range_.source.load(range_.chunk(i), slot.events);
      } catch (...) {
        slot.error = std::current_exception();
      }
      lock.lock();
      slot.ready = true;
      lock.unlock();
      changed_.notify_all();
    }
  }

  const ChunkRange& range_;
  std::vector<Slot> slots_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::size_t next_ = 0;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

unsigned decoders(const ChunkRange& range, unsigned threads) {
  if (threads == 0) threads = scan_threads();
  return static_cast<unsigned>(std::min<std::size_t>(threads, range.size()));
}

double part(std::size_t done, std::size_t all) {
  return static_cast<double>(done) / static_cast<double>(all);
}

}  // namespace

unsigned scan_threads() {
  constexpr unsigned kMost = 16;
  return std::clamp(std::thread::hardware_concurrency(), 1U, kMost);
}

void scan_events(const EventSource& source, std::uint64_t begin, std::uint64_t end,
                 const Job& job, const std::function<void(const EventSpan&)>& sink,
                 unsigned threads) {
  const ChunkRange range(source, begin, end);
  job.check();
  if (range.size() == 0) return;
  if (range.size() == 1) {
    std::vector<TraceEvent> events;
    source.load(range.chunk(0), events);
    sink(range.span(0, events));
    return job.advance(1);
  }
  DecodedChunks decoded(range, decoders(range, threads));
  for (std::size_t i = 0; i < range.size(); ++i) {
    sink(range.span(i, decoded.take(i)));
    decoded.release(i);
    job.advance(part(i + 1, range.size()));
  }
}

void scan_events_in_parallel(
    const EventSource& source, std::uint64_t begin, std::uint64_t end, const Job& job,
    unsigned threads,
    const std::function<void(unsigned thread, const EventSpan&)>& sink) {
  const ChunkRange range(source, begin, end);
  job.check();
  if (range.size() == 0) return;
  std::atomic<std::size_t> next{0}, done{0};
  std::atomic<bool> stopped{false};
  std::vector<std::exception_ptr> errors(decoders(range, threads));
  const auto work = [&](unsigned thread) {
    try {
      std::vector<TraceEvent> events;
      while (!stopped.load(std::memory_order_relaxed)) {
        const std::size_t i = next.fetch_add(1, std::memory_order_relaxed);
        if (i >= range.size()) return;
        range.source.load(range.chunk(i), events);
        sink(thread, range.span(i, events));
        const std::size_t so_far = done.fetch_add(1, std::memory_order_relaxed) + 1;
        if (thread == 0) job.advance(part(so_far, range.size()));
      }
    } catch (...) {
      errors[thread] = std::current_exception();
      stopped.store(true, std::memory_order_relaxed);
    }
  };
  {
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < errors.size(); ++i) others.emplace_back(work, i);
    work(0);
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
  job.advance(1);
}

}  // namespace memoir
