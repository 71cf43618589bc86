#include "storage/sqlite/chunk_codec_numbers.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "storage/sqlite/bytes.h"
#include "storage/sqlite/chunk_codec_format.h"

namespace millwright::chunk {
namespace {

constexpr double kMaxInteger = 2251799813685248.0;  // 2^51: rounding by kRounder is exact below
constexpr double kMaxFloatInteger = 4194304.0;      // 2^22: two bits fewer than a float has
constexpr double kRounder = 6755399441055744.0;     // 1.5 * 2^52
constexpr std::size_t kProbes = 32;
constexpr std::size_t kJumpsAtMost = 8;  // one sample in so many; else there is no grid
constexpr std::ptrdiff_t kAlikeProbes = 3;
constexpr std::size_t kTableAtMost = 4;  // one different value in so many
constexpr double kLiteralBits = 72;
constexpr double kDecimalBits = 3.3;
constexpr std::size_t kMostMisfits = 8;  // one value in so many: real values take 6 bytes or more
constexpr std::uint64_t kSign = std::uint64_t{1} << 63;

/// Divides multiples of a number by it without a division: times the inverse of its odd part
/// modulo 2^64 (H. S. Warren, Hacker's Delight, 10-16 and 10-17).
class ExactDivisor {
 public:
  explicit ExactDivisor(std::uint64_t divisor)
      : shift_(static_cast<unsigned>(std::countr_zero(divisor))),
        odd_(divisor >> shift_),
        most_(~std::uint64_t{0} / odd_) {
    inverse_ = odd_;  // right to 3 bits, and each round doubles them
    for (int i = 0; i < 5; ++i) inverse_ *= 2 - odd_ * inverse_;
  }
  bool divides(std::uint64_t n) const {
    return (n & ((std::uint64_t{1} << shift_) - 1)) == 0 && (n >> shift_) * inverse_ <= most_;
  }
  /// n is a multiple, taken as signed.
  std::uint64_t quotient(std::uint64_t n) const {
    return static_cast<std::uint64_t>(static_cast<std::int64_t>(n) >> shift_) * inverse_;
  }
  std::uint64_t quotient_of_unsigned(std::uint64_t n) const { return (n >> shift_) * inverse_; }

 private:
  unsigned shift_;
  std::uint64_t odd_;
  std::uint64_t most_;
  std::uint64_t inverse_;
};

/// The greatest number that divides all; 1 where all are 0.
template <typename NumberAt>
std::uint64_t common_divisor(std::size_t count, const NumberAt& at) {
  std::size_t i = 0;
  while (i < count && at(i) == 0) ++i;
  if (i == count) return 1;
  std::uint64_t divisor = at(i);
  while (divisor != 1) {
    const ExactDivisor exact(divisor);
    while (i < count && exact.divides(at(i))) ++i;
    if (i == count) break;
    divisor = std::gcd(divisor, at(i));
  }
  return divisor;
}

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

// Times -------------------------------------------------------------------------------------------

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

// Values ------------------------------------------------------------------------------------------

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

/// Lengths of the stretches that repeat a number, and whether taking out those of a length or more
/// makes the rest shorter.
class RepeatCount {
 public:
  explicit RepeatCount(std::span<const std::uint64_t> numbers) : numbers_(numbers.size()) {
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

  /// The least length worth it; 0 where none is.
  std::size_t worth_taking() const {
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

 private:
  static constexpr std::size_t kLongest = 16;

  /// About the bits to tell which numbers repeat the one before.
  double bits(std::size_t from) const {
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

  std::size_t numbers_;
  std::array<std::size_t, kLongest + 1> runs_{};
  std::array<std::size_t, kLongest + 1> repeats_{};
};

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
