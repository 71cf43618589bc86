#include "ml/anomaly/limit_rule.h"

#include <algorithm>
#include <cmath>
#include <utility>

namespace millwright::ml {

std::optional<LimitRule::Change> LimitRule::update(std::int64_t t_us, double value) {
  if (!std::isfinite(value) || (last_us_ && t_us <= *last_us_)) return std::nullopt;
  last_us_ = t_us;
  if (options_.is_above ? value <= options_.limit : value >= options_.limit) {
    auto over = std::exchange(beyond_, std::nullopt);
    if (!over || !over->is_open) return std::nullopt;
    over->is_open = false;
    return over;
  }
  if (!beyond_) beyond_ = Change{false, t_us, t_us, value};
  beyond_->end_us = t_us;
  beyond_->extreme =
      options_.is_above ? std::max(beyond_->extreme, value) : std::min(beyond_->extreme, value);
  if (beyond_->is_open || t_us - beyond_->start_us < options_.hold_us) return std::nullopt;
  beyond_->is_open = true;
  return beyond_;
}

}  // namespace millwright::ml
