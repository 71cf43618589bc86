// Trains a remaining-life model on the histories of your own machines and stores it in a registry.
//
//   own_model HISTORIES.csv REGISTRY NAME [SEED]
//
// HISTORIES.csv: a header "unit,cycle,INPUT,INPUT,..." and a row a cycle, each unit in one piece
// from new to its failure. The inputs' names are those of the metrics that the model will read.

#include <cstdlib>
#include <fstream>
#include <iostream>
#include <sstream>

#include "base/clock.h"
#include "ml/rul/rul_training.h"
#include "registry/directory/directory_model_registry.h"

using namespace millwright;

namespace {

struct Histories {
  std::vector<std::string> inputs;
  std::vector<ml::TurbofanUnit> units;
};

Result<Histories> read_histories(const std::string& path) {
  std::ifstream file(path);
  std::string line, cell;
  if (!std::getline(file, line)) return not_found("no histories in '" + path + "': give a CSV");
  Histories histories;
  std::istringstream header(line);
  while (std::getline(header, cell, ',')) histories.inputs.push_back(cell);
  if (histories.inputs.size() < 3 || histories.inputs[0] != "unit" ||
      histories.inputs[1] != "cycle") {
    return invalid_argument("the header of '" + path + "' must begin with unit,cycle");
  }
  histories.inputs.erase(histories.inputs.begin(), histories.inputs.begin() + 2);
  for (int number = 2; std::getline(file, line); ++number) {
    std::istringstream row(line);
    std::vector<double> values;
    while (std::getline(row, cell, ',')) {
      char* end = nullptr;
      values.push_back(std::strtod(cell.c_str(), &end));
      if (cell.empty() || *end != '\0') values.clear();
    }
    if (values.size() != histories.inputs.size() + 2) {
      return invalid_argument("'" + path + "' line " + std::to_string(number) +
                              " is no row of numbers as its header names them");
    }
    const int unit = static_cast<int>(values[0]);
    if (histories.units.empty() || histories.units.back().unit != unit) {
      histories.units.push_back({unit, {}, {}, {}});
    }
    histories.units.back().cycle.push_back(values[1]);
    auto& sensors = histories.units.back().sensors;
    sensors.insert(sensors.end(), values.begin() + 2, values.end());
  }
  return histories;
}

/// Keeps the first 80 % of a unit's life; answers the cycles that were cut off: the truth.
double cut(ml::TurbofanUnit& unit, std::size_t inputs) {
  const std::size_t kept = unit.cycle.size() * 4 / 5;
  const double truth = unit.cycle.back() - unit.cycle[kept - 1];
  unit.cycle.resize(kept);
  unit.sensors.resize(kept * inputs);
  return truth;
}

Result<> run(const std::string& path, const std::string& folder, const std::string& name,
             std::uint32_t seed) {
  MW_ASSIGN(const Histories all, read_histories(path));
  // Every fourth machine is kept from training and judges the model.
  std::vector<ml::TurbofanUnit> train, test;
  for (std::size_t i = 0; i < all.units.size(); ++i) {
    (i % 4 == 0 ? test : train).push_back(all.units[i]);
  }
  std::vector<double> truth;
  for (ml::TurbofanUnit& unit : test) truth.push_back(cut(unit, all.inputs.size()));

  const auto say = [](const std::string& line) { std::cout << line << '\n'; };
  MW_ASSIGN(const ml::TrainedRul trained, ml::train_rul(train, all.inputs, seed, say));
  MW_ASSIGN(const ml::RulModel model, ml::RulModel::load(trained.file));
  MW_ASSIGN(const ml::RulScore score, ml::score_rul(model, test, truth));
  std::cout << "machines never seen: " << score.n << "; error " << score.rmse_capped
            << " cycles (a constant guess: " << score.baseline_rmse_capped
            << "); the interval holds the truth in " << 100 * score.coverage << " %\n";
  if (score.rmse_capped >= score.baseline_rmse_capped) {
    return failed_precondition("the model is no better than a constant guess: not stored");
  }
  const nlohmann::json card = {
      {"kind", "turbofan_rul"},
      {"inputs", all.inputs},  // a place of a device that has these metrics is followed
      {"age_input", "cycle"},  // ... and this one, which counts its age
      {"unit", "cycles"},      // of the age and of what is foretold
      {"data", {{"file", path}, {"units", train.size()}}},
      {"split", "every fourth unit held out, cut at 80 % of its life"},
      {"metrics", {{"rmse", score.rmse_capped}, {"baseline_rmse", score.baseline_rmse_capped}}}};
  const SystemClock clock;
  MW_ASSIGN(const auto registry, DirectoryModelRegistry::open(folder, clock));
  MW_ASSIGN(const ModelVersion version, registry->put(name, std::nullopt, trained.file, card));
  std::cout << "stored " << name << " version " << version.version << '\n';
  return {};
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) {
    std::cerr << "usage: own_model HISTORIES.csv REGISTRY NAME [SEED]\n";
    return 2;
  }
  const auto seed = static_cast<std::uint32_t>(argc > 4 ? std::atoi(argv[4]) : 1);
  const Result<> done = run(argv[1], argv[2], argv[3], seed);
  if (!done) std::cerr << "own_model: " << done.error().message << '\n';
  return done ? 0 : 1;
}
