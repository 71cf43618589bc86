#include "ingest/append_builder.h"

#include <charconv>
#include <cmath>

#include "base/text.h"
#include "ingest/metric_text.h"

namespace millwright::ingest {
namespace {

constexpr std::size_t kMostReferences = 65'536;
constexpr double kLongestWaveformSeconds = 86'400;

const Reference& unknown_reference() {
  static const Reference kUnknown{std::nullopt, "unknown_metric",
                                  "the metric reference has no dictionary entry in this epoch; "
                                  "send its entry before its samples",
                                  std::nullopt};
  return kUnknown;
}

const Reference& wrong_type() {
  static const Reference kWrong{std::nullopt, "type_conflict",
                                "the metric has another type than this value; use another metric "
                                "identifier",
                                std::nullopt};
  return kWrong;
}

Reference refused(std::string code, std::string message) {
  return Reference{std::nullopt, std::move(code), std::move(message), std::nullopt};
}

bool is_same(const Metric& metric, const record::DictionaryEntry& entry) {
  return metric.key.device.str() == entry.device_identifier &&
         metric.key.path.str() == entry.path &&
         metric.key.metric.str() == entry.metric_identifier &&
         (entry.unit.empty() || metric.unit == entry.unit) &&
         (entry.display_name.empty() || metric.display_name == entry.display_name) &&
         static_cast<int>(metric.type) == entry.type;
}

std::string sample_text(const Metric& metric, std::int64_t timestamp_us, double value) {
  char number[32];
  const auto end = std::to_chars(number, number + sizeof number, value).ptr;
  return metric.key.device.str() + ' ' + metric.key.path.str() + ' ' + metric.key.metric.str() +
         ' ' + std::to_string(timestamp_us) + ' ' + std::string(number, end);
}

}  // namespace

AppendBuilder::AppendBuilder(const Surroundings& around, const StreamKey& stream,
                             EpochCursor& cursor, Append& out)
    : around_(around), stream_(stream), cursor_(cursor), out_(out), columns_(out, around.touched) {}

Result<> AppendBuilder::add(std::uint64_t seq, UnwrappedRecord record) {
  if (!record.content) {
    const std::string& reason = record.content.error().message;
    quarantine(seq, "unreadable", std::string(record.bytes));
    findings_.quarantined.push_back({EpochId{}, seq, reason});
    refuse(seq, 0, "unreadable", reason);
    return {};
  }
  MW_ASSIGN(const bool covered, is_covered(record.hops));
  if (covered) return {};
  original_ = nullptr;
  if (!record.hops.empty()) {
    MW_ASSIGN(original_, around_.cursors.find(stored_epoch(stream_, record.hops.back().epoch)));
  }
  bytes_ = record.bytes;
  MW_TRY(std::visit([&](auto& payload) { return take(seq, payload); }, record.content->payload));
  return mark_moved(record.hops);
}

// A record that was stored under an older epoch already is not stored again. Where the pasts of
// hub and agent differ, (epoch, seq) does not identify it, and storing twice is harmless: the same
// times get the same values.
Result<bool> AppendBuilder::is_covered(const std::vector<Hop>& hops) {
  for (const Hop& hop : hops) {
    if (hop.forked) continue;
    MW_ASSIGN(const EpochCursor* original, around_.cursors.find(stored_epoch(stream_, hop.epoch)));
    if (!original->forked && hop.seq <= std::max(original->watermark, original->moved_through)) {
      return true;
    }
  }
  return false;
}

Result<> AppendBuilder::mark_moved(const std::vector<Hop>& hops) {
  for (const Hop& hop : hops) {
    if (hop.forked) continue;
    const EpochId id = stored_epoch(stream_, hop.epoch);
    MW_ASSIGN(EpochCursor * original, around_.cursors.find(id));
    original->moved_through = std::max(original->moved_through, hop.seq);
    if (!out_.moved.empty() && out_.moved.back().original == id) {
      out_.moved.back().through = original->moved_through;
    } else {
      out_.moved.push_back({id, original->moved_through});
    }
  }
  return {};
}

Result<> AppendBuilder::take(std::uint64_t seq, record::DictionaryEntry& entry) {
  if (const auto found = cursor_.references.find(entry.reference);
      found != cursor_.references.end() && found->second.metric &&
      is_same(*found->second.metric, entry)) {
    return {};
  }
  MW_ASSIGN(Reference meaning, resolve(entry));
  if (!meaning.metric) refuse(seq, 0, meaning.code, meaning.message);
  define(entry.reference, std::move(meaning));
  return {};
}

void AppendBuilder::define(std::uint32_t number, Reference reference) {
  // A refused entry is stored too: else its samples would go to what the reference meant before.
  out_.dictionary.push_back({number, reference.metric ? reference.metric->series : kNoSeries});
  cursor_.references.insert_or_assign(number, std::move(reference));
}

Result<Reference> AppendBuilder::resolve(const record::DictionaryEntry& entry) {
  const auto device = DeviceId::parse(entry.device_identifier);
  if (!device) return refused("invalid_identifier", device.error().message);
  const auto path = Path::parse(entry.path);
  if (!path) return refused("invalid_identifier", path.error().message);
  const auto metric = MetricId::parse(entry.metric_identifier);
  if (!metric) return refused("invalid_identifier", metric.error().message);
  if (*device != stream_.agent) {
    return refused("foreign_device", "device " + quote(device->str()) +
                                         " is not the sender's own; send only for device " +
                                         quote(stream_.agent.str()));
  }
  if (!is_metric_text(entry.unit) || !is_metric_text(entry.display_name)) {
    return refused("invalid_text",
                   "unit and display name are at most 256 bytes of text without control "
                   "characters");
  }
  if (cursor_.references.size() >= kMostReferences) {
    return refused("too_many_metrics", "an epoch has at most 65536 references; begin a new one");
  }
  const auto type = static_cast<MetricType>(entry.type);
  if (type != MetricType::kNumericScalar && type != MetricType::kWaveform) {
    return refused("unsupported_kind", "metrics of type " + std::to_string(entry.type) +
                                           " are not stored yet; send numeric scalars (1) or "
                                           "waveforms (2)");
  }
  return resolve_checked(entry, MetricKey{*device, *path, *metric}, type);
}

Result<Reference> AppendBuilder::resolve_checked(const record::DictionaryEntry& entry,
                                                 const MetricKey& key, MetricType type) {
  MW_ASSIGN(const bool registered, around_.devices.contains(key.device));
  if (!registered) {
    Reference reference = refused(
        "unknown_device", "device " + quote(key.device.str()) + " is not registered; register it");
    reference.pending = entry;
    return reference;
  }
  auto metric = around_.catalog.resolve_metric(key, entry.unit, entry.display_name, type);
  if (metric) return Reference{std::move(metric).value(), {}, {}, std::nullopt};
  if (metric.error().code == ErrorCode::kFailedPrecondition) {
    return refused("type_conflict", metric.error().message);
  }
  if (metric.error().code == ErrorCode::kNotFound) {
    around_.devices.forget(key.device);  // removed a moment ago
    return refused("unknown_device", metric.error().message);
  }
  return metric.error();
}

Result<const Reference*> AppendBuilder::reference(std::uint32_t number, MetricType type) {
  const Reference* found = &unknown_reference();
  if (const auto own = cursor_.references.find(number); own != cursor_.references.end()) {
    found = &own->second;
  } else if (original_ != nullptr) {
    if (const auto old = original_->references.find(number); old != original_->references.end()) {
      found = &old->second;
    }
  }
  if (!found->metric && found->pending) {
    const auto device = DeviceId::parse(found->pending->device_identifier);
    MW_ASSIGN(const bool registered, around_.devices.contains(*device));
    if (registered) {
      MW_ASSIGN(Reference meaning, resolve(*found->pending));
      define(number, std::move(meaning));
      found = &cursor_.references.at(number);
    }
  }
  if (found->metric && found->metric->type != type) found = &wrong_type();
  return found;
}

Result<> AppendBuilder::take(std::uint64_t seq, record::Scalars& column) {
  const Reference* meaning = nullptr;
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < column.value.size(); ++i) {
    const std::uint32_t number = column.reference_at(i);
    if (meaning == nullptr || number != last) {
      MW_ASSIGN(meaning, reference(number, MetricType::kNumericScalar));
      last = number;
    }
    const auto index = static_cast<std::uint32_t>(i);
    const std::int64_t at = column.timestamp_us[i];
    const double value = column.value[i];
    if (!meaning->metric) {
      refuse(seq, index, meaning->code, meaning->message);
    } else if (!std::isfinite(value)) {
      refuse(seq, index, "not_finite", "the value is no finite number");
    } else if (const char* problem = time_problem(at, around_.latest_us); problem == nullptr) {
      columns_.add(*meaning->metric, at, value);
      ++findings_.samples;
    } else if (at < 0) {
      refuse(seq, index, problem, "the timestamp lies before 1970");
    } else {
      quarantine(seq, problem, sample_text(*meaning->metric, at, value));
      ++findings_.samples_quarantined;
      refuse(seq, index, "in_future_quarantined",
             "the timestamp lies too far ahead of the hub's clock; the sample is kept aside");
    }
  }
  return {};
}

