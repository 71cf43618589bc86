#pragma once
/// Random numbers that are the same on every machine and standard library.
///
/// The engine std::mt19937_64 is fully specified by the standard, its distributions are not; so the
/// transforms here are ours. Not thread-safe: one object per thread.

#include <cstdint>
#include <random>

namespace millwright::signal {

class RandomSource {
 public:
  explicit RandomSource(std::uint64_t seed) : engine_(seed) {}

  /// Uniform in [0, 1) with 53 bits.
  double uniform();
  double uniform(double low, double high) { return low + (high - low) * uniform(); }
  /// Uniform in 0 ... n - 1, n > 0.
  std::uint64_t below(std::uint64_t n);
  /// Standard normal, by the Box-Muller transform (Box and Muller 1958).
  double normal();

 private:
  std::mt19937_64 engine_;
  double spare_ = 0.0;
  bool has_spare_ = false;
};

}  // namespace millwright::signal
