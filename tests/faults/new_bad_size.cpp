// operator new with sizes and alignments that cannot be meant: reported once, whatever
// the C++ runtime tries, and thrown as bad_alloc.
//
// FAULT: bad size: operator new of -1 bytes (18446744073709551615)
//   access: negative@new < main
// FAULT: bad size: operator new[] of -5 bytes (18446744073709551611)
//   access: negative_array@array < main
// FAULT: bad size: operator new(nothrow) of -7 bytes (18446744073709551609)
//   access: nothrow@nothrow < main
// FAULT: bad size: operator new[](nothrow) of -8 bytes (18446744073709551608)
//   access: nothrow@array_nothrow < main
// FAULT: bad size: operator new(align) of -64 bytes (18446744073709551552)
//   access: aligned@aligned < main
// FAULT: bad size: operator new(align, nothrow) of -32 bytes (18446744073709551584)
//   access: aligned@aligned_nothrow < main
// FAULT: bad size: operator new of -1000 bytes (18446744073709550616)
//   access: with_handler@handled < main
// FAULT: bad alignment: operator new(align) with an alignment of 24, which is no power of two
//   access: bad_alignment@bad < main
// FAULT: bad alignment: operator new(align, nothrow) with an alignment of 48, which is no power of two
//   access: bad_alignment@bad_nothrow < main
#include <cstddef>
#include <cstdlib>
#include <new>

namespace {

int calls = 0;

void give_up() {
  ++calls;
  std::set_new_handler(nullptr);
}

[[gnu::noinline]] void expect_none(void* block) {
  if (block != nullptr) std::abort();
}

[[gnu::noinline]] void negative(std::size_t size) {
  try {
    ::operator new(size);  // mark: new
    std::abort();
  } catch (const std::bad_alloc&) {
  }
}

[[gnu::noinline]] void negative_array(std::size_t size) {
  try {
    ::operator new[](size);  // mark: array
    std::abort();
  } catch (const std::bad_alloc&) {
  }
}

[[gnu::noinline]] void nothrow(std::size_t size) {
  expect_none(::operator new(size, std::nothrow));        // mark: nothrow
  expect_none(::operator new[](size - 1, std::nothrow));  // mark: array_nothrow
}

[[gnu::noinline]] void aligned(std::size_t size) {
  try {
    ::operator new(size, std::align_val_t(64));  // mark: aligned
    std::abort();
  } catch (const std::bad_alloc&) {
  }
  const std::align_val_t more{128};
  expect_none(::operator new(size + 32, more, std::nothrow));  // mark: aligned_nothrow
}

[[gnu::noinline]] void with_handler(std::size_t size) {
  std::set_new_handler(give_up);
  try {
    ::operator new(size);  // mark: handled
    std::abort();
  } catch (const std::bad_alloc&) {
  }
  if (calls != 1) std::abort();
}

[[gnu::noinline]] void bad_alignment() {
  try {
    ::operator new(10, std::align_val_t(24));  // mark: bad
    std::abort();
  } catch (const std::bad_alloc&) {
  }
  const std::align_val_t other{48};
  expect_none(::operator new(10, other, std::nothrow));  // mark: bad_nothrow
}

}  // namespace

int main() {
  negative(-1);
  negative_array(-5);
  nothrow(-7);
  aligned(-64);
  with_handler(-1000);
  bad_alignment();
  return 0;
}
