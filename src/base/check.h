#pragma once
/// Checks against our own mistakes. Data from outside never reaches a check: it gets an Error.

namespace millwright {
/// Writes the place and the condition to standard error and ends the process.
[[noreturn]] void check_failed(const char* condition, const char* file, int line);
}  // namespace millwright

#define MW_CHECK(condition)                                                       \
  do {                                                                            \
    if (!(condition)) ::millwright::check_failed(#condition, __FILE__, __LINE__); \
  } while (false)
