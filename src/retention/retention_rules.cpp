#include "retention/retention_rules.h"

#include <algorithm>
#include <tuple>

namespace millwright::retention {
namespace {

std::size_t labels(const std::string& dotted) {
  if (dotted.empty()) return 0;
  return 1 + static_cast<std::size_t>(std::count(dotted.begin(), dotted.end(), '.'));
}

bool is_within(const MetricId& metric, const MetricId& root) {
  const std::string& text = metric.str();
  return text.starts_with(root.str()) &&
         (text.size() == root.str().size() || text[root.str().size()] == '.');
}

auto specificity(const RetentionScope& scope) {
  return std::tuple(scope.metric ? labels(scope.metric->str()) : 0, labels(scope.path.str()),
                    scope.device.has_value(), scope.waveforms_only);
}

}  // namespace

Result<RetentionScope> parse_scope(const std::optional<std::string>& device,
                                   const std::optional<std::string>& path,
                                   const std::optional<std::string>& metric, bool waveforms_only) {
  MW_ASSIGN(Path place, Path::parse(path.value_or("")));
  RetentionScope scope{std::nullopt, std::move(place), std::nullopt, waveforms_only};
  if (device) {
    MW_ASSIGN(scope.device, DeviceId::parse(*device));
  }
  if (metric) {
    MW_ASSIGN(scope.metric, MetricId::parse(*metric));
  }
  return scope;
}

bool covers(const RetentionScope& scope, const Metric& metric) {
  return (!scope.device || *scope.device == metric.key.device) &&
         millwright::is_within(metric.key.path, scope.path) &&
         (!scope.metric || is_within(metric.key.metric, *scope.metric)) &&
         (!scope.waveforms_only || metric.type == MetricType::kWaveform);
}

const RetentionRule* rule_for(std::span<const RetentionRule> rules, const Metric& metric) {
  const RetentionRule* best = nullptr;
  for (const RetentionRule& rule : rules) {
    if (!covers(rule.scope, metric)) continue;
    if (!best || specificity(rule.scope) > specificity(best->scope)) best = &rule;
  }
  return best;
}

std::vector<Expiry> expiries(std::span<const RetentionRule> rules, std::span<const Metric> metrics,
                             Timestamp now) {
  std::vector<Expiry> out;
  for (const Metric& metric : metrics) {
    const RetentionRule* rule = rule_for(rules, metric);
    if (!rule || rule->keep.count() == 0) continue;
    out.push_back({metric.series, to_us(now - rule->keep)});
  }
  return out;
}

RetentionRule waveform_default(std::chrono::hours keep) {
  return {{std::nullopt, *Path::parse(""), std::nullopt, true}, keep};
}

std::vector<RetentionRule> with_default(std::vector<RetentionRule> rules,
                                        const RetentionRule& preset) {
  const bool is_replaced = std::any_of(rules.begin(), rules.end(), [&](const RetentionRule& rule) {
    return rule.scope == preset.scope;
  });
  if (!is_replaced) rules.push_back(preset);
  return rules;
}

}  // namespace millwright::retention
