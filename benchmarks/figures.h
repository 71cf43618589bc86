#pragma once
/// What every benchmark needs: figures as lines, medians, and what the system says of this process.
///
/// A benchmark ends at the first error: a figure of a run that went wrong is worth nothing.

#include <chrono>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "base/result.h"

namespace millwright::bench {

using Steady = std::chrono::steady_clock;

[[noreturn]] inline void fail(const std::string& sentence) {
  std::fprintf(stderr, "error: %s\n", sentence.c_str());
  std::exit(1);
}
[[noreturn]] inline void fail(const Error& error) { fail(error.message + " " + error.detail); }

template <typename T>
T must(Result<T> result) {
  if (!result) fail(result.error());
  return std::move(result).value();
}
inline void must(const Result<>& result) {
  if (!result) fail(result.error());
}

inline double ms_since(Steady::time_point start) {
  return std::chrono::duration<double, std::milli>(Steady::now() - start).count();
}

/// name<TAB>value<TAB>unit on standard output, with four significant digits.
void print_figure(const std::string& name, double value, const char* unit);
/// What happens meanwhile: a line on standard error.
void say(const std::string& line);

/// Upper median. `values` is not empty.
double median(std::vector<double> values);

/// The median of 200 writes of 4 KiB in this folder, each made durable.
double fdatasync_p50_ms(const std::filesystem::path& folder);

/// Of this process. Resident now, and at most so far.
double resident_mib();
double peak_resident_mib();
/// Bytes that this process has caused to be written to disks, by Linux's account.
std::uint64_t bytes_written();
/// Bytes of all files below, as their length.
std::uint64_t folder_bytes(const std::filesystem::path& folder);

}  // namespace millwright::bench
