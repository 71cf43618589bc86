#include "signal/random.h"

#include <cmath>
#include <numbers>

namespace millwright::signal {

double RandomSource::uniform() { return static_cast<double>(engine_() >> 11) * 0x1.0p-53; }

std::uint64_t RandomSource::below(std::uint64_t n) {
  return static_cast<std::uint64_t>(uniform() * static_cast<double>(n));
}

double RandomSource::normal() {
  if (has_spare_) {
    has_spare_ = false;
    return spare_;
  }
  const double radius = std::sqrt(-2.0 * std::log(1.0 - uniform()));
  const double angle = 2.0 * std::numbers::pi * uniform();
  spare_ = radius * std::sin(angle);
  has_spare_ = true;
  return radius * std::cos(angle);
}

}  // namespace millwright::signal
