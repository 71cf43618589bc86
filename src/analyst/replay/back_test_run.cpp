#include "analyst/replay/back_test_run.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "analyst/replay/sample_replay.h"
#include "analyst/replay/trial.h"
#include "base/text.h"

namespace millwright {
namespace {

using backtest::LabelledSpan;
using backtest::Report;
using backtest::Request;
using backtest::SpanKind;

constexpr std::size_t kMostLabels = 10'000;  // of a device
/// Classes that say nothing of a fault. What is labelled a false alarm is one, and is not passed
/// on.
constexpr std::string_view kService = "service";
constexpr std::string_view kFalseAlarm = "false_alarm";

Result<> check(const Request& request) {
  if (request.period <= Microseconds{0})
    return invalid_argument("the period must be longer than nothing");
  if (request.horizon < Microseconds{0})
    return invalid_argument("the horizon must not be negative");
  if (const auto* rule = std::get_if<backtest::LimitRule>(&request.subject)) {
    if (!std::isfinite(rule->limit)) return invalid_argument("the rule's limit must be a number");
    if (rule->hold < Microseconds{0}) {
      return invalid_argument(
          "the time for which a value is beyond the limit must not be negative");
    }
  }
  for (const std::string& name : request.classes) MW_TRY(check_label_class(name));
  return {};
}

Result<TrialSubject> subject_of(const Request& request, ModelRegistry* registry) {
  if (const auto* detectors = std::get_if<backtest::Detectors>(&request.subject)) {
    return TrialSubject{*detectors};
  }
  if (const auto* rule = std::get_if<backtest::LimitRule>(&request.subject)) {
    return TrialSubject{*rule};
  }
  const auto& model = std::get<backtest::ModelOnTrial>(request.subject);
  if (!registry) return failed_precondition("there is no model registry here");
  MW_ASSIGN(const FetchedModel fetched, registry->fetch(model.name, model.version));
  MW_ASSIGN(const RunningModel running, load_model(fetched));
  if (!running.burst) {
    return failed_precondition("model " + quote(model.name) +
                               " tells a remaining life and raises no alarms; a back-test takes "
                               "models that judge bursts");
  }
  return TrialSubject{running.burst};
}

struct DeviceOnTrial {
  DeviceId id;
  std::vector<Metric> metrics;
};

/// "metric 'temperature' at path 'oven' of device '000001'".
std::string words(const Request& request) {
  std::string out = request.metric ? "metric " + quote(request.metric->str()) : "metric";
  if (!request.path.str().empty()) out += " at path " + quote(request.path.str());
  if (request.device) out += " of device " + quote(request.device->str());
  return out;
}

Result<std::vector<DeviceOnTrial>> devices_of(TenantCatalog& catalog, const Request& request,
                                              const TrialSubject& subject) {
  std::vector<DeviceId> ids;
  if (request.device) {
    MW_TRY(catalog.device(*request.device));
    ids.push_back(*request.device);
  } else {
    MW_ASSIGN(const auto devices, catalog.devices());
    for (const Device& device : devices) ids.push_back(device.id);
  }
  std::vector<DeviceOnTrial> out;
  for (const DeviceId& id : ids) {
    MW_ASSIGN(auto metrics, catalog.metrics(id, request.path));
    std::erase_if(metrics, [&](const Metric& metric) {
      return !subject.reads(metric) || (request.metric && metric.key.metric != *request.metric);
    });
    if (!metrics.empty()) out.push_back({id, std::move(metrics)});
  }
  if (out.empty()) {
    return not_found("there is no " + words(request) +
                     " that this could be tried on; the query `metrics` lists what a device has");
  }
  return out;
}

/// Missing where there is no sample at all.
Result<std::optional<TimeRange>> period_of(SampleStore& samples, const Request& request,
                                           const std::vector<DeviceOnTrial>& devices) {
  if (request.end) {
    return std::optional(TimeRange{to_us(*request.end - request.period), to_us(*request.end)});
  }
  std::optional<TimeRange> period;
  for (const DeviceOnTrial& device : devices) {
    std::vector<SeriesId> series;
    for (const Metric& metric : device.metrics) series.push_back(metric.series);
    MW_ASSIGN(const auto latest, samples.latest(series));
    for (const auto& newest : latest) {
      if (!newest || (period && newest->timestamp_us < period->end_us)) continue;
      const std::int64_t end_us = newest->timestamp_us + 1;
      period = TimeRange{end_us - request.period.count(), end_us};
    }
  }
  return period;
}

Result<> check_size(SampleStore& samples, const Request& request, TimeRange period,
                    const std::vector<DeviceOnTrial>& devices) {
  if (!request.most_samples) return {};
  std::uint64_t total = 0;
  for (const DeviceOnTrial& device : devices) {
    for (const Metric& metric : device.metrics) {
      MW_ASSIGN(const std::uint64_t count, samples.count(metric.series, period));
      total += count;
    }
  }
  if (total <= *request.most_samples) return {};
  return resource_exhausted(
      "the period holds " + std::to_string(total) + " samples and a back-test here takes " +
      std::to_string(*request.most_samples) +
      "; ask for fewer days, a device, a path or a metric, or use the command "
      "'millwright backtest'");
}

/// Whether a label says something of what was tried.
bool is_asked_for(const Label& label, const Request& request) {
  const bool is_near = is_within(label.path, request.path) || is_within(request.path, label.path);
  return is_near && (!label.metric || !request.metric || *label.metric == *request.metric) &&
         label.class_name != kFalseAlarm;
}

/// What is not asked for is no event, but an alarm for it is not false, either. An event is judged
/// where its device was watched before and the period had not ended.
SpanKind kind_of(const Label& label, const Request& request, const TimeRange& judged) {
  const bool is_event = request.classes.empty()
                            ? label.class_name != kService
                            : std::find(request.classes.begin(), request.classes.end(),
                                        label.class_name) != request.classes.end();
  if (!is_event) return SpanKind::kNoEvent;
  const std::int64_t start_us = to_us(label.start);
  const bool is_judged = start_us >= judged.start_us && start_us < judged.end_us;
  return is_judged ? SpanKind::kEvent : SpanKind::kNotJudged;
}

/// A label of a metric is of that one alone; one of a place is of all below it.
bool is_of(const backtest::RaisedAlarm& alarm, const Label& label) {
  if (alarm.device != label.device || !is_within(alarm.path, label.path)) return false;
  if (!label.metric) return true;
  return alarm.path == label.path && (!alarm.metric || *alarm.metric == *label.metric);
}

/// The parts of a run, device after device.
class Runner {
 public:
  Runner(const BackTestRun& run, const Request& request, TrialSubject subject, TimeRange period)
      : run_(run), request_(request), subject_(std::move(subject)) {
    report_.period = period;
    // After the newest sample nothing comes: what has started there until now could be foretold.
    const std::int64_t until_us = period.end_us + request.horizon.count();
    judged_end_us_ = request.end
                         ? period.end_us
                         : std::max(period.end_us, std::min(to_us(run.clock.now()), until_us));
  }

