#include "base/check.h"

#include <stdlib.h>

#include "base/text_writer.h"

namespace memoir {

void check_failed(const char* what) {
  Text<256> line;
  line.add("memoir: internal error: ").add(what).add("\n");
  line.write_to_stderr();
  abort();
}

}  // namespace memoir
