#pragma once
/// ModelRegistry of an MLflow server, read-only, with a cache.
///
/// Live is the version that the alias `live` points to. A version that is fetched becomes a model
/// file of ours (kind "tabular", ml/tabular) and is kept in the cache with the hash of its bytes
/// and the server's source of it; from then on only its description is asked for again. Where the
/// server does not answer, what the cache has goes on: the versions that were fetched, and as live
/// the one that was so last. That is logged once when it begins and once when it ends; for 30 s
/// after a failure the server is left alone, so that no caller waits for it again and again.
///
/// `versions` and `live` know neither hash nor size of what was never fetched: they are empty and
/// 0. Names that are none of ours (model_registry.h) are left out of `names`.
/// put, promote, rollback: kFailedPrecondition, with how it is done in MLflow.
/// kFailedPrecondition also where a version cannot be run here, with the way out.

#include <map>
#include <mutex>
#include <string>

#include "registry/mlflow/mlflow_client.h"
#include "registry/model_registry.h"

namespace millwright {

class MlflowModelRegistry final : public ModelRegistry {
 public:
  static constexpr std::string_view kLiveAlias = "live";

  /// `cache` belongs to this server's models alone; it and `clock` outlive the registry.
  MlflowModelRegistry(MlflowClient client, ModelRegistry& cache, const Clock& clock);

  Result<std::vector<std::string>> names() override;
  Result<std::vector<ModelVersion>> versions(std::string_view name) override;
  Result<FetchedModel> fetch(std::string_view name, std::optional<int> version) override;
  Result<std::optional<ModelVersion>> live(std::string_view name) override;
  Result<ModelVersion> put(std::string_view name, std::optional<int> version,
                           std::span<const std::byte> bytes, const nlohmann::json& card) override;
  Result<ModelVersion> promote(std::string_view name, int version) override;
  Result<ModelVersion> rollback(std::string_view name) override;

 private:
  using Moment = std::chrono::steady_clock::time_point;
  struct Known {
    Moment until;
    Result<std::optional<ModelVersion>> live;
  };

  /// Runs a call of the client unless the server was found silent a moment ago.
  template <typename Call>
  auto ask(const Call& call) -> decltype(call());
  void note(const Error* error);
  Result<std::optional<ModelVersion>> ask_live(std::string_view name);
  /// Keeps in the cache what is live, for the day on which nobody can be asked.
  void remember_live(std::string_view name, int version);
  Result<FetchedModel> download(std::string_view name, const MlflowVersion& described);
  /// A cached version as long as it is the one that the server means.
  Result<FetchedModel> from_cache(std::string_view name, const MlflowVersion& described);

  const MlflowClient client_;
  ModelRegistry& cache_;
  const Clock& clock_;
  std::mutex mutex_;  // guards what follows; never held over a request
  bool is_silent_ = false;
  Moment silent_until_{};
  std::string silence_;
  std::map<std::string, Known, std::less<>> live_;
};

}  // namespace millwright
