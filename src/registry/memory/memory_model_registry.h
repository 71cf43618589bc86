#pragma once
/// ModelRegistry in memory, for tests of the use cases.

#include <map>
#include <mutex>

#include "registry/model_registry.h"

namespace millwright {

class MemoryModelRegistry final : public ModelRegistry {
 public:
  explicit MemoryModelRegistry(const Clock& clock) : clock_(clock) {}

  Result<std::vector<std::string>> names() override;
  Result<std::vector<ModelVersion>> versions(std::string_view name) override;
  Result<FetchedModel> fetch(std::string_view name, std::optional<int> version) override;
  Result<std::optional<ModelVersion>> live(std::string_view name) override;
  Result<ModelVersion> put(std::string_view name, std::optional<int> version,
                           std::span<const std::byte> bytes, const nlohmann::json& card) override;
  Result<ModelVersion> promote(std::string_view name, int version) override;
  Result<ModelVersion> rollback(std::string_view name) override;

 private:
  struct Model {
    std::map<int, FetchedModel> versions;
    int live = 0;  ///< 0: none.
    std::vector<int> before;
  };
  Result<Model*> find(std::string_view name);
  static ModelVersion described(const Model& model, int version);

  const Clock& clock_;
  std::mutex mutex_;
  std::map<std::string, Model, std::less<>> models_;
};

}  // namespace millwright
