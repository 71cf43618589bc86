#pragma once
/// The registries that a server reads models from: the built-in one, and where it is configured an
/// MLflow server behind it.

#include <memory>

#include "apps/millwright/serve_options.h"
#include "base/clock.h"
#include "registry/model_registry.h"

namespace millwright {

struct ModelRegistries {
  // In the order of construction: a later one stands on those before it.
  std::unique_ptr<ModelRegistry> built_in;  ///< DATA/registry: what the analyst runs by itself.
  std::unique_ptr<ModelRegistry> cache;     ///< DATA/mlflow/…; null without an MLflow server.
  std::unique_ptr<ModelRegistry> mlflow;
  std::unique_ptr<ModelRegistry> chain;

  /// What may be asked by name: the built-in models, then those of MLflow.
  ModelRegistry& all() { return chain ? *chain : *built_in; }
};

/// Opens them. Does not ask the MLflow server yet: a server starts without it. Its credentials are
/// those of MLflow's own clients: the options' token file, or MLFLOW_TRACKING_TOKEN, or
/// MLFLOW_TRACKING_USERNAME and MLFLOW_TRACKING_PASSWORD of the environment.
/// Errors: what the parts say, ready to show.
Result<ModelRegistries> open_model_registries(const ServeOptions& options, const Clock& clock);

}  // namespace millwright
