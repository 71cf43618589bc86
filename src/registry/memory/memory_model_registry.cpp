#include "registry/memory/memory_model_registry.h"

#include <algorithm>

#include "base/text.h"

namespace millwright {

Result<MemoryModelRegistry::Model*> MemoryModelRegistry::find(std::string_view name) {
  MW_TRY(check_model_name(name));
  const auto it = models_.find(name);
  if (it == models_.end()) return not_found("no model is named " + quote(name));
  return &it->second;
}

ModelVersion MemoryModelRegistry::described(const Model& model, int version) {
  ModelVersion out = model.versions.at(version).version;
  const bool was_live =
      std::find(model.before.begin(), model.before.end(), version) != model.before.end();
  out.stage = model.live == version ? ModelStage::kLive
              : was_live            ? ModelStage::kRetired
                                    : ModelStage::kNone;
  return out;
}

Result<std::vector<std::string>> MemoryModelRegistry::names() {
  const std::lock_guard lock(mutex_);
  std::vector<std::string> out;
  for (const auto& [name, model] : models_) out.push_back(name);
  return out;
}

Result<std::vector<ModelVersion>> MemoryModelRegistry::versions(std::string_view name) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(const Model* model, find(name));
  std::vector<ModelVersion> out;
  for (const auto& [version, stored] : model->versions) out.push_back(described(*model, version));
  return out;
}

Result<FetchedModel> MemoryModelRegistry::fetch(std::string_view name, std::optional<int> version) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(const Model* model, find(name));
  const int wanted = version.value_or(model->live);
  if (wanted == 0) {
    return not_found("model " + quote(name) + " has no live version: promote one");
  }
  const auto it = model->versions.find(wanted);
  if (it == model->versions.end()) {
    return not_found("model " + quote(name) + " has no version " + std::to_string(wanted));
  }
  return FetchedModel{described(*model, wanted), it->second.bytes};
}

Result<std::optional<ModelVersion>> MemoryModelRegistry::live(std::string_view name) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(const Model* model, find(name));
  if (model->live == 0) return std::optional<ModelVersion>();
  return std::optional(described(*model, model->live));
}

Result<ModelVersion> MemoryModelRegistry::put(std::string_view name, std::optional<int> version,
                                              std::span<const std::byte> bytes,
                                              const nlohmann::json& card) {
  const std::lock_guard lock(mutex_);
  MW_TRY(check_new_model(name, version, bytes, card));
  Model& model = models_[std::string(name)];
  const int last = model.versions.empty() ? 0 : model.versions.rbegin()->first;
  const int number = version.value_or(last + 1);
  const std::string hash = model_hash(bytes);
  if (const auto it = model.versions.find(number); it != model.versions.end()) {
    if (it->second.version.hash == hash) return described(model, number);
    return already_exists("model " + quote(name) + " has a version " + std::to_string(number) +
                          " with other bytes: versions never change; leave the number out");
  }
  FetchedModel stored;
  stored.version = {.name = std::string(name),
                    .version = number,
                    .stage = ModelStage::kNone,
                    .hash = hash,
                    .size_bytes = bytes.size(),
                    .created = clock_.now(),
                    .card = card};
  stored.bytes.assign(bytes.begin(), bytes.end());
  model.versions.emplace(number, std::move(stored));
  return described(model, number);
}

Result<ModelVersion> MemoryModelRegistry::promote(std::string_view name, int version) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(Model * model, find(name));
  if (!model->versions.contains(version)) {
    return not_found("model " + quote(name) + " has no version " + std::to_string(version));
  }
  if (model->live != 0 && model->live != version) model->before.push_back(model->live);
  model->live = version;
  return described(*model, version);
}

Result<ModelVersion> MemoryModelRegistry::rollback(std::string_view name) {
  const std::lock_guard lock(mutex_);
  MW_ASSIGN(Model * model, find(name));
  if (model->before.empty()) {
    return failed_precondition("model " + quote(name) +
                               " had no other live version before: promote one by its number");
  }
  model->live = model->before.back();
  model->before.pop_back();
  return described(*model, model->live);
}

}  // namespace millwright
