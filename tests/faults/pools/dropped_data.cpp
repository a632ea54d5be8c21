// More is written into a ring than it takes, and nobody looks at how much it took.
//
// FINDING: dropped_data byte_ring
//   where: unseen
//   text:  nobody looked

#include <cstdio>
#include <span>

#include "memoir/stream/byte_ring.h"

int main() {
  const char text[] = "0123456789";
  memoir::byte_ring ring{8};
  (void)ring.write(std::as_bytes(std::span{text, 10}));  // mark: unseen
  std::printf("%zu bytes\n", ring.available());
}
