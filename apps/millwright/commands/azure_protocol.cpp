/// azure_pdm: failures of components in the next day, and how long components live.

#include <algorithm>
#include <cmath>
#include <limits>

#include "apps/millwright/commands/azure_file.h"
#include "apps/millwright/commands/protocols.h"
#include "ml/evaluation/classification.h"
#include "ml/rul/life_times.h"
#include "ml/trees/labelled_rows.h"

namespace millwright {
namespace {

using std::chrono::hours;

constexpr std::size_t kDayRows = 24;
constexpr hours kAhead{24};

/// Mean and standard deviation of every sensor over the last rows of the window.
void add_telemetry(std::span<const FleetRow> window, std::vector<float>& features) {
  const auto n = static_cast<double>(window.size());
  for (std::size_t s = 0; s < kFleetSensors; ++s) {
    double mean = 0.0;
    for (const FleetRow& row : window) mean += row.values[s] / n;
    double square = 0.0;
    for (const FleetRow& row : window) square += std::pow(row.values[s] - mean, 2) / n;
    features.push_back(static_cast<float>(mean));
    features.push_back(static_cast<float>(std::sqrt(square)));
  }
}

/// What is known at the last row of a day of telemetry: nothing later goes in.
std::vector<float> features_of(const FleetMachine& machine, std::span<const FleetRow> day) {
  const Timestamp now = day.back().at;
  std::vector<float> features;
  add_telemetry(day.last(3), features);
  add_telemetry(day, features);
  std::array<float, kFleetErrors> errors{};
  for (const FleetEvent& error : machine.errors) {
    if (error.at > now - kAhead && error.at <= now) errors[error.kind] += 1.0F;
  }
  features.insert(features.end(), errors.begin(), errors.end());
  std::array<float, kFleetComponents> since_d{};
  since_d.fill(std::numeric_limits<float>::quiet_NaN());  // never replaced: missing
  for (const FleetEvent& replaced : machine.replacements) {
    if (replaced.at > now) break;
    since_d[replaced.kind] =
        std::chrono::duration<float, std::chrono::days::period>(now - replaced.at).count();
  }
  features.insert(features.end(), since_d.begin(), since_d.end());
  features.push_back(static_cast<float>(machine.model));
  features.push_back(static_cast<float>(machine.age_years));
  return features;
}

bool fails_soon(const FleetMachine& machine, Timestamp now) {
  return std::any_of(
      machine.failures.begin(), machine.failures.end(),
      [&](const FleetEvent& failure) { return failure.at > now && failure.at <= now + kAhead; });
}

/// A row an hour with a whole day of telemetry behind it and a whole day of record before it.
void add_rows(const FleetMachine& machine, Timestamp end, ml::LabelledRows& rows) {
  for (std::size_t i = kDayRows; i <= machine.telemetry.size(); ++i) {
    const auto day = std::span(machine.telemetry).subspan(i - kDayRows, kDayRows);
    const Timestamp now = day.back().at;
    if (now - day.front().at != hours{kDayRows - 1} || now + kAhead > end) continue;
    rows.add(features_of(machine, day), fails_soon(machine, now) ? 1 : 0);
  }
}

Result<SeedScore> score(const ml::LabelledRows& train, const ml::LabelledRows& test,
                        std::uint32_t seed) {
  MW_ASSIGN(const std::vector<float> scores,
            ml::train_and_score(train, test, ml::classifier_parameters(2, seed)));
  std::vector<double> odds;
  std::vector<bool> failed;
  double prevalence = 0.0;
  for (std::size_t i = 0; i < test.size(); ++i) {
    odds.push_back(scores[2 * i + 1] - scores[2 * i]);
    failed.push_back(test.labels[i] != 0.0F);
    prevalence += test.labels[i] / static_cast<double>(test.size());
  }
  return SeedScore{test.size(),
                   {{"auprc", ml::average_precision(odds, failed)}, {"prevalence", prevalence}},
                   {{"auprc", prevalence}}};
}

Result<ProtocolResult> evaluate_failures(const EvaluateOptions& options, const Fleet& fleet) {
  ml::LabelledRows train, test;
  std::string split = "machines with number mod 5 = 1 test, the others train";
  if (options.train.empty()) {
    for (const auto& [number, machine] : fleet.machines) {
      add_rows(machine, fleet.end, number % 5 == 1 ? test : train);
    }
  } else {
    split = "all of the train folder trains, all of the data folder is tested";
    MW_ASSIGN(const Fleet trained, read_fleet(options.train));
    for (const auto& [number, machine] : trained.machines) add_rows(machine, trained.end, train);
    for (const auto& [number, machine] : fleet.machines) add_rows(machine, fleet.end, test);
  }
  return over_five_seeds(options, "failure_24h", split,
                         [&](std::uint32_t seed) { return score(train, test, seed); });
}

/// Lives of one component on one machine, in days. Only those that begin inside the record: before
/// it, nobody wrote down which replacements came after a failure.
void add_lives(const FleetMachine& machine, std::size_t component, const Fleet& fleet,
               std::vector<ml::LifeTime>& lives) {
  struct End {
    Timestamp at;
    bool failed = false;
  };
  std::map<std::chrono::sys_days, End> ends;  // a failure is repaired on the same day
  const auto note = [&](const std::vector<FleetEvent>& events, bool failed) {
    for (const FleetEvent& event : events) {
      if (event.kind != component) continue;
      End& end = ends.try_emplace(floor<std::chrono::days>(event.at), End{event.at}).first->second;
      end = {std::min(end.at, event.at), end.failed || failed};
    }
  };
  note(machine.replacements, false);
  note(machine.failures, true);
  for (auto end = ends.begin(); end != ends.end(); ++end) {
    const auto next = std::next(end);
    const End over = next == ends.end() ? End{fleet.end} : next->second;
    if (end->second.at < fleet.begin || over.at <= end->second.at) continue;
    const std::chrono::duration<double, std::chrono::days::period> days = over.at - end->second.at;
    lives.push_back({days.count(), over.failed});
  }
}

void put(std::map<std::string, double>& metrics, const std::string& key,
         const ml::Interval& value) {
  metrics[key] = value.value;
  metrics[key + "_low"] = value.lower;
  metrics[key + "_high"] = value.upper;
}

/// A component without failures, or a limit that the curve never reaches, leaves its keys out.
ProtocolResult evaluate_lives(const EvaluateOptions& options, const Fleet& fleet) {
  ProtocolResult result;
  result.name = "lives";
  result.split = "none: all lives of the data folder, 95 % intervals";
  result.seed = options.seed;
  for (std::size_t component = 0; component < kFleetComponents; ++component) {
    const std::string name = "_comp" + std::to_string(component + 1);
    std::vector<ml::LifeTime> lives;
    for (const auto& [number, machine] : fleet.machines) {
      add_lives(machine, component, fleet, lives);
    }
    result.n += lives.size();
    const auto steps = ml::kaplan_meier(lives);
    const auto weibull = ml::fit_weibull(lives);
    if (!steps || !weibull) {
      say("azure_pdm" + name + ": " + (steps ? weibull.error() : steps.error()).message);
      continue;
    }
    const ml::MedianLife median = ml::median_life(*steps);
    const std::string key = "median_life_d" + name;
    if (median.value) result.metrics[key] = *median.value;
    if (median.lower) result.metrics[key + "_low"] = *median.lower;
    if (median.upper) result.metrics[key + "_high"] = *median.upper;
    put(result.metrics, "weibull_shape" + name, weibull->shape);
    put(result.metrics, "weibull_median_d" + name, weibull->median);
    result.metrics["failures" + name] = static_cast<double>(std::count_if(
        lives.begin(), lives.end(), [](const ml::LifeTime& life) { return life.failed; }));
  }
  return result;
}

}  // namespace

Result<EvaluationReport> evaluate_azure_pdm(const EvaluateOptions& options) {
  MW_ASSIGN(const Fleet fleet, read_fleet(options.data));
  MW_ASSIGN(ProtocolResult failures, evaluate_failures(options, fleet));
  return EvaluationReport{"azure_pdm", {std::move(failures), evaluate_lives(options, fleet)}};
}

}  // namespace millwright
