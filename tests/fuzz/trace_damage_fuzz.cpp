// Damages a small trace in every page, ten thousand times, a bit here and there, and asks
// it everything (all_questions.h); and as often as that is quick, forges single values,
// which no check of pages notices. Nothing may crash or hang; the address sanitizer sees
// the rest.
//
//   trace_damage_fuzz            all of it
//   trace_damage_fuzz PAGE N     one damage again, as a failure named it

#include "fuzz/all_questions.h"
#include "fuzz/damaged_traces.h"

int main(int argc, char** argv) {
  using namespace memoir;
  const ScratchFile file;
  write_trace_of_everything(file.path());
  if (AllQuestions::ask(file.path()) < 20) {
    std::fprintf(stderr, "the whole trace is not answered\n");
    return 1;
  }
  // Damage shows under the address sanitizer; without it a part is enough to see that
  // nothing hangs.
#ifdef __SANITIZE_ADDRESS__
  constexpr std::size_t kRounds = 10'000;
#else
  constexpr std::size_t kRounds = 2'500;
#endif
  constexpr std::size_t kForgeries = 1'500;
  DamagedTraces traces(kRounds, kForgeries, "trace_damage_fuzz",
                       [](const std::filesystem::path& path, std::size_t round) {
                         const int subject =
                             static_cast<int>(round % AllQuestions::kSubjects);
                         return AllQuestions::ask_about(path, subject) > 0;
                       });
  return traces.run(argc, argv);
}
