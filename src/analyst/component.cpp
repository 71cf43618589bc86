#include "analyst/component.h"

namespace millwright {

std::optional<InputPlace> place_of(const MetricKey& key, std::span<const std::string> inputs) {
  const std::string& metric = key.metric.str();
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    if (metric == inputs[i]) return InputPlace{{key.device, key.path, ""}, i};
    if (metric.ends_with("." + inputs[i])) {
      return InputPlace{{key.device, key.path, metric.substr(0, metric.size() - inputs[i].size())},
                        i};
    }
  }
  return std::nullopt;
}

}  // namespace millwright
