#include "apps/millwright/model_registries.h"

#include <cstdlib>

#include "base/durable_file.h"
#include "base/log.h"
#include "base/text.h"
#include "registry/chained/chained_model_registry.h"
#include "registry/directory/directory_model_registry.h"
#include "registry/mlflow/mlflow_model_registry.h"

namespace millwright {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxTokenBytes = 16 * 1'024;

std::string from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

Result<std::string> read_token(const fs::path& file) {
  auto bytes = read_whole(file, kMaxTokenBytes);
  if (!bytes) {
    return Error{bytes.error().code,
                 "mlflow_token_file " + quote(file.string()) +
                     " cannot be read: check the path and its rights",
                 bytes.error().message + " " + bytes.error().detail};
  }
  std::error_code error;
  const fs::perms others = fs::perms::group_all | fs::perms::others_all;
  if ((fs::status(file, error).permissions() & others) != fs::perms::none || error) {
    return failed_precondition("mlflow_token_file " + quote(file.string()) +
                               " can be read by others: chmod 600 it");
  }
  std::string token(reinterpret_cast<const char*>(bytes->data()), bytes->size());
  while (!token.empty() && (token.back() == '\n' || token.back() == '\r')) token.pop_back();
  if (!token.empty()) return token;
  return invalid_argument("mlflow_token_file " + quote(file.string()) + " is empty");
}

Result<MlflowOptions> mlflow_options(const ServeOptions& options) {
  MlflowOptions out;
  out.url = options.mlflow;
  if (!options.mlflow_token_file.empty()) {
    MW_ASSIGN(out.token, read_token(options.mlflow_token_file));
    return out;
  }
  out.token = from_environment("MLFLOW_TRACKING_TOKEN");
  out.user = from_environment("MLFLOW_TRACKING_USERNAME");
  out.password = from_environment("MLFLOW_TRACKING_PASSWORD");
  return out;
}

/// A cache of its own for each server: two may have models of the same name.
fs::path cache_folder(const ServeOptions& options, const std::string& url) {
  const std::string hash = model_hash(std::as_bytes(std::span(url)));
  return options.data / "mlflow" / hash.substr(0, 16);
}

}  // namespace

Result<ModelRegistries> open_model_registries(const ServeOptions& options, const Clock& clock) {
  ModelRegistries out;
  MW_ASSIGN(out.built_in, DirectoryModelRegistry::open(options.data / "registry", clock));
  if (options.mlflow.empty()) {
    if (options.mlflow_token_file.empty()) return out;
    return invalid_argument("mlflow_token_file is for an MLflow server: set mlflow, too");
  }
  MW_ASSIGN(MlflowOptions server, mlflow_options(options));
  MW_ASSIGN(MlflowClient client, MlflowClient::create(std::move(server)));
  const fs::path folder = cache_folder(options, client.url());
  MW_ASSIGN(out.cache, DirectoryModelRegistry::open(folder, clock));
  log::info("models come from an MLflow server, too",
            {{"url", client.url()}, {"cache", folder.string()}});
  out.mlflow = std::make_unique<MlflowModelRegistry>(std::move(client), *out.cache, clock);
  out.chain = std::make_unique<ChainedModelRegistry>(*out.built_in, *out.mlflow);
  return out;
}

}  // namespace millwright
