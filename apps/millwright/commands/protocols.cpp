#include "apps/millwright/commands/protocols.h"

#include <algorithm>
#include <iostream>

#include "base/text.h"

namespace millwright {
namespace {

constexpr std::uint32_t kSeeds = 5;

}  // namespace

void say(const std::string& line) { std::cerr << line << std::endl; }

Result<ProtocolResult> over_five_seeds(
    const EvaluateOptions& options, std::string name, std::string split,
    const std::function<Result<SeedScore>(std::uint32_t seed)>& score) {
  ProtocolResult result;
  result.name = std::move(name);
  result.split = std::move(split);
  result.seed = options.seed;
  std::vector<std::map<std::string, double>> runs, baselines;
  for (std::uint32_t seed = options.seed; seed < options.seed + kSeeds; ++seed) {
    MW_ASSIGN(SeedScore one, score(seed));
    std::string line = options.name + " " + result.name + ", seed " + std::to_string(seed) + ":";
    for (const auto& [key, value] : one.metrics) line += " " + key + " " + std::to_string(value);
    say(line);
    result.n = one.n;
    runs.push_back(std::move(one.metrics));
    baselines.push_back(std::move(one.baseline));
  }
  result.metrics = over_seeds(runs);
  result.baseline = over_seeds(baselines);
  return result;
}

Result<std::vector<std::string>> files_in(const std::filesystem::path& folder) {
  std::vector<std::string> names;
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_regular_file()) names.push_back(entry.path().filename().string());
  }
  if (error) {
    return not_found("folder " + quote(folder.string()) +
                     " cannot be read; give --data the data set's folder");
  }
  std::sort(names.begin(), names.end());  // the same order everywhere: the same score everywhere
  return names;
}

}  // namespace millwright
