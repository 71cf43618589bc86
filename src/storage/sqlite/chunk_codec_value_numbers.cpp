#include "storage/sqlite/chunk_codec_value_numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "storage/sqlite/chunk_codec_divisor.h"
#include "storage/sqlite/chunk_codec_format.h"
#include "storage/sqlite/chunk_codec_repeats.h"

namespace millwright::chunk {
namespace {

constexpr double kMaxInteger = 2251799813685248.0;  // 2^51: rounding by kRounder is exact below
constexpr double kMaxFloatInteger = 4194304.0;      // 2^22: two bits fewer than a float has
constexpr double kRounder = 6755399441055744.0;     // 1.5 * 2^52
constexpr std::size_t kProbes = 32;
constexpr std::ptrdiff_t kAlikeProbes = 3;
constexpr std::size_t kTableAtMost = 4;  // one different value in so many
constexpr double kLiteralBits = 72;
constexpr double kDecimalBits = 3.3;
constexpr std::size_t kMostMisfits = 8;  // one value in so many: real values take 6 bytes or more
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

std::uint64_t magnitude(std::uint64_t n) { return (n & kSign) != 0 ? 0 - n : n; }

/// Place of a double in the order of all; -0.0 takes the one that is left, at the bottom.
std::uint64_t place_of(double v) {
  const auto bits = std::bit_cast<std::uint64_t>(v);
  if ((bits & kSign) == 0) return bits;
  return bits == kSign ? kSign : kSign - bits;
}

/// The integer n with n / power == v to the last bit, where there is one.
bool to_integer(double v, double power, std::uint64_t& n) {
  const double scaled = v * power;
  const double rounded = (scaled + kRounder) - kRounder;
  n = static_cast<std::uint64_t>(
      static_cast<std::int64_t>(std::abs(scaled) < kMaxInteger ? rounded : 0));
  return std::abs(scaled) < kMaxInteger &&
         std::bit_cast<std::uint64_t>(static_cast<double>(static_cast<std::int64_t>(n)) / power) ==
             std::bit_cast<std::uint64_t>(v);
}

/// The same where v is that quotient rounded to a float. Every float is such a quotient of some
/// large integer, which would be no shorter.
bool float_to_integer(double v, double power, std::uint64_t& n) {
  const double scaled = v * power;
  if (!(std::abs(scaled) < kMaxFloatInteger)) return false;
  const double rounded = (scaled + kRounder) - kRounder;
  n = static_cast<std::uint64_t>(static_cast<std::int64_t>(rounded));
  const double back = static_cast<double>(static_cast<float>((rounded + 0.0) / power));
  return std::bit_cast<std::uint64_t>(back) == std::bit_cast<std::uint64_t>(v);
}

}  // namespace

void ValueNumbers::find(std::span<const double> value) {
  literals_.clear();
  repeats_.clear();
  numbers_.resize(value.size());
  decimals_ = 0;
  rounds_to_float_ = false;
  is_real_ = !find_decimals(value);
  if (is_real_) {
    rounds_to_float_ = true;
    is_real_ = !find_decimals(value);
  }
  table_.clear();
  if (is_real_) find_places(value);
  if (!is_real_ || !find_table()) divide_by_unit();
  take_out_repeats();
}

bool ValueNumbers::fits(double value, unsigned decimals, std::uint64_t& number) const {
  return rounds_to_float_ ? float_to_integer(value, kPowers[decimals], number)
                          : to_integer(value, kPowers[decimals], number);
}

bool ValueNumbers::find_decimals(std::span<const double> value) {
  const std::size_t stride = (value.size() + kProbes - 1) / kProbes;
  std::array<std::size_t, kMaxDecimals + 2> needing{};  // probes by decimals; the last: none fit
  std::size_t probes = 0;
  unsigned most = 0;
  std::uint64_t n = 0;
  for (std::size_t i = 0; i < value.size(); i += stride, ++probes) {
    // Most need as many as those before, so that one less need not be looked for.
    unsigned needed = value[i] == 0 ? 0 : most;
    while (needed <= kMaxDecimals && value[i] != 0 && !fits(value[i], needed, n)) {
      ++needed;
    }
    while (needed > 0 && needed <= kMaxDecimals && fits(value[i], needed - 1, n)) {
      --needed;
    }
    if (++needing[needed] > kProbes / kMostMisfits && needed > kMaxDecimals) return false;
    if (needed <= kMaxDecimals) most = std::max(most, needed);
  }
  // A few odd values are no reason for more decimals.
  unsigned decimals = kMaxDecimals;
  for (std::size_t more = needing[kMaxDecimals + 1]; decimals > 0; --decimals) {
    more += needing[decimals];
    if (more > probes / kMostMisfits) break;
  }
  return scale_best(value, decimals);
}

/// A decimal more makes all numbers longer, one less may make more literals.
bool ValueNumbers::scale_best(std::span<const double> value, unsigned least) {
  const auto n = static_cast<double>(value.size());
  const std::size_t most = value.size() / kMostMisfits;
  double best_cost = std::numeric_limits<double>::infinity();
  unsigned best = kMaxDecimals + 1;
  for (unsigned d = least; d <= kMaxDecimals; ++d) {
    const double longer = kDecimalBits * n * (d - least);
    if (longer >= best_cost) break;
    if (!scale(value, d, most)) continue;
    const double cost = longer + kLiteralBits * static_cast<double>(misfits_);
    if (cost >= best_cost) continue;
    best_cost = cost;
    best = d;
  }
  if (best > kMaxDecimals) return false;
  return decimals_ == best || scale(value, best, most);
}

bool ValueNumbers::scale(std::span<const double> value, unsigned decimals,
                         std::size_t most_misfits) {
  literals_.clear();
  decimals_ = decimals;
  std::uint64_t last = 0;
  std::size_t next = 0;  // behind the last literal
  misfits_ = 0;
  for (std::size_t i = 0; i < value.size(); ++i) {
    if (!fits(value[i], decimals, numbers_[i])) {
      // Rounding what is a little below zero gives -0.0: often, and it says no more than 0.
      if (value[i] == 0) {
        numbers_[i] = 0;
      } else {
        if (misfits_++ == most_misfits) return false;
        numbers_[i] = last;
      }
      literals_.push_back({i + 1 - next, std::bit_cast<std::uint64_t>(value[i])});
      next = i + 1;
    }
    last = numbers_[i];
  }
  return true;
}

void ValueNumbers::find_places(std::span<const double> value) {
  literals_.clear();
  for (std::size_t i = 0; i < value.size(); ++i) numbers_[i] = place_of(value[i]);
}

bool ValueNumbers::find_table() {
  // Among a few probes, some are alike where not many different values are left to see.
  std::array<std::uint64_t, kProbes> probes;
  const std::size_t stride = (numbers_.size() + kProbes - 1) / kProbes;
  std::size_t n = 0;
  for (std::size_t i = 0; i < numbers_.size(); i += stride) {
    probes[n++] = numbers_[i];
  }
  const auto end = probes.begin() + static_cast<std::ptrdiff_t>(n);
  std::sort(probes.begin(), end);
  if (std::unique(probes.begin(), end) > end - kAlikeProbes) return false;
  const auto less = [](std::uint64_t a, std::uint64_t b) {
    return static_cast<std::int64_t>(a) < static_cast<std::int64_t>(b);
  };
  table_.assign(numbers_.begin(), numbers_.end());
  std::sort(table_.begin(), table_.end(), less);
  table_.erase(std::unique(table_.begin(), table_.end()), table_.end());
  if (table_.size() > numbers_.size() / kTableAtMost) {
    table_.clear();
    return false;
  }
  for (std::uint64_t& number : numbers_) {
    number = static_cast<std::uint64_t>(
        std::lower_bound(table_.begin(), table_.end(), number, less) - table_.begin());
  }
  unit_ = 0;
  return true;
}

void ValueNumbers::divide_by_unit() {
  unit_ = common_divisor(numbers_.size(), [&](std::size_t i) { return magnitude(numbers_[i]); });
  if (unit_ == 1) return;
  const ExactDivisor exact(unit_);
  for (std::uint64_t& n : numbers_) n = exact.quotient(n);
}

void ValueNumbers::take_out_repeats() {
  const std::size_t least = RepeatCount(numbers_).worth_taking();
  if (least == 0) return;
  std::size_t kept = 0;
  std::size_t since = 0;  // numbers kept since the last pair
  for (std::size_t i = 0; i < numbers_.size();) {
    const std::uint64_t number = numbers_[i];
    std::size_t end = i + 1;
    while (end < numbers_.size() && numbers_[end] == number) ++end;
    std::size_t keep = end - i;
    if (keep > least) {
      repeats_.push_back({since + 1, keep - 1});
      keep = 1;
      since = 0;
    } else {
      since += keep;
    }
    std::fill_n(numbers_.begin() + static_cast<std::ptrdiff_t>(kept), keep, number);
    kept += keep;
    i = end;
  }
  numbers_.resize(kept);
}

}  // namespace millwright::chunk
