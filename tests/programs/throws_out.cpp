// Throws what nobody catches: out of main(), out of a thread, out of a noexcept function.
#include <cstdlib>
#include <cstring>
#include <stdexcept>
#include <thread>

namespace {

void* volatile kept;

[[noreturn]] void throw_out() {
  for (int i = 0; i < 50; ++i) kept = std::malloc(100);
  throw std::runtime_error("nobody catches this");
}

void throw_nothing() noexcept { throw_out(); }

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) return 1;
  if (std::strcmp(argv[1], "thread") == 0) std::thread(throw_out).join();
  if (std::strcmp(argv[1], "noexcept") == 0) throw_nothing();
  throw_out();
}
