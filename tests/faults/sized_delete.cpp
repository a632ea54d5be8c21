// operator delete and free_sized that claim another size or alignment than the block was
// made with.
//
// FAULT: deallocation with another size: operator delete(size) of 8 bytes, but the block has 24
//   alloc: operator new: as_its_base@derived < main
//   access: as_its_base@base < main
// FAULT: deallocation with another size: operator delete[](size) of 10 bytes, but the block has 20
//   alloc: operator new[]: array@array < main
//   access: array@array_freed < main
// FAULT: deallocation with another size: operator delete(size, align) of 64 bytes, but the block has 128
//   alloc: operator new(align): aligned@sized < main
//   access: aligned@sized_freed < main
// FAULT: deallocation with another alignment: operator delete(align) with an alignment of 64, of a block allocated with 32
//   alloc: operator new(align): aligned@other < main
//   access: aligned@other_freed < main
// FAULT: deallocation with another alignment: operator delete without an alignment, of a block allocated with 64
//   alloc: operator new(align): aligned@plain < main
//   access: aligned@plain_freed < main
// FAULT: deallocation with another alignment: operator delete(align) with an alignment of 64, of a block allocated without one
//   alloc: operator new: aligned@claimed < main
//   access: aligned@claimed_freed < main
// FAULT: deallocation with another size: free_sized of 11 bytes, but the block has 10
//   alloc: malloc: of_c@c < main
//   access: of_c@c_freed < main
// FAULT: deallocation with another alignment: free_aligned_sized with an alignment of 32, of a block allocated with 64
//   alloc: aligned_alloc: of_c@c_aligned < main
//   access: of_c@c_aligned_freed < main
#include <cstdlib>
#include <new>

// C23's, which the C library need not have.
extern "C" {
[[gnu::weak]] void free_sized(void* block, std::size_t size);
[[gnu::weak]] void free_aligned_sized(void* block, std::size_t alignment,
                                      std::size_t size);
}

namespace {

struct Base {
  long number;
};
struct Derived : Base {
  long more[2];
};

[[gnu::noinline]] void as_its_base() {
  Base* volatile object = new Derived;  // mark: derived
  delete object;                        // mark: base
}

[[gnu::noinline]] void array() {
  char* block = new char[20];                                       // mark: array
  ::operator delete[](static_cast<void*>(block), std::size_t{10});  // mark: array_freed
}

[[gnu::noinline]] void aligned() {
  void* block = ::operator new (128, std::align_val_t{64});          // mark: sized
  ::operator delete (block, std::size_t{64}, std::align_val_t{64});  // mark: sized_freed
  block = ::operator new (100, std::align_val_t{32});                // mark: other
  ::operator delete (block, std::align_val_t{64});                   // mark: other_freed
  block = ::operator new (101, std::align_val_t{64});                // mark: plain
  ::operator delete(block);                                          // mark: plain_freed
  block = ::operator new(102);                                       // mark: claimed
  ::operator delete (block, std::align_val_t{64});  // mark: claimed_freed
}

[[gnu::noinline]] void of_c() {
  void* block = std::malloc(10);        // mark: c
  free_sized(block, 11);                // mark: c_freed
  block = std::aligned_alloc(64, 128);  // mark: c_aligned
  free_aligned_sized(block, 32, 128);   // mark: c_aligned_freed
}

}  // namespace

int main() {
  as_its_base();
  array();
  aligned();
  of_c();
  // What is as it was made is no fault.
  ::operator delete (::operator new(0), std::size_t{0});
  delete new Derived;
  free_sized(std::calloc(4, 4), 16);
  return 0;
}
