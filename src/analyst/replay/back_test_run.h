#pragma once
/// Runs a back-test on one tenant's stored samples.
///
/// Live state stays as it is: no anomaly, prediction or event is written and nobody is told. The
/// watches are those that the analyst runs; they begin without knowing anything, so the first hours
/// of a period are spent on learning. Devices come one after another; memory is that of the watches
/// of one device and of a bounded piece of its samples.
///
/// Blocks while it reads: seconds to minutes. Threads: any; the store's readers are not held up.

#include <stop_token>

#include "backtest/back_test.h"
#include "registry/model_registry.h"
#include "storage/tenant_directory.h"

namespace millwright {

struct BackTestRun {
  TenantStore& store;
  ModelRegistry* registry = nullptr;  ///< Only for models on trial.
  const Clock& clock;
  std::stop_token stop;
  backtest::Progress progress;  ///< May be empty.
};

/// Errors: kNotFound for a device, path, metric, model or version that is missing;
/// kInvalidArgument for a request that makes no sense; kFailedPrecondition for a model that does
/// not judge bursts; kResourceExhausted, saying how to ask for less; kCancelled when stopped;
/// those of the store.
Result<backtest::Report> run_back_test(const BackTestRun& run, const backtest::Request& request);

}  // namespace millwright
