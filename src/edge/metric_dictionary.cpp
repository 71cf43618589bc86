#include "edge/metric_dictionary.h"

#include "record/record.h"

namespace millwright::edge {
namespace {

constexpr std::uint32_t kMaxReference = (1u << 21) - 1;  // three bytes on the wire

/// FNV-1a, 64 bit: the same on every machine and in every release.
std::uint64_t stable_hash(const std::string& text) {
  std::uint64_t hash = 0xcbf29ce484222325u;
  for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3u;
  return hash ^ (hash >> 32);
}

std::uint32_t following(std::uint32_t reference) {
  return reference == kMaxReference ? 1 : reference + 1;
}

}  // namespace

std::uint32_t MetricDictionary::reference(const MetricDescription& metric, std::int64_t now_us,
                                          std::vector<std::string>* undeclared) {
  auto known = references_.find(metric);
  if (known == references_.end()) {
    const std::string place = metric.path + "|" + metric.metric_identifier + "|" +
                              std::to_string(static_cast<int>(metric.type));
    auto reference = static_cast<std::uint32_t>(stable_hash(place) % kMaxReference) + 1;
    while (taken_.contains(reference)) reference = following(reference);
    taken_.insert(reference);
    known = references_.emplace(metric, reference).first;
  }
  if (declared_.insert(known->second).second) {
    undeclared->push_back(encode_entry(metric, known->second, now_us));
  }
  return known->second;
}

std::vector<std::string> MetricDictionary::entries(std::int64_t now_us) const {
  std::vector<std::string> out;
  for (const auto& [metric, reference] : references_) {
    if (declared_.contains(reference)) out.push_back(encode_entry(metric, reference, now_us));
  }
  return out;
}

std::string MetricDictionary::encode_entry(const MetricDescription& metric, std::uint32_t reference,
                                           std::int64_t now_us) const {
  record::DictionaryEntry entry;
  entry.reference = reference;
  entry.device_identifier = device_;
  entry.path = metric.path;
  entry.metric_identifier = metric.metric_identifier;
  entry.unit = metric.unit;
  entry.display_name = metric.display_name;
  entry.type = static_cast<int>(metric.type);
  return record::encode({now_us, std::move(entry)});
}

}  // namespace millwright::edge
