#pragma once
/// Whether a series only grows: a counter, whose level is always new and says nothing.

#include <cstdint>

namespace millwright {

class CounterCheck {
 public:
  void note(double mean) {
    if (has_last_) {
      rises_ += mean > last_ ? 1 : 0;
      falls_ += mean < last_ ? 1 : 0;
    }
    last_ = mean;
    has_last_ = true;
  }
  /// A counter may start again from zero now and then.
  bool is_counter() const { return rises_ >= kRisesNeeded && falls_ * kRisesAFall < rises_; }

 private:
  static constexpr std::uint64_t kRisesNeeded = 20;
  static constexpr std::uint64_t kRisesAFall = 50;
  double last_ = 0.0;
  bool has_last_ = false;
  std::uint64_t rises_ = 0, falls_ = 0;
};

}  // namespace millwright
