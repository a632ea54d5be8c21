// Calls every operator new and delete there is, by expressions and by explicit calls.
// EVENTS: operator delete 1; operator delete[] 1
// EVENTS: operator delete(nothrow) 1; operator delete[](nothrow) 1
// EVENTS: operator delete(size) 2; operator delete[](size) 1
// EVENTS: operator delete(align) 1; operator delete[](align) 1
// EVENTS: operator delete(size, align) 2; operator delete[](size, align) 1
// EVENTS: operator delete(align, nothrow) 1; operator delete[](align, nothrow) 1
// COMPILE: -fsized-deallocation
#include <cstddef>
#include <new>

namespace {

struct Plain {
  char bytes[24];
};
struct alignas(128) Wide {
  char bytes[256];
};
struct Clearing {  // its arrays carry their length, for the destructors
  ~Clearing() { byte = 0; }
  volatile char byte = 1;
};

void* volatile leaked;
constexpr std::align_val_t kAlign{64};

}  // namespace

int main() {
  // ALLOC: operator new 1 x 30, leaked 1
  leaked = ::operator new(30);
  // ALLOC: operator new[] 1 x 31, leaked 1
  leaked = ::operator new[](31);
  // ALLOC: operator new(nothrow) 1 x 32, leaked 1
  leaked = ::operator new(32, std::nothrow);
  // ALLOC: operator new[](nothrow) 1 x 33, leaked 1
  leaked = ::operator new[](33, std::nothrow);
  // ALLOC: operator new(align) 1 x 34, leaked 1
  leaked = ::operator new(34, kAlign);
  // ALLOC: operator new[](align) 1 x 35, leaked 1
  leaked = ::operator new[](35, kAlign);
  // ALLOC: operator new(align, nothrow) 1 x 36, leaked 1
  leaked = ::operator new(36, kAlign, std::nothrow);
  // ALLOC: operator new[](align, nothrow) 1 x 37, leaked 1
  leaked = ::operator new[](37, kAlign, std::nothrow);

  void* block = ::operator new(40);  // ALLOC: operator new 1 x 40
  ::operator delete(block);
  block = ::operator new[](41);  // ALLOC: operator new[] 1 x 41
  ::operator delete[](block);
  block = ::operator new(42, std::nothrow);  // ALLOC: operator new(nothrow) 1 x 42
  ::operator delete(block, std::nothrow);
  block = ::operator new[](43, std::nothrow);  // ALLOC: operator new[](nothrow) 1 x 43
  ::operator delete[](block, std::nothrow);
  block = ::operator new(44);  // ALLOC: operator new 1 x 44
  ::operator delete(block, 44);
  block = ::operator new(45, kAlign);  // ALLOC: operator new(align) 1 x 45
  ::operator delete(block, kAlign);
  block = ::operator new[](46, kAlign);  // ALLOC: operator new[](align) 1 x 46
  ::operator delete[](block, kAlign);
  block = ::operator new(47, kAlign);  // ALLOC: operator new(align) 1 x 47
  ::operator delete(block, 47, kAlign);
  block = ::operator new[](48, kAlign);  // ALLOC: operator new[](align) 1 x 48
  ::operator delete[](block, 48, kAlign);
  block = ::operator new(49, kAlign);  // ALLOC: operator new(align) 1 x 49
  ::operator delete(block, kAlign, std::nothrow);
  block = ::operator new[](50, kAlign);  // ALLOC: operator new[](align) 1 x 50
  ::operator delete[](block, kAlign, std::nothrow);

  auto* plain = new Plain;  // ALLOC: operator new 1 x 24
  leaked = plain;
  delete plain;
  auto* wide = new Wide;  // ALLOC: operator new(align) 1 x 256
  leaked = wide;
  delete wide;
  auto* several = new Clearing[5];  // ALLOC: operator new[] 1 x 13
  leaked = several;
  delete[] several;
}
