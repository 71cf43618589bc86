#include "analyst/live_models.h"

#include "base/log.h"
#include "base/text.h"
#include "ml/fault/gear_classifier.h"
#include "ml/rul/rul_model.h"

namespace millwright {
namespace {

/// A member of the card, or the fallback where it is missing or of another shape.
template <typename T>
T from_card(const nlohmann::json& card, const char* member, T fallback) {
  try {
    return card.contains(member) ? card.at(member).get<T>() : fallback;
  } catch (const nlohmann::json::exception&) {
    return fallback;
  }
}

ModelLabel label_of(const ModelVersion& version, const std::vector<std::string>& inputs) {
  auto named = from_card(version.card, "inputs", inputs);
  // A card names what the model reads; it cannot change how much.
  return {version.name, std::to_string(version.version),
          named.size() == inputs.size() ? std::move(named) : inputs};
}

class GearBurstModel final : public BurstModel {
 public:
  GearBurstModel(ModelLabel label, ml::GearClassifier classifier)
      : label_(std::move(label)), classifier_(std::move(classifier)) {}

  const ModelLabel& label() const override { return label_; }
  std::size_t window_size() const override { return ml::kGearWindowSize; }
  Result<FaultVerdict> judge(std::span<const std::vector<double>> burst,
                             double sample_rate_hz) const override {
    MW_ASSIGN(auto prediction, classifier_.predict_burst(burst[0], burst[1], sample_rate_hz));
    return FaultVerdict{std::move(prediction.predicted), prediction.probability,
                        std::move(prediction.reason)};
  }

 private:
  ModelLabel label_;
  ml::GearClassifier classifier_;
};

class TurbofanTracker final : public LifeTracker {
 public:
  explicit TurbofanTracker(const ml::RulModel& model) : tracker_(model) {}
  Result<LifeVerdict> observe(double age, std::span<const double> row) override {
    MW_ASSIGN(auto estimate, tracker_.observe(age, row));
    if (estimate.is_beyond_sight()) {
      return LifeVerdict{std::nullopt, estimate.lower, std::nullopt, std::move(estimate.reason)};
    }
    return LifeVerdict{estimate.value, estimate.lower, estimate.upper, std::move(estimate.reason)};
  }

 private:
  ml::RulTracker tracker_;
};

class TurbofanLifeModel final : public LifeModel {
 public:
  TurbofanLifeModel(ModelLabel label, const nlohmann::json& card, ml::RulModel model)
      : label_(std::move(label)),
        age_input_(from_card<std::string>(card, "age_input", "cycle")),
        unit_(from_card<std::string>(card, "unit", "cycles")),
        model_(std::move(model)) {}

  const ModelLabel& label() const override { return label_; }
  const std::string& age_input() const override { return age_input_; }
  const std::string& unit() const override { return unit_; }
  std::unique_ptr<LifeTracker> track() const override {
    return std::make_unique<TurbofanTracker>(model_);
  }

 private:
  ModelLabel label_;
  std::string age_input_;
  std::string unit_;
  ml::RulModel model_;
};

}  // namespace

Result<RunningModel> load_model(const FetchedModel& fetched) {
  auto gear = ml::GearClassifier::load(fetched.bytes);
  if (gear) {
    return RunningModel{
        std::make_shared<GearBurstModel>(label_of(fetched.version, {"x_axis", "y_axis"}),
                                         std::move(gear).value()),
        nullptr};
  }
  auto turbofan = ml::RulModel::load(fetched.bytes);
  if (turbofan) {
    const auto inputs = turbofan->inputs();
    return RunningModel{nullptr, std::make_shared<TurbofanLifeModel>(
                                     label_of(fetched.version, inputs), fetched.version.card,
                                     std::move(turbofan).value())};
  }
  Error error = failed_precondition("model " + quote(fetched.version.name) + " version " +
                                    std::to_string(fetched.version.version) +
                                    " is of no kind that runs here");
  error.detail =
      "as gear fault: " + gear.error().message + "; as turbofan life: " + turbofan.error().message;
  return error;
}

Result<bool> RegistryLiveModels::refresh() {
  MW_ASSIGN(const auto names, registry_.names());
  bool changed = false;
  for (const auto& name : names) {
    MW_ASSIGN(const auto live, registry_.live(name));
    const int version = live ? live->version : 0;
    Entry& entry = entries_[name];
    if (entry.version == version) continue;
    changed = true;
    entry = Entry{};
    if (version == 0) continue;
    MW_ASSIGN(const auto fetched, registry_.fetch(name, version));
    entry.version = version;
    if (auto model = load_model(fetched)) {
      entry.model = std::move(model).value();
    } else {
      log::warning(model.error().message, {{"detail", model.error().detail}});
    }
  }
  return changed;
}

LiveModels RegistryLiveModels::models() const {
  LiveModels models;
  for (const auto& [name, entry] : entries_) {
    if (entry.model.burst) models.burst.push_back(entry.model.burst);
    if (entry.model.life) models.life.push_back(entry.model.life);
  }
  return models;
}

}  // namespace millwright
