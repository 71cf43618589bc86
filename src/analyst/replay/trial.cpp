#include "analyst/replay/trial.h"

#include <cstdio>

#include "analyst/component.h"
#include "analyst/replay/trial_store.h"
#include "analyst/tenant_analyst.h"
#include "ml/anomaly/limit_rule.h"

namespace millwright {
namespace {

using backtest::Detectors;

/// The course of a metric takes a quarter of a megabyte.
constexpr std::size_t kMostCourses = 400;

bool has_courses(Detectors detectors) {
  return detectors == Detectors::kAll || detectors == Detectors::kCourses;
}

DetectorChoice choice_of(const TrialSubject& subject) {
  const auto* detectors = std::get_if<Detectors>(&subject.what);
  if (!detectors) return {false, false, false};
  const bool all = *detectors == Detectors::kAll;
  return {all || *detectors == Detectors::kSeries, all || *detectors == Detectors::kRelations,
          has_courses(*detectors)};
}

class AnalystTrial final : public Trial {
 public:
  AnalystTrial(const TrialSubject& subject, TenantStore& stored, AlarmLog& log)
      : log_(log),
        analyst_(std::make_shared<TrialStore>(stored, log, clock_), bus_, clock_, budget_,
                 choice_of(subject)) {
    if (const auto* model = std::get_if<std::shared_ptr<const BurstModel>>(&subject.what)) {
      analyst_.set_models({{*model}, {}});
    }
  }

  Result<> observe(const SamplesStored& stored, std::int64_t newest_us) override {
    clock_.move_to(newest_us);
    analyst_.observe(stored);
    // Live, this waits for a pause between messages; here each message has one.
    while (analyst_.read_a_past()) {
    }
    return log_.check();
  }

 private:
  AlarmLog& log_;
  ReplayClock clock_;
  SilentBus bus_;
  WatchBudget budget_{kMostCourses};
  TenantAnalyst analyst_;
};

std::string words(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.6g", value);
  return text;
}

class RuleTrial final : public Trial {
 public:
  RuleTrial(const backtest::LimitRule& rule, AlarmLog& log) : rule_(rule), log_(log) {}

  Result<> observe(const SamplesStored& stored, std::int64_t) override {
    for (const auto& [metric, samples] : stored.scalars) {
      Watched& watched =
          watched_
              .try_emplace(
                  metric.series,
                  Watched{ml::LimitRule({rule_.is_above, rule_.limit, rule_.hold.count()}), {}})
              .first->second;
      for (std::size_t i = 0; i < samples.size(); ++i) {
        const auto change = watched.rule.update(samples.timestamp_us[i], samples.value[i]);
        if (!change) continue;
        MW_TRY(note(metric, watched, *change));
      }
    }
    return {};
  }

 private:
  struct Watched {
    ml::LimitRule rule;
    std::size_t alarm = 0;  // the newest
  };

  Result<> note(const Metric& metric, Watched& watched, const ml::LimitRule::Change& change) {
    if (change.is_open) {
      MW_ASSIGN(watched.alarm, log_.open({metric.key.device,
                                          metric.key.path,
                                          metric.key.metric,
                                          "limit",
                                          from_us(change.end_us),
                                          {},
                                          ""}));
    } else {
      log_.at(watched.alarm).end = from_us(change.end_us);
    }
    log_.at(watched.alarm).reason = reason(metric, change);
    return {};
  }

  /// "temperature was above 80 °C for 600 s, up to 84.2 °C".
  std::string reason(const Metric& metric, const ml::LimitRule::Change& change) const {
    const std::string unit = metric.unit.empty() ? "" : " " + metric.unit;
    const std::string& name =
        metric.display_name.empty() ? metric.key.metric.str() : metric.display_name;
    const double seconds = static_cast<double>(change.end_us - change.start_us) / 1e6;
    return name + " was " + (rule_.is_above ? "above " : "below ") + words(rule_.limit) + unit +
           " for " + words(seconds) + " s, " + (rule_.is_above ? "up" : "down") + " to " +
           words(change.extreme) + unit;
  }

  const backtest::LimitRule rule_;
  AlarmLog& log_;
  std::map<SeriesId, Watched> watched_;
};

}  // namespace

bool TrialSubject::reads(const Metric& metric) const {
  if (const auto* model = std::get_if<std::shared_ptr<const BurstModel>>(&what)) {
    return metric.type == MetricType::kWaveform &&
           place_of(metric.key, (*model)->label().inputs).has_value();
  }
  const auto* detectors = std::get_if<Detectors>(&what);
  const bool has_bursts =
      detectors && (*detectors == Detectors::kAll || *detectors == Detectors::kSeries);
  return metric.type == MetricType::kNumericScalar ||
         (has_bursts && metric.type == MetricType::kWaveform);
}

Result<std::unique_ptr<Trial>> start_trial(const TrialSubject& subject, TenantStore& store,
                                           std::span<const Metric> metrics, AlarmLog& log) {
  if (const auto* rule = std::get_if<backtest::LimitRule>(&subject.what)) {
    return std::unique_ptr<Trial>(std::make_unique<RuleTrial>(*rule, log));
  }
  if (choice_of(subject).courses && metrics.size() > kMostCourses) {
    return resource_exhausted(
        "device " + metrics[0].key.device.str() + " has " + std::to_string(metrics.size()) +
        " metrics there, and courses are compared for " + std::to_string(kMostCourses) +
        " at most; name a path or a metric, or take the detector 'series'");
  }
  return std::unique_ptr<Trial>(std::make_unique<AnalystTrial>(subject, store, log));
}

}  // namespace millwright
