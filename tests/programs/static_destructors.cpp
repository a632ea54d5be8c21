// Objects with static storage free their blocks after main has returned, and handlers
// registered late run among them. Nothing of it is a leak.
// EVENTS: operator new[] 4; operator delete[] 4
#include <cstddef>
#include <cstdlib>

namespace {

class Holder {
 public:
  // ALLOC: operator new[] 4 in 1000
  explicit Holder(std::size_t size) : block_(new char[size]) {}
  Holder(const Holder&) = delete;
  Holder& operator=(const Holder&) = delete;
  ~Holder() { delete[] block_; }

 private:
  char* block_;
};

const Holder first(100);
const Holder second(200);

}  // namespace

int main() {
  static const Holder third(300);
  std::atexit([] { static const Holder fourth(400); });
  return 0;
}
