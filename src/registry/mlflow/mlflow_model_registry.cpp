#include "registry/mlflow/mlflow_model_registry.h"

#include <algorithm>

#include "base/log.h"
#include "base/text.h"
#include "ml/tabular/tabular_model.h"
#include "registry/mlflow/mlmodel.h"

namespace millwright {
namespace {

constexpr std::chrono::seconds kLiveGoodFor{10};
constexpr std::chrono::seconds kLeaveAlone{30};
constexpr std::size_t kMaxKnown = 1'024;

std::string version_words(std::string_view name, int version) {
  return "version " + std::to_string(version) + " of model " + quote(name);
}

ModelVersion describe(std::string_view name, const MlflowVersion& version, bool is_live) {
  ModelVersion out;
  out.name = std::string(name);
  out.version = version.version;
  out.stage = is_live ? ModelStage::kLive : ModelStage::kNone;
  out.created = version.created;
  out.card = {{"mlflow", {{"source", version.source}, {"run_id", version.run_id}}}};
  return out;
}

Error read_only(std::string_view name, const std::string& way) {
  return failed_precondition("model " + quote(name) + " is kept by the MLflow server: " + way);
}

Error not_run(std::string_view name, int version, const Error& error) {
  return Error{
      ErrorCode::kFailedPrecondition,
      version_words(name, version) + " on the MLflow server cannot be run: " + error.message,
      error.detail};
}

}  // namespace

MlflowModelRegistry::MlflowModelRegistry(MlflowClient client, ModelRegistry& cache,
                                         const Clock& clock)
    : client_(std::move(client)), cache_(cache), clock_(clock) {}

template <typename Call>
auto MlflowModelRegistry::ask(const Call& call) -> decltype(call()) {
  {
    const std::lock_guard lock(mutex_);
    if (clock_.steady_now() < silent_until_) return unavailable(silence_);
  }
  auto answer = call();
  note(answer || answer.error().code != ErrorCode::kUnavailable ? nullptr : &answer.error());
  return answer;
}

void MlflowModelRegistry::note(const Error* error) {
  const std::lock_guard lock(mutex_);
  if (error == nullptr) {
    if (is_silent_) log::info("the MLflow server answers again", {{"url", client_.url()}});
    is_silent_ = false;
    return;
  }
  if (!is_silent_) {
    log::warning("the MLflow server cannot be used; models that were downloaded go on",
                 {{"url", client_.url()}, {"why", error->message}, {"detail", error->detail}});
  }
  is_silent_ = true;
  silence_ = error->message;
  silent_until_ = clock_.steady_now() + kLeaveAlone;
}

Result<std::vector<std::string>> MlflowModelRegistry::names() {
  auto names = ask([&] { return client_.names(); });
  if (!names && names.error().code == ErrorCode::kUnavailable) return cache_.names();
  if (!names) return names.error();
  std::erase_if(*names, [](const std::string& name) { return !check_model_name(name); });
  std::sort(names->begin(), names->end());
  return names;
}

Result<std::vector<ModelVersion>> MlflowModelRegistry::versions(std::string_view name) {
  MW_TRY(check_model_name(name));
  auto versions = ask([&] { return client_.versions(name); });
  if (!versions && versions.error().code == ErrorCode::kUnavailable) {
    auto cached = cache_.versions(name);
    if (cached) return cached;
  }
  if (!versions) return versions.error();
  if (versions->empty()) return not_found("no model is named " + quote(name));
  MW_ASSIGN(const auto live, this->live(name));
  std::vector<ModelVersion> out;
  for (const MlflowVersion& version : *versions) {
    out.push_back(describe(name, version, live && live->version == version.version));
  }
  return out;
}

Result<std::optional<ModelVersion>> MlflowModelRegistry::live(std::string_view name) {
  MW_TRY(check_model_name(name));
  {
    const std::lock_guard lock(mutex_);
    const auto known = live_.find(name);
    if (known != live_.end() && clock_.steady_now() < known->second.until) {
      return known->second.live;
    }
  }
  auto live = ask_live(name);
  const std::lock_guard lock(mutex_);
  if (live_.size() >= kMaxKnown) live_.clear();
  live_.insert_or_assign(std::string(name), Known{clock_.steady_now() + kLiveGoodFor, live});
  return live;
}

Result<std::optional<ModelVersion>> MlflowModelRegistry::ask_live(std::string_view name) {
  const auto number = ask([&] { return client_.alias(name, kLiveAlias); });
  if (!number && number.error().code == ErrorCode::kUnavailable) {
    auto cached = cache_.live(name);
    if (cached) return cached;
    return unavailable(
        number.error().message + ", and model " + quote(name) + " was never downloaded",
        number.error().detail);
  }
  if (!number && number.error().code == ErrorCode::kNotFound) {
    return not_found("no model is named " + quote(name));
  }
  if (!number) return number.error();
  if (!*number) return std::optional<ModelVersion>();
  const int version = **number;
  const auto described = ask([&] { return client_.version(name, version); });
  if (!described) return described.error();
  remember_live(name, version);
  return std::optional(describe(name, *described, true));
}

void MlflowModelRegistry::remember_live(std::string_view name, int version) {
  const auto kept = cache_.promote(name, version);
  if (kept || kept.error().code == ErrorCode::kNotFound) return;  // not downloaded yet
  log::warning("the cache of models cannot be written",
               {{"model", std::string(name)}, {"why", kept.error().message}});
}

Result<FetchedModel> MlflowModelRegistry::fetch(std::string_view name, std::optional<int> version) {
  MW_ASSIGN(const auto live, this->live(name));
  if (!version && !live) {
    return not_found("model " + quote(name) + " has no version with the alias " +
                     quote(kLiveAlias) + " on the MLflow server: set it on one");
  }
  const int wanted = version ? *version : live->version;
  auto described = ask([&] { return client_.version(name, wanted); });
  if (!described && described.error().code == ErrorCode::kUnavailable) {
    auto cached = cache_.fetch(name, wanted);
    if (cached || cached.error().code != ErrorCode::kNotFound) return cached;
    return unavailable(described.error().message + ", and " + version_words(name, wanted) +
                           " was never downloaded",
                       described.error().detail);
  }
  if (!described && described.error().code == ErrorCode::kNotFound) {
    return not_found("model " + quote(name) + " has no version " + std::to_string(wanted));
  }
  if (!described) return described.error();
  auto fetched = from_cache(name, *described);
  if (!fetched && fetched.error().code == ErrorCode::kNotFound) {
    fetched = download(name, *described);
  }
  if (!fetched) return fetched.error();
  if (live && live->version == wanted) {
    remember_live(name, wanted);
    fetched->version.stage = ModelStage::kLive;
  }
  return fetched;
}

Result<FetchedModel> MlflowModelRegistry::from_cache(std::string_view name,
                                                     const MlflowVersion& described) {
  MW_ASSIGN(FetchedModel cached, cache_.fetch(name, described.version));
  const auto source = "/mlflow/source"_json_pointer;
  if (cached.version.card.value(source, std::string()) == described.source) return cached;
  return failed_precondition(
      version_words(name, described.version) +
      " is another one on the MLflow server than when it was downloaded: register it as a new "
      "version, or remove the model's folder in the cache (docs/predictive-maintenance.md)");
}

Result<FetchedModel> MlflowModelRegistry::download(std::string_view name,
                                                   const MlflowVersion& described) {
  const int number = described.version;
  if (!described.is_ready) {
    return failed_precondition(version_words(name, number) +
                               " is not ready on the MLflow server: wait, or register it again");
  }
  const auto folder = ask([&] { return client_.artifact_folder(name, number); });
  if (!folder) return folder.error();
  const auto text = ask([&] { return client_.artifact(*folder + "/MLmodel", kMaxMlmodelBytes); });
  if (!text) return not_run(name, number, text.error());
  auto mlmodel = read_mlmodel({reinterpret_cast<const char*>(text->data()), text->size()});
  if (!mlmodel) return not_run(name, number, mlmodel.error());
  const std::string path = *folder + "/" + mlmodel->file;
  const auto booster = ask([&] { return client_.artifact(path, kMaxModelBytes); });
  if (!booster) return not_run(name, number, booster.error());
  const auto made = ml::make_tabular_model({.xgboost = *booster,
                                            .columns = std::move(mlmodel->columns),
                                            .window_size = mlmodel->window_size,
                                            .classes = std::move(mlmodel->classes),
                                            .best_rounds_only = mlmodel->is_sklearn_interface});
  if (!made) return not_run(name, number, made.error());
  MW_TRY(cache_.put(name, number, *made, describe(name, described, false).card));
  log::info("a model was downloaded from the MLflow server",
            {{"model", std::string(name)}, {"version", number}, {"url", client_.url()}});
  return cache_.fetch(name, number);
}

Result<ModelVersion> MlflowModelRegistry::put(std::string_view name, std::optional<int>,
                                              std::span<const std::byte>, const nlohmann::json&) {
  MW_TRY(check_model_name(name));
  return read_only(name, "register a version there, with log_model's registered_model_name");
}

Result<ModelVersion> MlflowModelRegistry::promote(std::string_view name, int version) {
  MW_TRY(check_model_name(name));
  return read_only(name, "set the alias 'live' on version " + std::to_string(version) +
                             " there, with set_registered_model_alias or in its web pages");
}

Result<ModelVersion> MlflowModelRegistry::rollback(std::string_view name) {
  MW_TRY(check_model_name(name));
  return read_only(name, "set the alias 'live' on the version before there");
}

}  // namespace millwright
