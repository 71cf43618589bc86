#pragma once
/// What `millwright evaluate` prints.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace millwright {

struct ProtocolResult {
  std::string name;
  std::string split;
  std::size_t n = 0;  ///< Windows or units tested.
  std::map<std::string, double> baseline;
  std::map<std::string, double> metrics;
  std::string tier = "trained";
  std::uint32_t seed = 1;
};

struct EvaluationReport {
  std::string dataset;
  std::vector<ProtocolResult> protocols;
};

/// One JSON object on one line.
std::string to_json_line(const EvaluationReport& report);
/// For people: a line a protocol.
std::string to_table(const EvaluationReport& report);

/// Mean of each key over runs with different seeds; beside it KEY_spread, the standard deviation.
std::map<std::string, double> over_seeds(const std::vector<std::map<std::string, double>>& runs);

}  // namespace millwright
