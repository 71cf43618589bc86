#pragma once
/// ModelRegistry in a folder:
///
///   ROOT/gear/3/model.mwm    the bytes
///   ROOT/gear/3/card.json    hash, size, time, card; written last
///   ROOT/gear/live.json      {"live": 3, "before": [1, 2]}
///
/// A version's folder is filled under a temporary name, synced and renamed, so that a reader or a
/// crash never sees half of one. Several processes may read; one writes at a time.

#include <filesystem>
#include <mutex>

#include "registry/model_registry.h"

namespace millwright {

class DirectoryModelRegistry final : public ModelRegistry {
 public:
  /// Creates the folder when it is missing. `clock` outlives the registry.
  /// Errors: kUnavailable when the folder cannot be made or written.
  static Result<std::unique_ptr<DirectoryModelRegistry>> open(const std::filesystem::path& root,
                                                              const Clock& clock);

  Result<std::vector<std::string>> names() override;
  Result<std::vector<ModelVersion>> versions(std::string_view name) override;
  Result<FetchedModel> fetch(std::string_view name, std::optional<int> version) override;
  Result<std::optional<ModelVersion>> live(std::string_view name) override;
  Result<ModelVersion> put(std::string_view name, std::optional<int> version,
                           std::span<const std::byte> bytes, const nlohmann::json& card) override;
  Result<ModelVersion> promote(std::string_view name, int version) override;
  Result<ModelVersion> rollback(std::string_view name) override;

 private:
  struct Live {
    int version = 0;  ///< 0: none.
    std::vector<int> before;
  };
  DirectoryModelRegistry(std::filesystem::path root, const Clock& clock);

  Result<std::vector<int>> numbers(std::string_view name) const;
  Result<ModelVersion> read_version(std::string_view name, int version, const Live& live) const;
  Result<Live> read_live(std::string_view name) const;
  Result<> write_live(std::string_view name, const Live& live) const;

  std::filesystem::path root_;
  const Clock& clock_;
  std::mutex mutex_;
};

}  // namespace millwright
