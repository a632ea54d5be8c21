#pragma once

// An array that grows by pages and never moves: what may become large and is reached by
// number. The first pages are small ones; then they come by the dozen, in huge pages.
//
//   pages_ ──► [page] [page] [page page page ... page] ...
//
// Thread safety: none. Errors: throws std::bad_alloc.

#include <cstddef>
#include <memory>
#include <vector>

#include "trace/zeroed_array.h"

namespace memoir {

template <typename T>
class PagedArray {
 public:
  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return pages_[i / kPage][i % kPage]; }
  const T& operator[](std::size_t i) const { return pages_[i / kPage][i % kPage]; }

  // One more, whatever it is.
  T& append() {
    if (size_ == pages_.size() * kPage) add_page();
    return (*this)[size_++];
  }

 private:
  static constexpr std::size_t kPage = 2048;
  static constexpr std::size_t kSmallPages = (std::size_t{2} << 20) / (kPage * sizeof(T));
  static constexpr std::size_t kTogether = kSmallPages + 1;  // at least 2 MiB

  void add_page() {
    if (pages_.size() < kSmallPages) {
      small_.push_back(std::make_unique_for_overwrite<T[]>(kPage));
      pages_.push_back(small_.back().get());
      return;
    }
    if (left_ == 0) {
      large_.emplace_back(kPage * kTogether);
      left_ = kTogether;
    }
    pages_.push_back(large_.back().begin() + kPage * (kTogether - left_));
    --left_;
  }

  std::size_t size_ = 0;
  std::vector<T*> pages_;
  std::vector<std::unique_ptr<T[]>> small_;
  std::vector<ZeroedArray<T>> large_;
  std::size_t left_ = 0;  // pages of the newest large one that are not in use
};

}  // namespace memoir
