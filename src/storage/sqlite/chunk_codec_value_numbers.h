#pragma once
/// Turns values into integers that a column codec can make short.
///
/// Source: A. Afroozeh, L. Kuffo, P. Boncz (2023), ALP: Adaptive Lossless floating-Point
/// Compression, for decimals as integers; here by division, which gives the nearest double of every
/// decimal below 2^53, so that one power serves where ALP needs two factors.

#include <cstdint>
#include <span>
#include <vector>

#include "storage/sqlite/chunk_codec_pairs.h"

namespace millwright::chunk {

/// value i = unit * number / 10^decimals, or the double at place unit * number, or at the place
/// that a table has under the number; literals excepted. Repeats of a value are not among the
/// numbers. Keeps its scratch space.
class ValueNumbers {
 public:
  void find(std::span<const double> value);

  bool is_real() const { return is_real_; }
  unsigned decimals() const { return decimals_; }
  /// Decimals that were rounded to floats, as many machines hold them.
  bool rounds_to_float() const { return rounds_to_float_; }
  std::uint64_t unit() const { return unit_; }  ///< 0: the numbers are places in the table
  /// Ascending. Raw counts of a converter times a factor are real values, but few different ones.
  std::span<const std::uint64_t> table() const { return table_; }
  std::span<const std::uint64_t> numbers() const { return numbers_; }
  /// So many numbers, then so many repeats of the last of them.
  std::span<const Pair> repeats() const { return repeats_; }
  /// Values as their 64 bits: samples since the one before (from the first on: the index plus one),
  /// and the bits.
  std::span<const Pair> literals() const { return literals_; }

 private:
  bool find_decimals(std::span<const double> value);
  bool fits(double value, unsigned decimals, std::uint64_t& number) const;
  bool scale_best(std::span<const double> value, unsigned least);
  bool scale(std::span<const double> value, unsigned decimals, std::size_t most_misfits);
  void find_places(std::span<const double> value);
  bool find_table();
  void divide_by_unit();
  void take_out_repeats();

  bool is_real_ = false;
  bool rounds_to_float_ = false;
  unsigned decimals_ = 0;
  std::size_t misfits_ = 0;  ///< values that no number stands for, but for -0.0
  std::uint64_t unit_ = 1;
  std::vector<std::uint64_t> numbers_;
  std::vector<std::uint64_t> table_;
  std::vector<Pair> repeats_;
  std::vector<Pair> literals_;
};

}  // namespace millwright::chunk
