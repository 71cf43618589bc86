#pragma once
/// Exact division by a number that is used many times, and the number that divides many.
///
/// Source: H. S. Warren (2012), Hacker's Delight, 10-16 and 10-17: a multiple times the inverse of
/// the divisor's odd part modulo 2^64 is the quotient.

#include <bit>
#include <cstdint>
#include <numeric>

namespace millwright::chunk {

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

}  // namespace millwright::chunk
