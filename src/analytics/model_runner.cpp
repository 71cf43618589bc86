#include "analytics/model_runner.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"
#include "ml/fault/gear_classifier.h"
#include "ml/tabular/tabular_model.h"

namespace millwright {
namespace {

constexpr std::size_t kLoadedAtOnce = 8;

Result<int> parse_version(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) {
    return invalid_argument("version " + quote(text) +
                            " is neither a number from 1 nor 'live' nor 'latest'");
  }
  return number;
}

/// What a gear model's card says it reads; the two axes where it says nothing.
std::vector<std::string> inputs_of(const nlohmann::json& card) {
  std::vector<std::string> inputs;
  if (card.contains("inputs") && card["inputs"].is_array()) {
    for (const auto& input : card["inputs"]) {
      if (input.is_string()) inputs.push_back(input.get<std::string>());
    }
  }
  if (inputs.size() != 2) inputs = {"x_axis", "y_axis"};
  return inputs;
}

Error unknown_version(std::string_view name, std::string_view version) {
  return not_found("model " + quote(name) + " has no version " + quote(version) +
                   "; ask for one that was trained and registered, or for 'live'");
}

class LoadedGearModel final : public LoadedModel {
 public:
  LoadedGearModel(const ModelVersion& version, ml::GearClassifier classifier)
      : described_{version.name, std::to_string(version.version), ml::kGearWindowSize,
                   inputs_of(version.card)},
        classifier_(std::move(classifier)) {}
  const RunnableModel& described() const override { return described_; }
  Result<ModelVerdict> judge(std::span<const std::vector<double>> window,
                             double sample_rate_hz) const override {
    if (window.size() != 2) return invalid_argument("a gear model reads two axes");
    MW_ASSIGN(auto prediction, classifier_.predict(window[0], window[1], sample_rate_hz));
    return ModelVerdict{std::move(prediction.predicted), prediction.probability};
  }

 private:
  RunnableModel described_;
  ml::GearClassifier classifier_;
};

class LoadedTabularModel final : public LoadedModel {
 public:
  LoadedTabularModel(const ModelVersion& version, ml::TabularModel model)
      : described_{version.name, std::to_string(version.version), model.window_size(),
                   model.inputs(), "XGBOOST"},
        model_(std::move(model)) {}
  const RunnableModel& described() const override { return described_; }
  Result<ModelVerdict> judge(std::span<const std::vector<double>> window, double) const override {
    MW_ASSIGN(auto verdict, model_.judge(window));
    return ModelVerdict{std::move(verdict.predicted), verdict.probability};
  }

 private:
  RunnableModel described_;
  ml::TabularModel model_;
};

Result<std::unique_ptr<const LoadedModel>> read_model(const FetchedModel& fetched) {
  if (auto gear = ml::GearClassifier::load(fetched.bytes)) {
    return {std::make_unique<LoadedGearModel>(fetched.version, std::move(gear).value())};
  }
  if (auto tabular = ml::TabularModel::load(fetched.bytes)) {
    return {std::make_unique<LoadedTabularModel>(fetched.version, std::move(tabular).value())};
  }
  return failed_precondition("model " + quote(fetched.version.name) +
                             " does not judge windows; where it runs, its newest verdict is in "
                             "the query `predictions`");
}

}  // namespace

Result<RunnableModel> RegistryModelRunner::find(std::string_view name, std::string_view version) {
  int number = 0;
  if (version == "live" || version == "latest") {
    MW_ASSIGN(const auto live, registry_.live(name));
    if (!live) {
      return not_found("model " + quote(name) + " has no live version; name one by its number");
    }
    number = live->version;
  } else {
    MW_ASSIGN(number, parse_version(version));
  }
  const auto loaded = load(name, number);
  if (!loaded && loaded.error().code == ErrorCode::kNotFound) return unknown_version(name, version);
  if (!loaded) return loaded.error();
  return (*loaded)->model->described();
}

Result<ModelVerdict> RegistryModelRunner::judge(const RunnableModel& model,
                                                std::span<const std::vector<double>> window,
                                                double sample_rate_hz) {
  MW_ASSIGN(const int number, parse_version(model.version));
  MW_ASSIGN(const auto slot, load(model.name, number));
  const std::lock_guard lock(slot->mutex);
  return slot->model->judge(window, sample_rate_hz);
}

std::shared_ptr<RegistryModelRunner::Slot> RegistryModelRunner::known(std::string_view name,
                                                                      std::string_view version) {
  const std::lock_guard lock(mutex_);
  const auto slot = std::find_if(slots_.begin(), slots_.end(), [&](const auto& loaded) {
    const RunnableModel& described = loaded->model->described();
    return described.name == name && described.version == version;
  });
  if (slot == slots_.end()) return nullptr;
  std::rotate(slot, slot + 1, slots_.end());  // the newest used stands last
  return slots_.back();
}

Result<std::shared_ptr<RegistryModelRunner::Slot>> RegistryModelRunner::load(std::string_view name,
                                                                             int version) {
  if (auto slot = known(name, std::to_string(version))) return slot;
  MW_ASSIGN(const auto fetched, registry_.fetch(name, version));
  auto loaded = std::make_shared<Slot>();
  MW_ASSIGN(loaded->model, read_model(fetched));
  // Two that loaded the same at once both keep what they have; the later stays for others.
  const std::lock_guard lock(mutex_);
  if (slots_.size() == kLoadedAtOnce) slots_.erase(slots_.begin());
  slots_.push_back(loaded);
  return loaded;
}

}  // namespace millwright
