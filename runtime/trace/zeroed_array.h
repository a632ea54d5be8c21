#pragma once

// A large array of zero bytes for hash tables: pages cost nothing until they are touched,
// and are huge ones where the kernel has them, since every access is another page.
//
// Thread safety: none. Errors: throws std::bad_alloc.

#include <sys/mman.h>

#include <cstddef>
#include <cstdint>
#include <new>
#include <type_traits>
#include <utility>

namespace memoir {

template <typename T>
class ZeroedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  ZeroedArray() = default;
  explicit ZeroedArray(std::size_t size)
      : data_(static_cast<T*>(map(size * sizeof(T)))), size_(size) {
    prefer_huge_pages();
  }
  ~ZeroedArray() {
    if (data_ != nullptr) munmap(data_, size_ * sizeof(T));
  }
  ZeroedArray(ZeroedArray&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)),
        size_(std::exchange(other.size_, 0)) {}
  ZeroedArray& operator=(ZeroedArray&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ZeroedArray(const ZeroedArray&) = delete;
  ZeroedArray& operator=(const ZeroedArray&) = delete;

  // More of them, where nothing is copied and no page given back.
  void grow(std::size_t size) {
    const std::size_t bytes = size * sizeof(T);
    void* moved = nullptr;
    if (bytes < kHugePage) {
      moved = mremap(data_, size_ * sizeof(T), bytes, MREMAP_MAYMOVE);
    } else {
      // Huge pages stay whole when they are moved to where one may begin.
      void* place = map(bytes);
      moved =
          mremap(data_, size_ * sizeof(T), bytes, MREMAP_MAYMOVE | MREMAP_FIXED, place);
      if (moved == MAP_FAILED) munmap(place, bytes);
    }
    if (moved == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<T*>(moved);
    size_ = size;
    prefer_huge_pages();
  }

  std::size_t size() const { return size_; }
  T& operator[](std::size_t i) { return data_[i]; }
  const T& operator[](std::size_t i) const { return data_[i]; }
  T* begin() { return data_; }
  T* end() { return data_ + size_; }
  const T* begin() const { return data_; }
  const T* end() const { return data_ + size_; }

 private:
  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kHugePage = 2 << 20;

  static void* map_anywhere(std::size_t bytes) {
    void* memory = mmap(nullptr, bytes, PROT_READ | PROT_WRITE,
                        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    return memory;
  }
  // What holds a huge page begins where one may begin.
  static void* map(std::size_t bytes) {
    if (bytes < kHugePage) return map_anywhere(bytes);
    bytes = (bytes + kPage - 1) & ~(kPage - 1);
    const auto begin = reinterpret_cast<std::uintptr_t>(map_anywhere(bytes + kHugePage));
    const std::uintptr_t aligned = (begin + kHugePage - 1) & ~(kHugePage - 1);
    const std::uintptr_t end = begin + bytes + kHugePage;
    if (aligned != begin) munmap(reinterpret_cast<void*>(begin), aligned - begin);
    if (aligned + bytes != end) {
      munmap(reinterpret_cast<void*>(aligned + bytes), end - aligned - bytes);
    }
    return reinterpret_cast<void*>(aligned);
  }
  void prefer_huge_pages() const {
    const std::size_t bytes = size_ * sizeof(T);
    if (bytes >= kHugePage) madvise(data_, bytes, MADV_HUGEPAGE);
  }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace memoir
