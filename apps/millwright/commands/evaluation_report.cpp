#include "apps/millwright/commands/evaluation_report.h"

#include <array>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "ml/evaluation/classification.h"

namespace millwright {
namespace {

std::string shown(const std::map<std::string, double>& figures) {
  std::string text;
  for (const auto& [key, value] : figures) {
    std::array<char, 64> buffer{};
    std::snprintf(buffer.data(), buffer.size(), "%.4g", value);
    text += (text.empty() ? "" : "  ") + key + " " + buffer.data();
  }
  return text;
}

}  // namespace

std::string to_json_line(const EvaluationReport& report) {
  nlohmann::json protocols = nlohmann::json::array();
  for (const ProtocolResult& p : report.protocols) {
    protocols.push_back({{"name", p.name},
                         {"split", p.split},
                         {"n", p.n},
                         {"baseline", nlohmann::json(p.baseline)},
                         {"metrics", nlohmann::json(p.metrics)},
                         {"tier", p.tier},
                         {"seed", p.seed}});
  }
  return nlohmann::json({{"dataset", report.dataset}, {"protocols", protocols}}).dump();
}

std::string to_table(const EvaluationReport& report) {
  std::string text = report.dataset + "\n";
  for (const ProtocolResult& p : report.protocols) {
    text += "  " + p.name + " (" + p.split + "), n = " + std::to_string(p.n) + "\n";
    text += "    " + shown(p.metrics) + "\n";
    if (!p.baseline.empty()) text += "    baseline: " + shown(p.baseline) + "\n";
  }
  return text;
}

std::map<std::string, double> over_seeds(const std::vector<std::map<std::string, double>>& runs) {
  std::map<std::string, std::vector<double>> values;
  for (const auto& run : runs) {
    for (const auto& [key, value] : run) values[key].push_back(value);
  }
  std::map<std::string, double> out;
  for (const auto& [key, list] : values) {
    const ml::MeanAndSpread summary = ml::mean_and_spread(list);
    out[key] = summary.mean;
    if (list.size() > 1) out[key + "_spread"] = summary.spread;
  }
  return out;
}

}  // namespace millwright