  Result<> try_device(const DeviceOnTrial& device, const backtest::Progress& progress) {
    MW_ASSIGN(const auto trial, start_trial(subject_, run_.store, device.metrics, log_));
    ReplayOptions options;
    options.range = report_.period;
    options.stop = run_.stop;
    options.progress = progress;
    const auto visit = [&](const SamplesStored& stored, std::int64_t newest_us) {
      return trial->observe(stored, newest_us);
    };
    MW_ASSIGN(const Replayed replayed, replay_samples(run_.store, device.metrics, options, visit));
    report_.samples += replayed.samples;
    report_.metrics += replayed.series.size();
    report_.watched += replayed.watched;
    return add_labels(device.id, {replayed.first_us.value_or(judged_end_us_), judged_end_us_});
  }

  Report finish() {
    report_.alarms = log_.alarms();
    std::stable_sort(report_.alarms.begin(), report_.alarms.end(),
                     [](const auto& a, const auto& b) { return a.raised < b.raised; });
    std::vector<std::int64_t> raised_us;
    for (const auto& alarm : report_.alarms) raised_us.push_back(to_us(alarm.raised));
    const auto is_of_place = [&](std::size_t alarm, std::size_t label) {
      return is_of(report_.alarms[alarm], report_.labels[label]);
    };
    report_.score = backtest::score_alarms(raised_us, spans_, is_of_place,
                                           {request_.horizon.count(), report_.watched.count()});
    return std::move(report_);
  }

 private:
  Result<> add_labels(const DeviceId& device, const TimeRange& judged) {
    MW_ASSIGN(const Path everywhere, Path::parse(""));
    const TimeRange range{report_.period.start_us, judged_end_us_ + request_.horizon.count()};
    MW_ASSIGN(auto found, run_.store.catalog().labels(device, everywhere, range, "", kMostLabels));
    std::reverse(found.begin(), found.end());
    for (Label& label : found) {
      if (!is_asked_for(label, request_)) continue;
      const std::int64_t end_us =
          label.end ? to_us(*label.end) : std::numeric_limits<std::int64_t>::max();
      spans_.push_back(
          {to_us(label.start), end_us, label.class_name, kind_of(label, request_, judged)});
      report_.labels.push_back(std::move(label));
    }
    return {};
  }

  const BackTestRun& run_;
  const Request& request_;
  const TrialSubject subject_;
  std::int64_t judged_end_us_ = 0;
  AlarmLog log_;
  std::vector<LabelledSpan> spans_;  // of report_.labels
  Report report_;
};

}  // namespace

Result<Report> run_back_test(const BackTestRun& run, const Request& request) {
  MW_TRY(check(request));
  MW_ASSIGN(TrialSubject subject, subject_of(request, run.registry));
  MW_ASSIGN(const auto devices, devices_of(run.store.catalog(), request, subject));
  MW_ASSIGN(const auto period, period_of(run.store.samples(), request, devices));
  if (!period) return Report{};
  MW_TRY(check_size(run.store.samples(), request, *period, devices));
  Runner runner(run, request, std::move(subject), *period);
  const auto count = static_cast<double>(devices.size());
  for (std::size_t i = 0; i < devices.size(); ++i) {
    const auto progress = [&](double share) {
      if (run.progress) run.progress((static_cast<double>(i) + share) / count);
    };
    MW_TRY(runner.try_device(devices[i], progress));
  }
  return runner.finish();
}

}  // namespace millwright