Result<> AppendBuilder::take(std::uint64_t seq, record::WaveformRecord& waveform) {
  MW_ASSIGN(const Reference* meaning, reference(waveform.metric_reference, MetricType::kWaveform));
  Waveform& block = waveform.block;
  if (!meaning->metric) {
    refuse(seq, 0, meaning->code, meaning->message);
    return {};
  }
  if (!std::all_of(block.value.begin(), block.value.end(),
                   [](float v) { return std::isfinite(v); })) {
    refuse(seq, 0, "not_finite", "the block holds a value that is no finite number");
    return {};
  }
  if (static_cast<double>(block.value.size()) / block.sample_rate_hz > kLongestWaveformSeconds) {
    refuse(seq, 0, "invalid_waveform", "the block is longer than a day; check sample_rate_hz");
    return {};
  }
  if (const char* problem = time_problem(block.start_us, around_.latest_us); problem != nullptr) {
    if (block.start_us < 0) {
      refuse(seq, 0, problem, "the block begins before 1970");
      return {};
    }
    quarantine(seq, problem, std::string(bytes_));
    findings_.samples_quarantined += block.value.size();
    refuse(seq, 0, "in_future_quarantined",
           "the block begins too far ahead of the hub's clock; it is kept aside");
    return {};
  }
  findings_.samples += block.value.size();
  columns_.add(*meaning->metric, std::move(block));
  return {};
}

Result<> AppendBuilder::take(std::uint64_t seq, record::UnsupportedValue& value) {
  refuse(seq, 0, "unsupported_kind",
         "values of kind " + value.kind + " are not stored yet; send scalars or waveforms");
  return {};
}

AppendBuilder::Findings AppendBuilder::finish() { return std::move(findings_); }

void AppendBuilder::refuse(std::uint64_t seq, std::uint32_t index, const std::string& code,
                           const std::string& message) {
  auto& refusals = findings_.refusals;
  if (refusals.empty() || refusals.back().seq != seq) {
    refusals.push_back({seq, {}});
    told_.clear();
  }
  // The sentence once for each reason: a bad column must not answer megabytes.
  const bool is_told = std::find(told_.begin(), told_.end(), code) != told_.end();
  if (!is_told) told_.push_back(code);
  refusals.back().samples.push_back({index, code, is_told ? std::string() : message});
}

void AppendBuilder::quarantine(std::uint64_t seq, const std::string& reason, std::string bytes) {
  out_.quarantine.push_back({seq, reason, std::move(bytes)});
}

}  // namespace millwright::ingest
