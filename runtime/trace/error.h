#pragma once

// The one exception type of the code that runs beside the traced program. Its text is one
// line for people, without a full stop, that names what could not be done and why:
// "cannot open app.memoir: no such file". It is caught once per command and once per
// query, never in between.

#include <stdexcept>
#include <string>

namespace memoir {

enum class ErrorKind {
  kUsage,        // the command line asks for something impossible
  kCannotTrace,  // the program cannot be started or recorded
  kTrace,        // the trace cannot be read or written
  kCancelled,    // somebody asked for it
};

class Error : public std::runtime_error {
 public:
  explicit Error(const std::string& message, ErrorKind kind = ErrorKind::kTrace)
      : std::runtime_error(message), kind_(kind) {}

  ErrorKind kind() const { return kind_; }

 private:
  ErrorKind kind_;
};

}  // namespace memoir
