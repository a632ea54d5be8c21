#include "trace/stack_run.h"

namespace memoir {
namespace {

// Characters begin after the control characters, and pass over the surrogates, which
// UTF-8 has not, and the rest of their plane.
constexpr std::uint32_t kFirst = 32;
constexpr std::uint32_t kGapBegin = 0xd800;
constexpr std::uint32_t kGap = 0x10000 - kGapBegin;

static_assert(kMaxRunFrame + kFirst + kGap == 0x10ffff);

void put(std::string& text, std::uint32_t c) {
  const auto byte = [&text](std::uint32_t value) { text += static_cast<char>(value); };
  if (c < 0x80) {
    byte(c);
  } else if (c < 0x800) {
    byte(0xc0 | c >> 6);
    byte(0x80 | (c & 63));
  } else if (c < 0x10000) {
    byte(0xe0 | c >> 12);
    byte(0x80 | (c >> 6 & 63));
    byte(0x80 | (c & 63));
  } else {
    byte(0xf0 | c >> 18);
    byte(0x80 | (c >> 12 & 63));
    byte(0x80 | (c >> 6 & 63));
    byte(0x80 | (c & 63));
  }
}

}  // namespace

std::string encode_run(std::span<const std::uint32_t> frames) {
  std::string text;
  text.reserve(frames.size() * 3);
  for (const std::uint32_t frame : frames) {
    const std::uint32_t c = frame + kFirst;
    put(text, c < kGapBegin ? c : c + kGap);
  }
  return text;
}

std::vector<std::uint32_t> decode_run(std::string_view text) {
  std::vector<std::uint32_t> frames;
  for (std::size_t at = 0; at < text.size();) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    const unsigned more = lead < 0xc0 ? 0 : lead < 0xe0 ? 1 : lead < 0xf0 ? 2 : 3;
    std::uint32_t c = lead < 0x80 ? lead : lead & (0x3fU >> more);
    for (unsigned i = 0; i < more && at < text.size(); ++i) {
      c = c << 6 | (static_cast<unsigned char>(text[at++]) & 63);
    }
    frames.push_back(c >= kGapBegin + kGap ? c - kGap - kFirst
                     : c >= kFirst         ? c - kFirst
                                           : 0);
  }
  return frames;
}

void StackRuns::add(std::uint32_t stack, std::uint32_t parent, std::uint32_t frame) {
  const bool goes_on = !run_.empty() && run_.size() < kMaxRun && parent + 1 == stack &&
                       frame <= kMaxRunFrame && run_.back() <= kMaxRunFrame;
  if (!goes_on) {
    end_run();
    first_ = stack;
    parent_ = parent;
  }
  run_.push_back(frame);
}

void StackRuns::flush() {
  end_run();
  if (rows_) rows_->flush();
}

void StackRuns::end_run() {
  if (run_.empty()) return;
  if (!rows_) rows_.emplace(database_, "stack_run", 3);
  rows_->put({first_, parent_, path()});
  run_.clear();
}

std::uint32_t StackRuns::path() {
  if (!insert_path_) insert_path_ = database_.prepare("INSERT INTO path VALUES(?,?)");
  if (run_.back() > kMaxRunFrame) {
    insert_path_->run(next_path_, run_.back());
    return next_path_++;
  }
  // Memory has a limit: what is forgotten is written once more.
  constexpr std::size_t kMostPaths = 1 << 18;
  if (paths_.size() == kMostPaths) paths_.clear();
  const auto [known, is_new] = paths_.try_emplace(encode_run(run_), next_path_);
  if (is_new) insert_path_->run(next_path_++, std::string_view(known->first));
  return known->second;
}

StackTree::StackTree(Database& database)
    : run_at_(database.prepare("SELECT first, parent, frames, typeof(frames) FROM"
                               " stack_run LEFT JOIN path ON path.id = stack_run.path"
                               " WHERE first <= ? ORDER BY first DESC LIMIT 1")) {}

std::optional<StackStep> StackTree::find(std::uint32_t stack) {
  if (stack == 0) return std::nullopt;
  if (stack < first_ || stack - first_ >= frames_.size()) {
    frames_.clear();
    run_at_.reset();
    run_at_.bind(0, stack);
    if (!run_at_.step()) return std::nullopt;
    first_ = static_cast<std::uint32_t>(run_at_.integer(0));
    parent_ = static_cast<std::uint32_t>(run_at_.integer(1));
    if (run_at_.text(3) == "integer") {
      frames_.assign(1, static_cast<std::uint32_t>(run_at_.integer(2)));
    } else {
      frames_ = decode_run(run_at_.text(2));
    }
    run_at_.reset();
    if (stack < first_ || stack - first_ >= frames_.size()) return std::nullopt;
  }
  const std::uint32_t index = stack - first_;
  if (index != 0) return StackStep{stack - 1, frames_[index]};
  return StackStep{parent_ < stack ? parent_ : 0, frames_[0]};
}

}  // namespace memoir
