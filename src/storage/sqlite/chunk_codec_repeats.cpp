#include "storage/sqlite/chunk_codec_repeats.h"

#include <algorithm>
#include <cmath>

namespace millwright::chunk {

RepeatCount::RepeatCount(std::span<const std::uint64_t> numbers) : numbers_(numbers.size()) {
  std::size_t length = 0;
  for (std::size_t i = 1; i <= numbers.size(); ++i) {
    if (i < numbers.size() && numbers[i] == numbers[i - 1]) {
      ++length;
    } else if (length > 0) {
      const std::size_t slot = std::min(length, kLongest);
      ++runs_[slot];
      repeats_[slot] += length;
      length = 0;
    }
  }
}

std::size_t RepeatCount::worth_taking() const {
  std::size_t best = 0;
  double least = bits(0);
  if (least < 64) return 0;
  for (std::size_t from = 2; from <= kLongest; from *= 2) {
    const double b = bits(from);
    if (b < least * 0.97) {
      least = b;
      best = from;
    }
  }
  return best;
}

/// About the bits to tell which numbers repeat the one before, where stretches of `from` repeats or
/// more are taken out (0: none).
double RepeatCount::bits(std::size_t from) const {
  double runs = 0;
  double taken = 0;
  double left = 0;
  for (std::size_t l = 1; l <= kLongest; ++l) {
    if (from != 0 && l >= from) {
      runs += static_cast<double>(runs_[l]);
      taken += static_cast<double>(repeats_[l]);
    } else {
      left += static_cast<double>(repeats_[l]);
    }
  }
  const double rest = static_cast<double>(numbers_) - taken;
  const double others = rest - left;
  double sum = 0;
  if (left > 0) sum += std::max(left * std::log2(rest / left), left);
  if (others > 0) sum += others * std::log2(rest / others);
  if (runs > 0) sum += runs * (std::log2(rest / runs) + std::log2(taken / runs) + 3) + 64;
  return sum;
}

}  // namespace millwright::chunk
