#pragma once
/// Runs a trained model of the registry on one window, for `numericScalarModel`.

#include <cstddef>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "registry/model_registry.h"

namespace millwright {

/// A model that was found, and what it needs.
struct RunnableModel {
  std::string name;
  std::string version;              ///< as a number: "3"
  std::size_t window_size = 0;      ///< samples of each input
  std::vector<std::string> inputs;  ///< last labels of the metrics, "x_axis", "y_axis"
  std::string type = "MILLWRIGHT";  ///< ModelType of the schema: or "XGBOOST", brought by somebody
};

struct ModelVerdict {
  std::string predicted;              ///< a class, or a number as text
  std::optional<double> probability;  ///< of that class, 0 to 1; none of a number
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

/// A model that is loaded; used by one thread at a time.
class LoadedModel {
 public:
  virtual ~LoadedModel() = default;
  virtual const RunnableModel& described() const = 0;
  virtual Result<ModelVerdict> judge(std::span<const std::vector<double>> window,
                                     double sample_rate_hz) const = 0;
};

/// Gear classifiers and tabular models of a registry; the eight newest used stay loaded.
/// `registry` outlives it. A model that is being fetched keeps nobody waiting who has another.
class RegistryModelRunner final : public ModelRunner {
 public:
  explicit RegistryModelRunner(ModelRegistry& registry) : registry_(registry) {}
  Result<RunnableModel> find(std::string_view name, std::string_view version) override;
  Result<ModelVerdict> judge(const RunnableModel& model,
                             std::span<const std::vector<double>> window,
                             double sample_rate_hz) override;

 private:
  struct Slot {
    std::unique_ptr<const LoadedModel> model;
    std::mutex mutex;  // a model is used by one thread at a time
  };
  std::shared_ptr<Slot> known(std::string_view name, std::string_view version);
  Result<std::shared_ptr<Slot>> load(std::string_view name, int version);

  ModelRegistry& registry_;
  std::mutex mutex_;  // guards slots_; never held over a fetch
  std::vector<std::shared_ptr<Slot>> slots_;
};

}  // namespace millwright
