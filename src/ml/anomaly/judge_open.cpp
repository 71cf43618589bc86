// What happens while an anomaly is open, and how it ends.
#include <algorithm>
#include <cmath>

#include "ml/anomaly/judge.h"
#include "ml/anomaly/judge_limits.h"

namespace millwright::ml::detail {

std::optional<AnomalyChange> Judge::open(const OpenAnomaly& anomaly, double x) {
  s_.open = true;
  s_.openings += 1.0;
  s_.anomaly = anomaly;
  if (anomaly.cause == Cause::kBlock) {
    s_.largest_wander = std::max(s_.largest_wander, std::abs(x - anomaly.reference));
  }
  // Told once, a movement is known: the next one has to be larger to be told again.
  const bool is_value = anomaly.cause != Cause::kBlock && anomaly.cause != Cause::kScatter;
  for (std::size_t i = 0; is_value && i < kLags.size(); ++i) {
    if (s_.recent_count < kLags[i]) continue;
    const double movement = std::abs(x - s_.recent[s_.recent_count - kLags[i]]);
    s_.largest_movement[i] = std::max(s_.largest_movement[i], movement);
  }
  s_.level_pending = s_.level_strong = s_.hour_pending = s_.block_pending = s_.scatter_pending = 0;
  return tell(AnomalyPhase::kOpened, open_reason(options_, s_, x + s_.origin));
}

AnomalyChange Judge::tell(AnomalyPhase phase, std::string reason) {
  OpenAnomaly& a = s_.anomaly;
  a.told_severity = a.severity;
  AnomalyChange change;
  change.phase = phase;
  change.kind = a.kind;
  change.start_us = a.start_us;
  if (phase == AnomalyPhase::kClosed) change.end_us = a.last_unusual_us;
  change.severity = a.severity;
  change.reason = std::move(reason);
  return change;
}

std::optional<AnomalyChange> Judge::follow(std::int64_t t_us, double x,
                                           const std::optional<Block>& block) {
  OpenAnomaly& a = s_.anomaly;
  ++a.samples;
  switch (a.cause) {
    case Cause::kLevel:
    case Cause::kJump:
    case Cause::kBound:
    case Cause::kHour: {
      // On the other side of where it came from it is over, too: what went up has come down.
      const double away = a.worst >= a.reference ? x - a.reference : a.reference - x;
      return follow_deviation(t_us, x, away / a.sigma, x,
                              a.samples <= kShiftAfter ? 1 : kCalmSamples);
    }
    case Cause::kBlock:
      if (!block) return std::nullopt;
      return follow_deviation(t_us, block->median, std::abs(block->median - a.reference) / a.sigma,
                              block->median, 1);
    case Cause::kScatter: {
      if (!block) return std::nullopt;
      const double deviation = (log_scatter(block->movement) - s_.block_scatter.centre) / a.sigma;
      return follow_deviation(t_us, block->movement, deviation, block->movement, 1);
    }
    case Cause::kStill:
      if (s_.run == 1) return close(Ending::kCalm);
      a.last_unusual_us = t_us;
      return std::nullopt;
    case Cause::kSilence:
      a.last_unusual_us = t_us;
      return close(Ending::kCalm);
  }
  return std::nullopt;
}

std::optional<AnomalyChange> Judge::follow_deviation(std::int64_t t_us, double x, double deviation,
                                                     double worst, std::uint32_t calm_needed) {
  OpenAnomaly& a = s_.anomaly;
  if (deviation < a.calm_below) {
    if (++a.calm < calm_needed) return std::nullopt;
    return close(s_.openings > kTooManyOpenings ? Ending::kTooOften : Ending::kCalm);
  }
  a.calm = 0;
  a.last_unusual_us = t_us;
  if (deviation > a.severity) {
    a.severity = deviation;
    a.worst = worst;
  }
  if (a.samples >= static_cast<std::uint32_t>(options_.relearn_after)) {
    return close(Ending::kNewNormal);
  }
  const bool became_shift = a.kind == AnomalyKind::kPoint && a.samples >= kShiftAfter;
  if (became_shift) {
    a.kind = AnomalyKind::kLevelShift;
    // From here on it is the level that is unusual, not the movement of one moment.
    a.cause = Cause::kLevel;
  }
  if (!became_shift && a.severity < 1.5 * a.told_severity) return std::nullopt;
  return tell(AnomalyPhase::kUpdated, open_reason(options_, s_, x + s_.origin));
}

AnomalyChange Judge::close(Ending ending) {
  AnomalyChange change = tell(AnomalyPhase::kClosed, closed_reason(options_, s_, ending));
  s_.open = false;
  // Differences start anew: the way back is no second anomaly.
  s_.recent_count = s_.block_median_count = 0;
  if (ending == Ending::kCalm) {
    remember_told();
  } else {
    forget();
  }
  return change;
}

void Judge::remember_told() {
  const OpenAnomaly& a = s_.anomaly;
  if (a.cause != Cause::kLevel) return;
  std::uint32_t& told = a.worst > a.reference ? s_.told_above : s_.told_below;
  if (++told < kToldOften) return;
  told = 0;
  s_.extremes.add(a.worst);
}

}  // namespace millwright::ml::detail
