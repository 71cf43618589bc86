#include "storage/sqlite/chunk_codec_time_numbers.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "storage/sqlite/bytes.h"
#include "storage/sqlite/chunk_codec_divisor.h"

namespace millwright::chunk {
namespace {

constexpr std::size_t kJumpsAtMost = 8;  // one sample in so many; else there is no grid

}  // namespace

void TimeNumbers::find(std::span<const std::int64_t> timestamp_us) {
  const std::size_t n = timestamp_us.size();
  jumps_.clear();
  misses_.resize(n);
  misses_[0] = 0;
  unit_ = 1;
  step_ = 0;
  if (n == 1) return;
  const auto difference = [&](std::size_t i) {
    return static_cast<std::uint64_t>(timestamp_us[i + 1]) -
           static_cast<std::uint64_t>(timestamp_us[i]);
  };
  unit_ = common_divisor(n - 1, difference);
  const ExactDivisor exact(unit_);
  for (std::size_t i = 1; i < n; ++i) misses_[i] = exact.quotient_of_unsigned(difference(i - 1));
  const std::uint64_t usual = typical_difference();
  find_jumps(usual);
  // misses_ holds differences yet; the grid takes one usual step from each, and more at a jump.
  std::uint64_t sum = 0;
  std::size_t jump = 0;
  std::size_t next = jumps_.empty() ? n : jumps_[0].first;
  for (std::size_t i = 1; i < n; ++i) {
    sum += misses_[i] - usual;
    if (i == next) {
      sum -= usual * unzigzag(jumps_[jump].second);
      next = ++jump < jumps_.size() ? next + jumps_[jump].first : n;
    }
    misses_[i] = sum;
  }
  // A step that is a little off makes the misses a slope.
  step_ = usual;
  const auto better = static_cast<std::uint64_t>(static_cast<std::int64_t>(std::llround(drift())));
  if (better == 0) return;
  step_ += better;
  std::uint64_t grid = 0;
  jump = 0;
  next = jumps_.empty() ? n : jumps_[0].first;
  for (std::size_t i = 1; i < n; ++i) {
    ++grid;
    if (i == next) {
      grid += unzigzag(jumps_[jump].second);
      next = ++jump < jumps_.size() ? next + jumps_[jump].first : n;
    }
    misses_[i] -= grid * better;
  }
}

/// The median of some.
std::uint64_t TimeNumbers::typical_difference() {
  std::array<std::uint64_t, 33> some;
  const std::size_t count = misses_.size() - 1;
  const std::size_t stride = (count + some.size() - 1) / some.size();
  std::size_t n = 0;
  for (std::size_t i = 0; i < count; i += stride) some[n++] = misses_[i + 1];
  std::nth_element(some.begin(), some.begin() + static_cast<std::ptrdiff_t>(n / 2),
                   some.begin() + static_cast<std::ptrdiff_t>(n));
  return some[n / 2];
}

void TimeNumbers::find_jumps(std::uint64_t usual) {
  const std::uint64_t least = usual - usual / 2;
  const std::size_t most = misses_.size() / kJumpsAtMost;
  std::size_t before = 0;
  for (std::size_t i = 1; i < misses_.size(); ++i) {
    if (misses_[i] - least < usual) continue;
    if (jumps_.size() == most) {
      jumps_.clear();
      return;
    }
    // Rounded without an overflow.
    const std::uint64_t rest = misses_[i] % usual;
    const std::uint64_t steps = misses_[i] / usual + (rest >= usual - usual / 2 ? 1 : 0);
    jumps_.push_back({i - before, zigzag(steps - 1)});
    before = i;
  }
}

/// Slope of the misses by least squares, in units a sample; 0 where it is not a slope that a step
/// could take away.
double TimeNumbers::drift() const {
  const auto n = static_cast<double>(misses_.size());
  const double middle = (n - 1) / 2;
  double sum = 0;
  for (std::size_t i = 0; i < misses_.size(); ++i) {
    sum += (static_cast<double>(i) - middle) *
           static_cast<double>(static_cast<std::int64_t>(misses_[i]));
  }
  const double slope = sum * 12 / (n * (n * n - 1));
  return std::abs(slope) < 1e15 ? slope : 0;
}

}  // namespace millwright::chunk
