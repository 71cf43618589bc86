#include "apps/millwright/commands/results_table.h"

#include <algorithm>
#include <array>
#include <cstdio>
#include <optional>

namespace millwright {
namespace {

enum class Want { kAtLeast, kAtMost, kWithin, kAboveBaseline };

constexpr const char* kMet = ": met";
constexpr const char* kShort = ": **short**";

/// What was set before anything was measured.
struct Target {
  const char* dataset;
  const char* protocol;
  const char* key;
  Want want;
  double value = 0.0;    ///< Not of kAboveBaseline.
  double highest = 0.0;  ///< Of kWithin.
};
constexpr std::array kTargets{
    Target{"skab", "first_400_rows", "far", Want::kAtMost, 0.135},
    Target{"skab", "first_400_rows", "mar", Want::kAtMost, 0.28},
    Target{"nab", "streaming", "standard", Want::kAtLeast, 68},
    Target{"nab", "streaming", "machine_temperature_found", Want::kAtLeast, 4},
    Target{"ucr_samples", "highest_score", "found", Want::kAtLeast, 5},
    Target{"occupancy_uci", "injected_faults", "alarms_per_metric", Want::kAtMost, 1},
    Target{"occupancy_uci", "injected_faults", "recall", Want::kAtLeast, 0.80},
    Target{"gear_dao2022", "in_time", "macro_f1", Want::kAtLeast, 0.90},
    Target{"gearbox_spectraquest", "load_left_out", "balanced_accuracy", Want::kAtLeast, 0.99},
    Target{"cwru", "load", "accuracy", Want::kAtLeast, 0.99},
    Target{"cwru", "size", "accuracy_7_21", Want::kAtLeast, 0.85},
    Target{"cwru", "size", "accuracy_21_7", Want::kAtLeast, 0.85},
    Target{"cwru", "normal", "false_alarm", Want::kAtMost, 0.01},
    Target{"hydraulic_zema", "run", "macro_f1_cooler", Want::kAtLeast, 1.00},
    Target{"hydraulic_zema", "run", "macro_f1_valve", Want::kAtLeast, 0.95},
    Target{"hydraulic_zema", "run", "macro_f1_pump", Want::kAtLeast, 0.98},
    Target{"hydraulic_zema", "run", "macro_f1_accumulator", Want::kAtLeast, 0.97},
    Target{"ai4i2020", "five_fold", "f1", Want::kAtLeast, 0.86},
    Target{"ai4i2020", "five_fold", "auprc", Want::kAtLeast, 0.88},
    Target{"cmapss", "FD001", "rmse_capped", Want::kAtMost, 11.5},
    Target{"cmapss", "FD002", "rmse_capped", Want::kAtMost, 11.9},
    Target{"cmapss", "FD003", "rmse_capped", Want::kAtMost, 11.5},
    Target{"cmapss", "FD004", "rmse_capped", Want::kAtMost, 13.0},
    Target{"cmapss", "pooled", "coverage", Want::kWithin, 0.87, 0.93},
    Target{"ims_bearings", "warning", "warning_h_test1_bearing3", Want::kAtLeast, 20},
    Target{"ims_bearings", "warning", "warning_h_test1_bearing4", Want::kAtLeast, 60},
    Target{"ims_bearings", "warning", "warning_h_test2_bearing1", Want::kAtLeast, 60},
    Target{"ims_bearings", "warning", "false_alarms", Want::kAtMost, 0},
    Target{"pronostia", "challenge", "score", Want::kAboveBaseline},
};

const Target* target_of(const std::string& dataset, const std::string& protocol,
                        const std::string& key) {
  const auto found = std::find_if(kTargets.begin(), kTargets.end(), [&](const Target& target) {
    return dataset == target.dataset && protocol == target.protocol && key == target.key;
  });
  return found == kTargets.end() ? nullptr : &*found;
}

std::string shown(double value) {
  std::array<char, 32> buffer{};
  std::snprintf(buffer.data(), buffer.size(), "%.4g", value);
  return buffer.data();
}

std::optional<double> value_of(const std::map<std::string, double>& figures,
                               const std::string& key) {
  const auto found = figures.find(key);
  return found == figures.end() ? std::nullopt : std::optional(found->second);
}

bool is_spread(const std::string& key) { return key.ends_with("_spread"); }

std::string figure_of(const ProtocolResult& result, const std::string& key, double value) {
  const auto spread = value_of(result.metrics, key + "_spread");
  return key + " " + shown(value) + (spread && *spread > 0.0 ? " ± " + shown(*spread) : "");
}

std::string row(const EvaluationReport& report, const ProtocolResult& result,
                const std::string& figure, const std::string& baseline, const std::string& wanted) {
  return "| " + report.dataset + " | " + result.name + " (" + result.tier + ") | " +
         std::to_string(result.n) + " | " + figure + " | " + baseline + " | " + wanted + " |\n";
}

std::string wanted_of(const Target& target, double value, std::optional<double> baseline) {
  if (target.want == Want::kAboveBaseline) {
    return std::string("above the baseline") + (value > baseline.value_or(0.0) ? kMet : kShort);
  }
  const bool is_high_enough = target.want == Want::kAtMost || value >= target.value;
  const double highest = target.want == Want::kWithin ? target.highest : target.value;
  const bool is_low_enough = target.want == Want::kAtLeast || value <= highest;
  std::string text = target.want == Want::kAtMost ? "≤ " : "≥ ";
  if (target.want == Want::kWithin) {
    text = shown(target.value) + " to " + shown(target.highest);
  } else {
    text += shown(target.value);
  }
  return text + (is_high_enough && is_low_enough ? kMet : kShort);
}

std::string rows_of(const EvaluationReport& report, const ProtocolResult& result) {
  std::string text, others, other_baselines;
  for (const auto& [key, value] : result.metrics) {
    if (is_spread(key)) continue;
    const auto baseline = value_of(result.baseline, key);
    const Target* target = target_of(report.dataset, result.name, key);
    if (target != nullptr) {
      text += row(report, result, figure_of(result, key, value), baseline ? shown(*baseline) : "",
                  wanted_of(*target, value, baseline));
      continue;
    }
    others += (others.empty() ? "" : "; ") + figure_of(result, key, value);
  }
  for (const auto& [key, value] : result.baseline) {
    if (is_spread(key) || target_of(report.dataset, result.name, key) != nullptr) continue;
    other_baselines += (other_baselines.empty() ? "" : "; ") + key + " " + shown(value);
  }
  if (!others.empty()) text += row(report, result, others, other_baselines, "");
  return text;
}

}  // namespace

std::string to_markdown(std::span<const EvaluationReport> reports) {
  std::string text =
      "# Results\n"
      "Written by `millwright evaluate all --data ROOT`; what is scored is what ships. Five seeds "
      "where there is chance:\nmean ± standard deviation. What the splits are and what the figures "
      "do not say stands in the [cards](README.md).\n\n"
      "| data | protocol (tier) | n | figure | baseline | wanted |\n"
      "| --- | --- | --- | --- | --- | --- |\n";
  for (const EvaluationReport& report : reports) {
    for (const ProtocolResult& result : report.protocols) text += rows_of(report, result);
  }
  return text;
}

}  // namespace millwright
