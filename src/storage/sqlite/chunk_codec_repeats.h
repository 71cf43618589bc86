#pragma once
/// Whether stretches that repeat a number are worth taking out of a column.

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>

namespace millwright::chunk {

/// Counts the stretches that repeat a number, by their length.
class RepeatCount {
 public:
  explicit RepeatCount(std::span<const std::uint64_t> numbers);

  /// The least number of repeats for which taking a stretch out makes the bytes shorter; 0 where
  /// none does.
  std::size_t worth_taking() const;

 private:
  static constexpr std::size_t kLongest = 16;  // and longer
  double bits(std::size_t from) const;

  std::size_t numbers_;
  std::array<std::size_t, kLongest + 1> runs_{};
  std::array<std::size_t, kLongest + 1> repeats_{};
};

}  // namespace millwright::chunk
