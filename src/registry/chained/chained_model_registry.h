#pragma once
/// ModelRegistry of two: a name belongs to the first that knows it; a new one to the first.
/// As safe for threads as the two are.

#include "registry/model_registry.h"

namespace millwright {

class ChainedModelRegistry final : public ModelRegistry {
 public:
  /// Both outlive it.
  ChainedModelRegistry(ModelRegistry& first, ModelRegistry& second)
      : first_(first), second_(second) {}

  Result<std::vector<std::string>> names() override;
  Result<std::vector<ModelVersion>> versions(std::string_view name) override;
  Result<FetchedModel> fetch(std::string_view name, std::optional<int> version) override;
  Result<std::optional<ModelVersion>> live(std::string_view name) override;
  Result<ModelVersion> put(std::string_view name, std::optional<int> version,
                           std::span<const std::byte> bytes, const nlohmann::json& card) override;
  Result<ModelVersion> promote(std::string_view name, int version) override;
  Result<ModelVersion> rollback(std::string_view name) override;

 private:
  /// Errors: what the first says when asked for the name, other than that it is unknown.
  Result<ModelRegistry*> owner(std::string_view name);

  ModelRegistry& first_;
  ModelRegistry& second_;
};

}  // namespace millwright
