#pragma once
/// Runs a trained model of the registry on one window, for `numericScalarModel`.

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <vector>

#include "ml/fault/gear_classifier.h"
#include "registry/model_registry.h"

namespace millwright {

/// A model that was found, and what it needs.
struct RunnableModel {
  std::string name;
  std::string version;              ///< as a number: "3"
  std::size_t window_size = 0;      ///< samples of each input
  std::vector<std::string> inputs;  ///< last labels of the metrics, "x_axis", "y_axis"
};

struct ModelVerdict {
  std::string predicted;
  double probability = 0;  ///< of that class, 0 to 1
};

/// Threads: any.
class ModelRunner {
 public:
  virtual ~ModelRunner() = default;
  /// `version` is a number, or "live" or "latest" for the live one.
  /// Errors: kNotFound for an unknown name or version, kInvalidArgument for a version that is no
  /// number, kFailedPrecondition where the model does not judge windows.
  virtual Result<RunnableModel> find(std::string_view name, std::string_view version) = 0;
  /// One window of each input, shape (window_size,) each, in the order of `inputs`.
  virtual Result<ModelVerdict> judge(const RunnableModel& model,
                                     std::span<const std::vector<double>> window,
                                     double sample_rate_hz) = 0;
};

/// Gear classifiers of a registry; the two newest used stay loaded. `registry` outlives it.
class RegistryModelRunner final : public ModelRunner {
 public:
  explicit RegistryModelRunner(ModelRegistry& registry) : registry_(registry) {}
  Result<RunnableModel> find(std::string_view name, std::string_view version) override;
  Result<ModelVerdict> judge(const RunnableModel& model,
                             std::span<const std::vector<double>> window,
                             double sample_rate_hz) override;

 private:
  struct Loaded {
    RunnableModel model;
    ml::GearClassifier classifier;
  };
  Result<Loaded*> load(std::string_view name, int version);  // under mutex_

  ModelRegistry& registry_;
  std::mutex mutex_;  // guards loaded_; a classifier is used by one thread at a time
  std::vector<std::unique_ptr<Loaded>> loaded_;
};

}  // namespace millwright
