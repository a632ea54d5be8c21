// Every way to give a block back through a function of another family than the one that
// made it. The block is freed all the same.
//
// FAULT: allocation and deallocation do not match: allocated by malloc, freed by operator delete
//   alloc: malloc: main@malloc_delete
//   access: main@malloc_delete_freed
// FAULT: allocation and deallocation do not match: allocated by malloc, freed by operator delete[]
//   alloc: malloc: main@malloc_array
//   access: main@malloc_array_freed
// FAULT: allocation and deallocation do not match: allocated by calloc, freed by operator delete(size)
//   alloc: calloc: main@calloc_sized
//   access: main@calloc_sized_freed
// FAULT: allocation and deallocation do not match: allocated by aligned_alloc, freed by operator delete(align)
//   alloc: aligned_alloc: main@aligned_alloc_delete
//   access: main@aligned_alloc_delete_freed
// FAULT: allocation and deallocation do not match: allocated by malloc, freed by operator delete
//   alloc: malloc: main@strdup_delete
//   access: main@strdup_delete_freed
// FAULT: allocation and deallocation do not match: allocated by operator new, freed by free
//   alloc: operator new: main@new_free
//   access: main@new_free_freed
// FAULT: allocation and deallocation do not match: allocated by operator new, freed by operator delete[]
//   alloc: operator new: main@new_array
//   access: main@new_array_freed
// FAULT: allocation and deallocation do not match: allocated by operator new(nothrow), freed by free
//   alloc: operator new(nothrow): main@nothrow_free
//   access: main@nothrow_free_freed
// FAULT: allocation and deallocation do not match: allocated by operator new(align), freed by free
//   alloc: operator new(align): main@aligned_free
//   access: main@aligned_free_freed
// FAULT: allocation and deallocation do not match: allocated by operator new[], freed by free
//   alloc: operator new[]: main@array_free
//   access: main@array_free_freed
// FAULT: allocation and deallocation do not match: allocated by operator new[], freed by operator delete
//   alloc: operator new[]: main@array_delete
//   access: main@array_delete_freed
// FAULT: allocation and deallocation do not match: allocated by operator new[], freed by operator delete(size)
//   alloc: operator new[]: main@array_sized
//   access: main@array_sized_freed
// FAULT: allocation and deallocation do not match: allocated by operator new[](nothrow), freed by operator delete
//   alloc: operator new[](nothrow): main@array_nothrow
//   access: main@array_nothrow_freed
// FAULT: allocation and deallocation do not match: allocated by operator new, freed by realloc
//   alloc: operator new: main@new_realloc
//   access: main@new_realloc_freed
// FAULT: allocation and deallocation do not match: allocated by operator new[], freed by reallocarray
//   alloc: operator new[]: main@array_reallocarray
//   access: main@array_reallocarray_freed
#include <cstdlib>
#include <cstring>
#include <new>

int main() {
  void* block = std::malloc(10);                    // mark: malloc_delete
  ::operator delete(block);                         // mark: malloc_delete_freed
  block = std::malloc(11);                          // mark: malloc_array
  ::operator delete[](block);                       // mark: malloc_array_freed
  block = std::calloc(3, 4);                        // mark: calloc_sized
  ::operator delete (block, std::size_t{12});       // mark: calloc_sized_freed
  block = std::aligned_alloc(64, 64);               // mark: aligned_alloc_delete
  ::operator delete (block, std::align_val_t{64});  // mark: aligned_alloc_delete_freed
  block = strdup("words");                          // mark: strdup_delete
  ::operator delete(block);                         // mark: strdup_delete_freed

  block = ::operator new(20);                         // mark: new_free
  std::free(block);                                   // mark: new_free_freed
  block = ::operator new(21);                         // mark: new_array
  ::operator delete[](block);                         // mark: new_array_freed
  block = ::operator new(22, std::nothrow);           // mark: nothrow_free
  std::free(block);                                   // mark: nothrow_free_freed
  block = ::operator new (64, std::align_val_t{64});  // mark: aligned_free
  std::free(block);                                   // mark: aligned_free_freed

  block = ::operator new[](30);                // mark: array_free
  std::free(block);                            // mark: array_free_freed
  block = ::operator new[](31);                // mark: array_delete
  ::operator delete(block);                    // mark: array_delete_freed
  block = ::operator new[](32);                // mark: array_sized
  ::operator delete (block, std::size_t{32});  // mark: array_sized_freed
  block = ::operator new[](33, std::nothrow);  // mark: array_nothrow
  ::operator delete(block);                    // mark: array_nothrow_freed

  block = ::operator new(40);       // mark: new_realloc
  block = std::realloc(block, 80);  // mark: new_realloc_freed
  std::free(block);
  block = ::operator new[](41);        // mark: array_reallocarray
  block = reallocarray(block, 2, 50);  // mark: array_reallocarray_freed
  std::free(block);

  // What belongs together is no fault.
  ::operator delete(::operator new(50, std::nothrow));
  ::operator delete[](::operator new[](51));
  ::operator delete (::operator new(52), std::size_t{52});
  ::operator delete[](::operator new[](64, std::align_val_t{32}), std::align_val_t{32});
  std::free(std::realloc(std::malloc(1), 2));
  return 0;
}
