#pragma once
/// The models that run by themselves, as the analyst sees them.
///
/// A model runs on every component that has its inputs: metrics at one path of a device whose
/// identifiers are the inputs' names, or end with a dot and the name, with the same beginning. The
/// names stand in the model's card ("inputs": ["x_axis", "y_axis"]); nothing here knows a machine.
/// Not thread-safe: the analyst's worker owns them.

#include <map>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "registry/model_registry.h"

namespace millwright {

struct ModelLabel {
  std::string name;
  std::string version;
  std::vector<std::string> inputs;
};

struct FaultVerdict {
  std::string predicted;
  double probability = 0;
  std::string reason;
};

/// Judges one burst of all inputs.
class BurstModel {
 public:
  virtual ~BurstModel() = default;
  virtual const ModelLabel& label() const = 0;
  /// Samples of each input that a burst needs at least.
  virtual std::size_t window_size() const = 0;
  /// One burst of each input, of equal length, in the label's order.
  virtual Result<FaultVerdict> judge(std::span<const std::vector<double>> burst,
                                     double sample_rate_hz) const = 0;
};

/// Only the lower bound where the end is too far to be seen: "more than".
struct LifeVerdict {
  std::optional<double> value;
  std::optional<double> lower;
  std::optional<double> upper;
  std::string reason;
};

/// Follows the life of one unit.
class LifeTracker {
 public:
  virtual ~LifeTracker() = default;
  /// `age` as the label's `age_input` counts it; `row` in the order of the label's inputs.
  virtual Result<LifeVerdict> observe(double age, std::span<const double> row) = 0;
};

class LifeModel {
 public:
  virtual ~LifeModel() = default;
  virtual const ModelLabel& label() const = 0;
  virtual const std::string& age_input() const = 0;  ///< "cycle"
  virtual const std::string& unit() const = 0;       ///< of age and remaining life: "cycles"
  virtual std::unique_ptr<LifeTracker> track() const = 0;
};

/// One of both.
struct RunningModel {
  std::shared_ptr<const BurstModel> burst;
  std::shared_ptr<const LifeModel> life;
};
/// Errors: kFailedPrecondition for a model of no kind that runs here; the detail says why.
Result<RunningModel> load_model(const FetchedModel& fetched);

struct LiveModels {
  std::vector<std::shared_ptr<const BurstModel>> burst;
  std::vector<std::shared_ptr<const LifeModel>> life;
};

/// The live models of a registry. A model that cannot be loaded is left out, and logged once.
class RegistryLiveModels {
 public:
  /// `registry` outlives it.
  explicit RegistryLiveModels(ModelRegistry& registry) : registry_(registry) {}
  /// Reads what has changed since the last call. Answers whether anything has.
  Result<bool> refresh();
  LiveModels models() const;

 private:
  struct Entry {
    int version = 0;
    RunningModel model;
  };

  ModelRegistry& registry_;
  std::map<std::string, Entry> entries_;
};

}  // namespace millwright
