#include "ml/anomaly/judge.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "ml/anomaly/judge_limits.h"

namespace millwright::ml::detail {

std::optional<AnomalyChange> Judge::update(std::int64_t t_us, double raw) {
  if (!std::isfinite(raw) || (s_.has_last && t_us <= s_.last_us)) return std::nullopt;
  const Flow flow = note_time(t_us);
  const std::optional<double> value = judged_value(raw, flow);
  if (!value) return std::nullopt;
  if (s_.seen == 0) s_.origin = *value;
  const double x = *value - s_.origin;
  ++s_.seen;
  count_run(t_us, x);

  const std::optional<Block> block = add_to_block(t_us, x);

  std::optional<AnomalyChange> change;
  if (s_.open) {
    change = follow(t_us, x, block);
  } else if (s_.ready) {
    change = look_at_run(t_us, x);
    if (!change) change = look_at_bound(t_us, x);
    if (!change) change = look_at_level(t_us, x);
    if (!change) change = look_at_hour(t_us, x);
    if (!change) change = look_at_jump(t_us, x);
    if (!change && block) change = look_at_block(t_us, *block);
    if (!change && block) change = look_at_scatter(t_us, *block);
  }
  s_.openings -= s_.openings / 1024.0;
  if (!s_.open && s_.level_pending == 0) learn_sample(x);
  if (!s_.open && s_.hour_pending == 0) s_.hours.learn(t_us, x);
  if (s_.open && s_.block_count > 0) ++s_.block_troubled;
  const bool suspicious = s_.open || s_.block_pending > 0 || s_.scatter_pending > 0;
  if (block && !block->troubled && !suspicious) learn_block(*block);
  s_.last_x = x;
  s_.has_last_x = true;
  if (!s_.open && !s_.ready) finish_learning();
  return change;
}

Judge::Flow Judge::note_time(std::int64_t t_us) {
  Flow flow = Flow::kWithin;
  if (s_.has_last) {
    const double interval = static_cast<double>(t_us - s_.last_us) * 1e-6;
    if (s_.interval_s.count >= 8 && interval > kGapIntervals * s_.interval_s.centre) {
      flow = Flow::kAfterGap;
      s_.longest_gap_s = std::max(s_.longest_gap_s, interval);
      s_.recent_count = s_.block_count = s_.block_median_count = 0;
      s_.level_pending = s_.level_strong = s_.block_pending = s_.scatter_pending = 0;
      s_.has_last_x = false;
    } else {
      s_.interval_s.push(interval, 64, Around::kMedian);
    }
  }
  s_.last_us = t_us;
  return flow;
}

std::optional<double> Judge::judged_value(double raw, Flow flow) {
  const bool first = !s_.has_last;
  const double increment = raw - s_.last_raw;
  s_.last_raw = raw;
  s_.has_last = true;
  if (!first && increment > 0.0) ++s_.increases;
  if (!first && increment < 0.0) ++s_.decreases;
  if (!s_.counter) return raw;
  if (first || flow == Flow::kAfterGap) return std::nullopt;
  if (increment >= 0.0) return increment;
  // A counter starts again from zero now and then; one that falls often was none.
  if (s_.decreases >= 5 && s_.decreases * 50ULL > s_.seen && !s_.open) {
    s_.counter = false;
    s_.never_counter = true;
    forget();
    return raw;
  }
  return std::nullopt;
}

void Judge::count_run(std::int64_t t_us, double x) {
  const bool same = s_.has_last_x && x == s_.last_x;
  if (!s_.open) {
    const double rate = std::max(1.0 / 512.0, 1.0 / static_cast<double>(s_.seen));
    s_.repeats += ((same ? 1.0 : 0.0) - s_.repeats) * rate;
  }
  if (same) {
    ++s_.run;
    return;
  }
  if (!s_.open) s_.longest_run = std::max(s_.longest_run, s_.run);
  if (!s_.open && s_.has_last_x) {
    const double step = std::abs(x - s_.last_x);
    s_.resolution = s_.resolution == 0.0 ? step : std::min(s_.resolution, step);
  }
  s_.run = 1;
  s_.run_start_us = t_us;
}

std::optional<Judge::Block> Judge::add_to_block(std::int64_t t_us, double x) {
  if (s_.block_count == 0) {
    s_.block_troubled = s_.open ? 1 : 0;
    s_.block_start_us = t_us;
  }
  s_.block_steps[s_.block_count] = s_.has_last_x ? std::abs(x - s_.last_x) : 0.0;
  s_.block[s_.block_count++] = x;
  if (s_.block_count < kBlockSize) return std::nullopt;
  s_.block_count = 0;
  std::array<double, kBlockSize> sorted = s_.block;
  std::nth_element(sorted.begin(), sorted.begin() + kBlockSize / 2, sorted.end());
  std::array<double, kBlockSize> steps = s_.block_steps;
  std::nth_element(steps.begin(), steps.begin() + kBlockSize * 3 / 4, steps.end());
  return Block{sorted[kBlockSize / 2], steps[kBlockSize * 3 / 4], s_.block_troubled > 0};
}

void Judge::learn_sample(double x) {
  s_.level.push(x, max_every(128, 1), Around::kMedian);
  s_.extremes.add(x);
  for (std::size_t i = 0; i < kLags.size(); ++i) {
    if (s_.recent_count < kLags[i]) continue;
    const double movement = x - s_.recent[s_.recent_count - kLags[i]];
    s_.movement[i].push(movement, max_every(64, 1), Around::kZero);
    double& largest = s_.largest_movement[i];
    largest = std::max(largest * std::exp2(-1.0 / kRecordSamples), std::abs(movement));
  }
  if (s_.recent_count == kRecent) {
    std::copy(s_.recent.begin() + 1, s_.recent.end(), s_.recent.begin());
    --s_.recent_count;
  }
  s_.recent[s_.recent_count++] = static_cast<float>(x);
}

void Judge::learn_block(const Block& block) {
  if (s_.block_level.count >= kBlocksNeeded) {
    s_.largest_wander = std::max(s_.largest_wander * std::exp2(-16.0 / kRecordSamples),
                                 std::abs(block.median - s_.block_level.centre));
  }
  s_.block_level.push(block.median, max_every(64, kBlockSize), Around::kMedian);
  s_.block_scatter.push(log_scatter(block.movement), max_every(64, kBlockSize), Around::kMedian);
}

void Judge::finish_learning() {
  if (s_.seen < static_cast<std::uint64_t>(options_.learning_samples)) return;
  if (!s_.counter && !s_.never_counter && s_.decreases == 0 && 2ULL * s_.increases >= s_.seen) {
    s_.counter = true;
    forget();
    return;
  }
  s_.ready = true;
}

void Judge::forget() {
  StreamState fresh;
  fresh.last_us = s_.last_us;
  fresh.last_raw = s_.last_raw;
  fresh.has_last = s_.has_last;
  fresh.counter = s_.counter;
  fresh.never_counter = s_.never_counter;
  fresh.interval_s = s_.interval_s;
  fresh.longest_gap_s = s_.longest_gap_s;
  fresh.largest_movement = s_.largest_movement;
  fresh.largest_wander = s_.largest_wander;
  s_ = fresh;
}

double Judge::level_sigma() const {
  // Before the first change nothing is known of the scatter: 5 % of the value is a guess that
  // lets a setting be adjusted without an alarm and still notices a dead line.
  const double floor = s_.resolution > 0.0
                           ? s_.resolution
                           : std::max(0.05 * std::abs(s_.level.centre + s_.origin), 1e-9);
  return std::max<double>(s_.level.scale, floor);
}

double Judge::movement_sigma(std::size_t lag_index) const {
  const double floor = s_.resolution > 0.0 ? s_.resolution : level_sigma();
  return std::max<double>(s_.movement[lag_index].scale, floor);
}

double Judge::block_sigma() const {
  return std::max(
      {static_cast<double>(s_.block_level.scale), 0.5 * s_.resolution, 0.1 * level_sigma()});
}

double Judge::scatter_sigma() const {
  return std::max<double>(s_.block_scatter.scale, kLogScatterFloor);
}

double Judge::log_scatter(double movement) const {
  const double floor = std::max(0.05 * s_.movement[0].scale, 0.1 * s_.resolution);
  return std::log(movement + std::max(floor, 1e-12));
}

std::uint32_t Judge::max_every(std::size_t n, std::size_t samples_each) const {
  double span = kSpanSamples;
  if (s_.interval_s.count >= 8 && s_.interval_s.centre > 0.0F) {
    span = std::clamp(kSpanSeconds / s_.interval_s.centre, kSpanSamples, 1e9);
  }
  const auto every = static_cast<std::uint32_t>(span / static_cast<double>(n * samples_each));
  return std::bit_ceil(std::max(every, 1U));
}

}  // namespace millwright::ml::detail
