#include "registry/chained/chained_model_registry.h"

#include <algorithm>

namespace millwright {

Result<ModelRegistry*> ChainedModelRegistry::owner(std::string_view name) {
  const auto known = first_.live(name);
  if (known) return &first_;
  if (known.error().code == ErrorCode::kNotFound) return &second_;
  return known.error();
}

Result<std::vector<std::string>> ChainedModelRegistry::names() {
  MW_ASSIGN(auto names, first_.names());
  MW_ASSIGN(const auto others, second_.names());
  names.insert(names.end(), others.begin(), others.end());
  std::sort(names.begin(), names.end());
  names.erase(std::unique(names.begin(), names.end()), names.end());
  return names;
}

Result<std::vector<ModelVersion>> ChainedModelRegistry::versions(std::string_view name) {
  MW_ASSIGN(ModelRegistry* const registry, owner(name));
  return registry->versions(name);
}

Result<FetchedModel> ChainedModelRegistry::fetch(std::string_view name,
                                                 std::optional<int> version) {
  MW_ASSIGN(ModelRegistry* const registry, owner(name));
  return registry->fetch(name, version);
}

Result<std::optional<ModelVersion>> ChainedModelRegistry::live(std::string_view name) {
  MW_ASSIGN(ModelRegistry* const registry, owner(name));
  return registry->live(name);
}

Result<ModelVersion> ChainedModelRegistry::put(std::string_view name, std::optional<int> version,
                                               std::span<const std::byte> bytes,
                                               const nlohmann::json& card) {
  return first_.put(name, version, bytes, card);
}

Result<ModelVersion> ChainedModelRegistry::promote(std::string_view name, int version) {
  MW_ASSIGN(ModelRegistry* const registry, owner(name));
  return registry->promote(name, version);
}

Result<ModelVersion> ChainedModelRegistry::rollback(std::string_view name) {
  MW_ASSIGN(ModelRegistry* const registry, owner(name));
  return registry->rollback(name);
}

}  // namespace millwright
