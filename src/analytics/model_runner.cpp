#include "analytics/model_runner.h"

#include <algorithm>
#include <charconv>

#include "base/text.h"

namespace millwright {
namespace {

constexpr std::size_t kLoadedAtOnce = 2;

Result<int> parse_version(std::string_view text) {
  int number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size() || number < 1) {
    return invalid_argument("version " + quote(text) +
                            " is neither a number from 1 nor 'live' nor 'latest'");
  }
  return number;
}

/// What the model's card says it reads; the two axes where it says nothing.
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
  const std::lock_guard lock(mutex_);
  auto loaded = load(name, number);
  if (!loaded && loaded.error().code == ErrorCode::kNotFound) return unknown_version(name, version);
  if (!loaded) return std::move(loaded).error();
  return (*loaded)->model;
}

Result<ModelVerdict> RegistryModelRunner::judge(const RunnableModel& model,
                                                std::span<const std::vector<double>> window,
                                                double sample_rate_hz) {
  MW_ASSIGN(const int number, parse_version(model.version));
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(Loaded* const loaded, load(model.name, number));
  if (window.size() != 2) return invalid_argument("a gear model reads two axes");
  MW_ASSIGN(auto prediction, loaded->classifier.predict(window[0], window[1], sample_rate_hz));
  return ModelVerdict{std::move(prediction.predicted), prediction.probability};
}

Result<RegistryModelRunner::Loaded*> RegistryModelRunner::load(std::string_view name, int version) {
  const std::string text = std::to_string(version);
  const auto known = std::find_if(loaded_.begin(), loaded_.end(), [&](const auto& loaded) {
    return loaded->model.name == name && loaded->model.version == text;
  });
  if (known != loaded_.end()) {
    std::rotate(known, known + 1, loaded_.end());  // the newest used stands last
    return loaded_.back().get();
  }
  MW_ASSIGN(const auto fetched, registry_.fetch(name, version));
  auto classifier = ml::GearClassifier::load(fetched.bytes);
  if (!classifier) {
    return failed_precondition("model " + quote(name) +
                               " does not judge windows of vibration; where it runs, its newest "
                               "verdict is in the query `predictions`");
  }
  RunnableModel model{std::string(name), text, ml::kGearWindowSize,
                      inputs_of(fetched.version.card)};
  if (loaded_.size() == kLoadedAtOnce) loaded_.erase(loaded_.begin());
  loaded_.push_back(
      std::make_unique<Loaded>(Loaded{std::move(model), std::move(classifier).value()}));
  return loaded_.back().get();
}

}  // namespace millwright
