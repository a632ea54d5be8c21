// Scopes without a test framework: what is done with what they find.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>

#include "memoir/expect_no_leaks.h"

namespace {

[[gnu::noinline]] int* make_and_forget() { return new int(7); }

int print() {
  const auto scope = memoir::expect_no_leaks();
  make_and_forget();
  return 0;
}

int throw_it() {
  try {
    const auto scope = memoir::expect_no_leaks(memoir::OnLeak::kThrow);
    make_and_forget();
  } catch (const memoir::LeaksFound& found) {
    std::printf("thrown: %d\n", std::strstr(found.what(), "make_and_forget") != nullptr);
  }
  try {
    const auto scope = memoir::expect_no_leaks(memoir::OnLeak::kThrow);
    make_and_forget();
    throw 5;
  } catch (int) {
    std::printf("the first exception goes on\n");
  }
  return 0;
}

int abort_it() {
  const auto scope = memoir::expect_no_leaks(memoir::OnLeak::kAbort);
  make_and_forget();
  return 0;
}

bool say(const memoir::LeakReport& report) {
  std::printf("judged %d: %zu blocks, %zu bytes, %zu places\n", report.is_judged,
              report.blocks, report.bytes, report.sites.size());
  return report.is_judged;
}

// Looks by itself, also inside of another scope, and while many blocks come and go.
int look() {
  const memoir::LeakScope outer;
  make_and_forget();
  const memoir::LeakScope inner;
  const std::unique_ptr<int> held(make_and_forget());
  auto many = std::make_unique<std::unique_ptr<int>[]>(100'000);
  for (int i = 0; i < 100'000; ++i) many[static_cast<std::size_t>(i)].reset(new int(i));
  const bool judged = say(inner.look());
  many.reset();
  say(inner.look());
  say(outer.look());
  return judged ? 0 : 3;
}

}  // namespace

int main(int, char** arguments) {
  const char* what = arguments[1] == nullptr ? "" : arguments[1];
  if (std::strcmp(what, "print") == 0) return print();
  if (std::strcmp(what, "throw") == 0) return throw_it();
  if (std::strcmp(what, "abort") == 0) return abort_it();
  return look();
}
