#include "ingest/unnumbered.h"

#include <cmath>

#include "base/text.h"
#include "ingest/metric_text.h"

namespace millwright::ingest {
namespace {

constexpr std::size_t kMostRemembered = 100'000;

Result<> check(const UnnumberedSample& sample, std::int64_t latest_us) {
  if (!std::isfinite(sample.value)) {
    return invalid_argument("value is no finite number; send only finite numbers");
  }
  if (!sample.timestamp_us) {
    return invalid_argument(
        "timestamp is missing or no valid time; send seconds since 1970 and "
        "nanos from 0 to 999999999");
  }
  const char* problem = time_problem(*sample.timestamp_us, latest_us);
  if (problem == nullptr) return {};
  const std::string time = *sample.timestamp_us < 0 ? std::to_string(*sample.timestamp_us) + " us"
                                                    : format_utc(from_us(*sample.timestamp_us));
  return invalid_argument("timestamp " + time +
                          (*sample.timestamp_us < 0
                               ? " lies before 1970; set the device's clock"
                               : " lies more than 5 minutes ahead; set the device's clock"));
}

Result<> check_text(const std::string& field, const std::string& text) {
  if (is_metric_text(text)) return {};
  if (text.size() > kMostTextBytes) {
    return invalid_argument(field + " is longer than 256 bytes; shorten it");
  }
  return invalid_argument(field + " " + quote(text) +
                          " holds control characters or is no UTF-8; send plain text");
}

}  // namespace

std::optional<FirstRefusal> Unnumbered::build(const std::vector<UnnumberedSample>& samples,
                                              std::int64_t latest_us, TouchedMetrics& touched,
                                              Append& out) {
  AppendColumns columns(out, touched);
  for (std::size_t i = 0; i < samples.size(); ++i) {
    // The device first: for one that is not registered nothing else matters.
    const auto where = metric(samples[i]);
    if (!where) return FirstRefusal{i, where.error()};
    if (const auto fine = check(samples[i], latest_us); !fine) {
      return FirstRefusal{i, fine.error()};
    }
    columns.add(**where, *samples[i].timestamp_us, samples[i].value);
  }
  return std::nullopt;
}

Result<const Metric*> Unnumbered::metric(const UnnumberedSample& sample) {
  std::string key;
  for (const std::string* part :
       {&sample.device_identifier, &sample.path, &sample.metric_identifier}) {
    key += *part;
    key += '\0';
  }
  const auto found = metrics_.find(key);
  if (found != metrics_.end() && (sample.unit.empty() || sample.unit == found->second.unit) &&
      (sample.display_name.empty() || sample.display_name == found->second.display_name)) {
    return &found->second;
  }
  MW_ASSIGN(const DeviceId device, DeviceId::parse(sample.device_identifier));
  MW_ASSIGN(const MetricId metric_id, MetricId::parse(sample.metric_identifier));
  MW_ASSIGN(const Path path, Path::parse(sample.path));
  MW_TRY(check_text("unit", sample.unit));
  MW_TRY(check_text("display_name", sample.display_name));
  MW_ASSIGN(const bool registered, devices_.contains_now(device));
  if (!registered) {
    return not_found("device " + quote(device.str()) + " is not registered; register it first");
  }
  MW_ASSIGN(Metric metric,
            catalog_.resolve_metric(MetricKey{device, path, metric_id}, sample.unit,
                                    sample.display_name, MetricType::kNumericScalar));
  if (metrics_.size() >= kMostRemembered) metrics_.clear();
  return &metrics_.insert_or_assign(std::move(key), std::move(metric)).first->second;
}

}  // namespace millwright::ingest
