#include "analyst/detector_bank.h"

#include <nlohmann/json.hpp>

#include "base/log.h"

namespace millwright {
namespace {

using nlohmann::json;

constexpr int kFormat = 1;
constexpr std::int64_t kBetweenSilenceLooksUs = 5'000'000;

std::string state_key(const DeviceId& device) { return "analyst.detectors." + device.str(); }

void warn(std::string_view message, const TenantId& tenant, const Error& error) {
  log::warning(message,
               {{"tenant", tenant.str()}, {"reason", error.message}, {"detail", error.detail}});
}

/// Detectors by series: {"id", "bytes", "open": [{"feature", "id", "start_us"}]}; empty for bytes
/// that are not ours.
json decode(const std::string& bytes) {
  const json saved = json::from_cbor(bytes, true, false);
  const bool is_ours = saved.is_object() && saved.value("format", json()) == kFormat &&
                       saved.value("series", json()).is_array();
  return is_ours ? saved.at("series") : json::array();
}

}  // namespace

void DetectorBank::observe(const Metric& metric, const SampleColumns& samples) {
  note(metric, watcher_of(metric).update(samples));
}

void DetectorBank::observe(const Metric& metric, const Waveform& block) {
  note(metric, watcher_of(metric).update(block));
}

void DetectorBank::notice_silence(const DeviceId& device, std::int64_t now_us) {
  DeviceBank& bank = bank_of(device);
  if (now_us < bank.silence_noticed_us + kBetweenSilenceLooksUs) return;
  bank.silence_noticed_us = now_us;
  for (auto& [series, watched] : bank.watched) {
    note(watched.metric, watched.watcher.notice_silence(now_us));
  }
}

SeriesWatcher& DetectorBank::watcher_of(const Metric& metric) {
  DeviceBank& bank = bank_of(metric.key.device);
  bank.has_changed = true;
  const auto found = bank.watched.find(metric.series);
  if (found != bank.watched.end()) return found->second.watcher;
  return bank.watched.emplace(metric.series, Watched{metric, SeriesWatcher(metric)})
      .first->second.watcher;
}

DetectorBank::DeviceBank& DetectorBank::bank_of(const DeviceId& device) {
  const auto [entry, is_new] = devices_.try_emplace(device);
  if (is_new) restore(device, entry->second);
  return entry->second;
}

void DetectorBank::restore(const DeviceId& device, DeviceBank& bank) {
  const auto saved = store_.catalog().state(state_key(device));
  if (!saved) return warn("detectors cannot be read", store_.tenant(), saved.error());
  try {
    for (const json& entry : *saved ? decode(**saved) : json::array()) {
      const SeriesId series{entry.at("id").get<std::int64_t>()};
      const auto metric = store_.catalog().metric(series);
      if (!metric) continue;  // removed since
      const auto& bytes = entry.at("bytes").get_ref<const std::string&>();
      auto watcher = SeriesWatcher::restore(*metric, bytes);
      if (!watcher) continue;  // of an older form: it learns again
      bank.watched.emplace(series, Watched{*metric, std::move(watcher).value()});
      for (const json& open : entry.at("open")) {
        book_.restore(*metric,
                      {open.at("feature").get<std::string>(), open.at("id").get<std::int64_t>(),
                       open.at("start_us").get<std::int64_t>()});
      }
    }
  } catch (const json::exception& error) {
    warn("saved detectors are damaged and learn again", store_.tenant(),
         internal_error("unexpected form", error.what()));
  }
  const auto known = store_.catalog().device(device);
  if (!known) return;
  const auto closed = book_.close_orphans(*known);
  if (!closed) warn("open anomalies cannot be closed", store_.tenant(), closed.error());
}

void DetectorBank::note(const Metric& metric, const std::vector<FeatureChange>& changes) {
  for (const FeatureChange& change : changes) {
    ++changes_;
    const auto written = book_.apply(metric, change);
    if (!written) warn("an anomaly cannot be stored", store_.tenant(), written.error());
  }
}

std::string DetectorBank::encode(const DeviceBank& bank) const {
  json series = json::array();
  for (const auto& [id, watched] : bank.watched) {
    json open = json::array();
    for (const OpenAnomaly& anomaly : book_.open_of(id)) {
      open.push_back(
          {{"feature", anomaly.feature}, {"id", anomaly.id}, {"start_us", anomaly.start_us}});
    }
    // CBOR carries the bytes of a text as they are: nobody prints them.
    series.push_back({{"id", static_cast<std::int64_t>(id)},
                      {"bytes", watched.watcher.save()},
                      {"open", std::move(open)}});
  }
  std::string bytes;
  json::to_cbor(json{{"format", kFormat}, {"series", std::move(series)}}, bytes);
  return bytes;
}

void DetectorBank::save() {
  for (auto& [device, bank] : devices_) {
    if (!bank.has_changed) continue;
    const auto stored = store_.catalog().put_state(state_key(device), encode(bank));
    if (!stored) {
      warn("detectors cannot be saved", store_.tenant(), stored.error());
      continue;
    }
    bank.has_changed = false;
  }
}

void DetectorBank::forget(const DeviceId& device) {
  const auto bank = devices_.find(device);
  if (bank != devices_.end()) {
    for (const auto& [series, watched] : bank->second.watched) book_.forget(series);
    devices_.erase(bank);
  }
  const auto cleared = store_.catalog().put_state(state_key(device), "");
  if (!cleared) warn("saved detectors cannot be cleared", store_.tenant(), cleared.error());
}

}  // namespace millwright
