// Leaks 3 blocks of 1000 bytes in one function, and frees what another allocates.
#include <cstdio>

[[gnu::noinline]] char* outside_leak() { return new char[1000]; }

[[gnu::noinline]] char* outside_use() { return new char[77]; }

int main() {
  int sum = 0;
  for (int i = 0; i < 3; ++i) {
    char* volatile leaked = outside_leak();
    leaked[0] = 1;
    sum += leaked[0];
  }
  for (int i = 0; i < 5; ++i) {
    char* volatile used = outside_use();
    used[0] = 1;
    sum += used[0];
    delete[] used;
  }
  std::printf("%d\n", sum);
}
