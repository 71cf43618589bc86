#pragma once
/// Turns timestamps into small integers: what they miss a grid by.

#include <cstdint>
#include <span>
#include <vector>

#include "storage/sqlite/chunk_codec_pairs.h"

namespace millwright::chunk {

/// timestamp i = first + unit * (g_i * step + miss i), where the grid index g_i grows by one a
/// sample, and by more or less at a jump. Keeps its scratch space.
class TimeNumbers {
 public:
  void find(std::span<const std::int64_t> timestamp_us);

  std::uint64_t unit() const { return unit_; }  ///< microseconds; divides all differences
  std::uint64_t step() const { return step_; }  ///< units
  std::span<const std::uint64_t> misses() const { return misses_; }  ///< units
  /// Samples since the jump before (the start), and zigzag(growth of g_i - 1).
  std::span<const Pair> jumps() const { return jumps_; }

 private:
  void find_jumps(std::uint64_t usual);
  std::uint64_t typical_difference();
  double drift() const;

  std::uint64_t unit_ = 1;
  std::uint64_t step_ = 0;
  std::vector<std::uint64_t> misses_;
  std::vector<Pair> jumps_;
};

}  // namespace millwright::chunk
