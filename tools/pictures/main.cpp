// Makes the pictures of docs/predictive-maintenance.md with the product's own code:
//   build/release/tools/pictures/millwright-pictures docs/images
#include <cmath>
#include <filesystem>
#include <fstream>
#include <iostream>

#include "apps/millwright/commands/turbofan_file.h"
#include "ml/anomaly/relation_detector.h"
#include "ml/fault/gear_training.h"
#include "ml/rul/rul_training.h"
#include "signal/gear_vibration.h"
#include "signal/random.h"
#include "signal/spectrum.h"
#include "tools/pictures/chart.h"

namespace millwright::pictures {
namespace {

constexpr const char* kBlue = "#1f6fb4";
constexpr const char* kOrange = "#d9772b";
constexpr const char* kGreen = "#3c8d40";

Result<> write(const std::filesystem::path& path, const Chart& chart) {
  std::ofstream file(path, std::ios::binary);
  file << chart.svg() << std::flush;
  if (!file) return internal_error(path.string() + " cannot be written");
  std::cout << path.string() << '\n';
  return {};
}

/// A motor whose current follows from speed and load, until its bearing begins to drag.
Result<> draw_relation(const std::filesystem::path& folder) {
  constexpr int kMinutes = 1'440, kWearFrom = 1'200;
  MW_ASSIGN(ml::RelationDetector detector,
            ml::RelationDetector::create({"speed", "load", "current"}));
  signal::RandomSource random(2);
  double speed = 0.0, load = 0.0;
  std::vector<Point> current, explained;
  std::optional<std::pair<double, std::string>> told;
  for (int i = 0; i < kMinutes; ++i) {
    speed += 0.01 * random.normal() - 0.005 * speed;
    load += 0.01 * random.normal() - 0.005 * load;
    const double usual = 12.0 * std::exp(speed + load);
    const double wear = i < kWearFrom ? 0.0 : 0.0015 * (i - kWearFrom);
    const double measured = usual * std::exp(wear + 0.004 * random.normal());
    const double hour = i / 60.0;
    current.push_back({hour, measured});
    explained.push_back({hour, usual});
    const auto change =
        detector.update(std::int64_t{60'000'000} * i,
                        std::vector<double>{1500 * std::exp(speed), 40 * std::exp(load), measured});
    if (change && change->is_open && !told) told = {hour, change->reason};
  }
  if (!told) return internal_error("the relation detector told nothing");
  const auto [low, high] = std::minmax_element(
      current.begin(), current.end(), [](const Point& a, const Point& b) { return a.y < b.y; });
  Chart chart("hours", "motor current in A", 0, kMinutes / 60.0, std::floor(low->y),
              std::ceil(high->y));
  chart.line(current, kBlue, "measured");
  chart.line(explained, kOrange, "what speed and load explain");
  chart.mark(told->first, "told: " + told->second.substr(0, told->second.find(',')));
  return write(folder / "relation.svg", chart);
}

/// The spectra of a sound gear and of one whose tooth is missing, at the same speed and load.
Result<> draw_gear(const std::filesystem::path& folder) {
  constexpr std::size_t kSamples = 8'192;
  const auto runs = ml::simulate_gear_runs(3, 1, kSamples);
  const auto find = [&](signal::GearCondition condition) {
    return std::find_if(runs.begin(), runs.end(), [&](const ml::GearRun& run) {
      return run.condition == to_string(condition);
    });
  };
  const auto sound = find(signal::GearCondition::kNoFault);
  const auto broken = find(signal::GearCondition::kMissingTooth);
  if (sound == runs.end() || broken == runs.end()) return internal_error("no such runs");
  std::vector<Point> lines[2];
  double most = 0.0;
  for (int i = 0; i < 2; ++i) {
    const ml::GearRun& run = i == 0 ? *sound : *broken;
    const signal::Spectrum spectrum = signal::amplitude_spectrum(run.x_axis, run.sample_rate_hz);
    for (std::size_t k = 1; k < spectrum.amplitude.size(); ++k) {
      const double hz = static_cast<double>(k) * spectrum.bin_hz;
      if (hz > 1'500.0) break;
      lines[i].push_back({hz, spectrum.amplitude[k]});
      most = std::max(most, spectrum.amplitude[k]);
    }
  }
  Chart chart("Hz", "amplitude in g", 0, 1'500, 0, 1.05 * most);
  chart.line(lines[1], kOrange, "a tooth is missing");
  chart.line(lines[0], kBlue, "sound");
  return write(folder / "gear-spectrum.svg", chart);
}

/// An engine that the model has not seen: what it foretold at each cycle, and what came.
Result<> draw_life(const std::filesystem::path& folder) {
  MW_ASSIGN(auto units, read_turbofan_units("demo/turbofan/train.csv.gz"));
  const ml::TurbofanUnit unit = units.back();
  units.pop_back();
  MW_ASSIGN(const ml::TrainedRul trained, ml::train_rul(units, turbofan_inputs(), 1, {}));
  MW_ASSIGN(const ml::RulModel model, ml::RulModel::load(trained.file));
  ml::RulTracker tracker(model);
  std::vector<Point> value, lower, upper, truth;
  const std::size_t inputs = model.inputs().size();
  const double end = unit.cycle.back();
  for (std::size_t i = 0; i < unit.cycle.size(); ++i) {
    MW_ASSIGN(const ml::RulEstimate estimate,
              tracker.observe(unit.cycle[i], std::span(unit.sensors).subspan(i * inputs, inputs)));
    const double cycle = unit.cycle[i];
    value.push_back({cycle, estimate.value});
    lower.push_back({cycle, estimate.lower});
    upper.push_back({cycle, estimate.upper});
    truth.push_back({cycle, std::min(estimate.cap, end - cycle)});
  }
  Chart chart("flight cycles since new", "cycles left", 0, end, 0, 150);
  chart.band(lower, upper, kGreen, "90 % interval");
  chart.line(value, kGreen, "foretold");
  chart.line(truth, kOrange, "what came (at most 125)");
  return write(folder / "remaining-life.svg", chart);
}

Result<> draw_all(const std::filesystem::path& folder) {
  MW_TRY(draw_relation(folder));
  MW_TRY(draw_gear(folder));
  return draw_life(folder);
}

}  // namespace
}  // namespace millwright::pictures

int main(int argc, char** argv) {
  if (argc != 2) {
    std::cerr << "usage: millwright-pictures FOLDER   (run it from the repository's root)\n";
    return 2;
  }
  const auto drawn = millwright::pictures::draw_all(argv[1]);
  if (drawn) return 0;
  std::cerr << "millwright-pictures: " << drawn.error().message << '\n';
  return 1;
}
