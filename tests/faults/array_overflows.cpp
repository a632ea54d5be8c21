// Elements too many behind what C++ allocates: new, new[], containers, aligned types.
//
// FAULT: heap buffer overflow: write of up to 4 bytes, 0 bytes after a 40-byte block
//   alloc: operator new[]: of_numbers@numbers < main
//   found: operator delete[]: of_numbers@numbers_freed < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after an 8-byte block
//   alloc: operator new: of_an_object@object < main
//   found: operator delete(size): of_an_object@object_freed < main
// FAULT: heap buffer overflow: write of up to 8 bytes, 8 bytes after a 48-byte block
//   alloc: operator new: of_a_vector@vector < main
//   found: operator delete(size): of_a_vector < main
// FAULT: heap buffer overflow: write of up to * bytes, 0 bytes after a 192-byte block
//   alloc: operator new[](align): of_aligned@aligned < main
//   found: operator delete[](align): of_aligned@aligned_freed < main
// FAULT: heap buffer overflow: write of up to * bytes, 0 bytes after an 80-byte block
//   alloc: operator new[]: with_a_count@counted < main
//   found: operator delete[](size): with_a_count@counted_freed < main
// FAULT: heap buffer overflow: write of 1 byte, 0 bytes after a 31-byte block
//   alloc: operator new: of_a_string@string < main
//   found: at the end
#include <string>
#include <vector>

namespace {

template <typename Value>
[[gnu::noinline]] void clear(Value* first, long count) {
  auto* bytes = reinterpret_cast<volatile char*>(first);
  for (long i = 0; i < count; ++i) bytes[i] = '\0';
}

[[gnu::noinline]] void of_numbers() {
  int* numbers = new int[10];  // mark: numbers
  clear(numbers + 10, sizeof(int));
  delete[] numbers;  // mark: numbers_freed
}

[[gnu::noinline]] void of_an_object() {
  long* number = new long(7);  // mark: object
  clear(number + 1, 1);
  delete number;  // mark: object_freed
}

[[gnu::noinline]] void of_a_vector() {
  std::vector<long> numbers(6);  // mark: vector
  clear(numbers.data() + 7, sizeof(long));
}

struct alignas(64) Line {
  char bytes[64];
};

[[gnu::noinline]] void of_aligned() {
  Line* lines = new Line[3];  // mark: aligned
  clear(lines + 3, sizeof(Line));
  delete[] lines;  // mark: aligned_freed
}

// The compiler keeps their number in front of them.
struct Counted {
  ~Counted() { clear(this, 1); }
  char bytes[24];
};

[[gnu::noinline]] void with_a_count() {
  auto* objects = new Counted[3];  // mark: counted
  clear(objects + 3, sizeof(Counted));
  delete[] objects;  // mark: counted_freed
}

[[gnu::noinline]] void of_a_string() {
  static auto& text = *new std::string;
  text.reserve(30);  // mark: string
  clear(text.data() + 31, 1);
}

}  // namespace

int main() {
  of_numbers();
  of_an_object();
  of_a_vector();
  of_aligned();
  with_a_count();
  of_a_string();
  return 0;
}
