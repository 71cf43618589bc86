// The tests of a sample, a block or a silence. Each either opens an anomaly or says nothing.
#include <algorithm>
#include <cmath>
#include <limits>

#include "ml/anomaly/judge.h"
#include "ml/anomaly/judge_limits.h"

namespace millwright::ml::detail {

std::optional<AnomalyChange> Judge::look_at_run(std::int64_t t_us, double x) {
  // Signals that mostly stand still say nothing by standing still, and at zero nothing is to move:
  // no light, no flow, no power.
  if (s_.repeats > 0.9) return std::nullopt;
  const std::uint32_t factor = is_discrete() ? 20 : kStillFactor;
  const std::uint32_t limit = factor * s_.longest_run + kStillSamples;
  if (s_.run < limit || x + s_.origin == 0.0) return std::nullopt;
  return open({.kind = AnomalyKind::kFlatLine,
               .cause = Cause::kStill,
               .start_us = s_.run_start_us,
               .last_unusual_us = t_us,
               .reference = x,
               .severity = kLevelThrice * static_cast<double>(s_.run) / limit,
               .worst = x},
              x);
}

std::optional<AnomalyChange> Judge::look_at_level(std::int64_t t_us, double x) {
  const double sigma = level_sigma();
  const double deviation = std::abs(x - s_.level.centre) / sigma;
  const double inflation = s_.level.inflation;
  if (deviation < kLevelLong * inflation || !is_new_ground(x)) {
    s_.level_pending = s_.level_strong = 0;
    return std::nullopt;
  }
  if (s_.level_pending++ == 0) s_.pending_us = t_us;
  const bool at_once = deviation >= kLevelAtOnce * inflation;
  s_.level_strong = deviation >= kLevelThrice * inflation ? s_.level_strong + 1 : 0;
  if (!at_once && s_.level_strong < 3 && s_.level_pending < 16) return std::nullopt;
  return open({.kind = AnomalyKind::kPoint,
               .cause = Cause::kLevel,
               .start_us = s_.pending_us,
               .last_unusual_us = t_us,
               .reference = s_.level.centre,
               .sigma = sigma,
               .calm_below = kCalmShare * kLevelLong * inflation,
               .severity = deviation,
               .worst = x,
               .samples = s_.level_pending},
              x);
}

bool Judge::is_new_ground(double x) const {
  return s_.extremes.beyond(x) > kRangeShare * s_.extremes.range();
}

std::optional<AnomalyChange> Judge::look_at_bound(std::int64_t t_us, double x) {
  const Extremes& seen = s_.extremes;
  const bool below = x < seen.lowest && seen.at_lowest >= kBoundMet;
  const bool above = x > seen.highest && seen.at_highest >= kBoundMet;
  const double beyond = seen.beyond(x);
  // Rounding may shift a bound a little.
  if ((!below && !above) || beyond < std::max(0.01 * seen.range(), 2.0 * s_.resolution)) {
    return std::nullopt;
  }
  const double sigma = std::max(level_sigma(), 0.25 * seen.range());
  return open({.kind = AnomalyKind::kOutOfRange,
               .cause = Cause::kBound,
               .start_us = t_us,
               .last_unusual_us = t_us,
               .reference = below ? seen.lowest : seen.highest,
               .sigma = sigma,
               .calm_below = 1e-9,
               .severity = std::max(kLevelThrice, beyond / sigma),
               .worst = x,
               .samples = 1},
              x);
}

double Judge::hour_limit(std::int64_t t_us) const {
  const std::uint32_t days = s_.hours.days(t_us);
  if (days == 0) return std::numeric_limits<double>::infinity();
  const double share = days == 1 ? kHourShareFew : kHourShare;
  return std::max({share * s_.extremes.range(), kHourRecord * s_.hours.largest_excess(t_us),
                   kHourMovement * movement_sigma(0), 2.0 * s_.resolution});
}

std::optional<AnomalyChange> Judge::look_at_hour(std::int64_t t_us, double x) {
  const double limit = hour_limit(t_us);
  const HourProfile::Range range = s_.hours.range(t_us);
  const double excess = range.excess(x);
  if (excess < limit) {
    s_.hour_pending = 0;
    return std::nullopt;
  }
  if (s_.hour_pending++ == 0) s_.pending_us = t_us;
  if (excess < 2.0 * limit && s_.hour_pending < kHourSamples) return std::nullopt;
  s_.hours.note_told(t_us, excess);
  return open({.kind = AnomalyKind::kContextual,
               .cause = Cause::kHour,
               .start_us = s_.pending_us,
               .last_unusual_us = t_us,
               .reference = x > range.high ? range.high : range.low,
               .sigma = limit,
               .calm_below = kCalmShare,
               .severity = kLevelThrice * excess / limit,
               .worst = x,
               .samples = s_.hour_pending},
              x);
}

std::optional<AnomalyChange> Judge::look_at_jump(std::int64_t t_us, double x) {
  OpenAnomaly found;
  double largest = kJumpAtOnce;
  for (std::size_t i = 0; i < kLags.size(); ++i) {
    if (s_.recent_count < kLags[i] || s_.movement[i].count < kMovementsNeeded) continue;
    const double reference = s_.recent[s_.recent_count - kLags[i]];
    const double sigma = movement_sigma(i);
    const double deviation = std::abs(x - reference) / sigma;
    if (deviation / s_.movement[i].inflation < largest) continue;
    if (std::abs(x - reference) < kJumpRecord * s_.largest_movement[i]) continue;
    largest = deviation / s_.movement[i].inflation;
    found = {.kind = AnomalyKind::kPoint,
             .cause = Cause::kJump,
             .start_us = t_us,
             .last_unusual_us = t_us,
             .reference = reference,
             .sigma = sigma,
             .calm_below = kCalmShare * kJumpAtOnce * s_.movement[i].inflation,
             .severity = deviation,
             .worst = x,
             .lag = static_cast<std::uint32_t>(kLags[i]),
             .samples = 1};
  }
  if (found.samples == 0) return std::nullopt;
  return open(found, x);
}

std::optional<AnomalyChange> Judge::look_at_block(std::int64_t t_us, const Block& block) {
  std::copy(s_.block_medians.begin() + 1, s_.block_medians.end(), s_.block_medians.begin());
  s_.block_medians.back() = block.median;
  s_.block_median_count =
      std::min<std::uint32_t>(s_.block_median_count + 1, s_.block_medians.size());
  if (s_.block_level.count < kBlocksNeeded || is_discrete()) return std::nullopt;
  const double sigma = block_sigma();
  const double inflation = s_.block_level.inflation;
  const double deviation = (block.median - s_.block_level.centre) / sigma;
  const double wander = std::abs(block.median - s_.block_level.centre);
  if (std::abs(deviation) < kBlockTwice * inflation || wander < kWanderRecord * s_.largest_wander) {
    s_.block_pending = 0;
    return std::nullopt;
  }
  if (s_.block_pending++ == 0) s_.pending_us = s_.block_start_us;
  if (s_.block_pending < 2) return std::nullopt;
  return open({.kind = kind_of_move(deviation * sigma),
               .cause = Cause::kBlock,
               .start_us = s_.pending_us,
               .last_unusual_us = t_us,
               .reference = s_.block_level.centre,
               .sigma = sigma,
               .calm_below = kCalmShare * kBlockTwice * inflation,
               .severity = std::abs(deviation),
               .worst = block.median,
               .samples = 2 * kBlockSize},
              block.median);
}

std::optional<AnomalyChange> Judge::notice_silence(std::int64_t now_us) {
  if (s_.open || !s_.ready || !s_.has_last) return std::nullopt;
  // Only what comes regularly can be missed: others send when something changes.
  if (s_.interval_s.scale > kRegularShare * s_.interval_s.centre) return std::nullopt;
  const double silent_s = static_cast<double>(now_us - s_.last_us) * 1e-6;
  const double limit_s = std::max(
      {kGapIntervals * s_.interval_s.centre, kGapRatio * s_.longest_gap_s, kLeastSilenceS});
  if (silent_s < limit_s) return std::nullopt;
  return open({.kind = AnomalyKind::kDroppedData,
               .cause = Cause::kSilence,
               .start_us = s_.last_us,
               .last_unusual_us = now_us,
               .reference = s_.last_x,
               .severity = kLevelThrice * silent_s / limit_s,
               .worst = s_.last_x},
              s_.last_x);
}

AnomalyKind Judge::kind_of_move(double deviation) const {
  if (s_.block_median_count < 3) return AnomalyKind::kLevelShift;
  const auto& m = s_.block_medians;  // m[1] is the last block before the limit was passed
  const double size = std::abs(deviation);
  const bool sudden = std::abs(m[2] - m[1]) >= 0.6 * size || std::abs(m[3] - m[1]) >= 0.7 * size;
  return sudden ? AnomalyKind::kLevelShift : AnomalyKind::kDrift;
}

std::optional<AnomalyChange> Judge::look_at_scatter(std::int64_t t_us, const Block& block) {
  if (s_.block_scatter.count < kBlocksNeeded || is_discrete()) return std::nullopt;
  const double usual = std::exp(s_.block_scatter.centre);
  const double sigma = scatter_sigma();
  const double deviation = (log_scatter(block.movement) - s_.block_scatter.centre) / sigma;
  if (deviation < kScatterTwice * s_.block_scatter.inflation ||
      block.movement < kScatterRatio * usual) {
    s_.scatter_pending = 0;
    return std::nullopt;
  }
  if (s_.scatter_pending++ == 0) s_.pending_us = s_.block_start_us;
  if (s_.scatter_pending < 2) return std::nullopt;
  return open({.kind = AnomalyKind::kSpread,
               .cause = Cause::kScatter,
               .start_us = s_.pending_us,
               .last_unusual_us = t_us,
               .reference = usual,
               .sigma = sigma,
               .calm_below = kCalmShare * kScatterTwice * s_.block_scatter.inflation,
               .severity = deviation,
               .worst = block.movement,
               .samples = 2 * kBlockSize},
              block.movement);
}

}  // namespace millwright::ml::detail
