// The program of the cloud's side: `millwright serve` and the commands around it.

#include <CLI/CLI.hpp>

#include "apps/millwright/admin_commands.h"
#include "apps/millwright/backtest_command.h"
#include "apps/millwright/backup_command.h"
#include "apps/millwright/commands/evaluate_command.h"
#include "apps/millwright/commands/features_command.h"
#include "apps/millwright/commands/train_command.h"
#include "apps/millwright/retention_commands.h"
#include "apps/millwright/serve_command.h"
#include "apps/millwright/server_flags.h"
#include "apps/millwright/tenant_move_command.h"
#include "apps/millwright/verify_command.h"

namespace {

using millwright::ServeOptions;

/// Options of the command line; what is given overrides the file.
struct ServeFlags {
  millwright::ServerFlags server;
  std::optional<std::string> target, http, grpc, web, demo_tenant, legacy_http, legacy_grpc, mlflow,
      mlflow_token_file, log_level;
  std::vector<std::string> legacy_tenants;
};

millwright::Result<ServeOptions> merge(const ServeFlags& flags) {
  MW_ASSIGN(ServeOptions options, millwright::read_serve_options(flags.server));
  if (flags.target) {
    MW_ASSIGN(options.targets, millwright::parse_targets(*flags.target));
  }
  if (flags.http) options.http = *flags.http;
  if (flags.grpc) options.grpc = *flags.grpc;
  if (flags.web) options.web = *flags.web;
  if (flags.legacy_http) options.legacy_http = *flags.legacy_http;
  if (flags.legacy_grpc) options.legacy_grpc = *flags.legacy_grpc;
  if (flags.mlflow) options.mlflow = *flags.mlflow;
  if (flags.mlflow_token_file) options.mlflow_token_file = *flags.mlflow_token_file;
  if (flags.log_level) options.log_level = *flags.log_level;
  if (flags.demo_tenant) {
    MW_ASSIGN(options.demo_tenant, millwright::TenantId::parse(*flags.demo_tenant));
  }
  if (!flags.legacy_tenants.empty()) options.legacy_tenants.clear();
  for (const std::string& text : flags.legacy_tenants) {
    MW_ASSIGN(auto tenant, millwright::TenantId::parse(text));
    options.legacy_tenants.push_back(std::move(tenant));
  }
  return options;
}

void add_serve(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ServeFlags>();
  CLI::App* serve = app.add_subcommand("serve", "Run the platform until Ctrl-C");
  serve->add_option("--config", flags->server.config, "TOML file (docs/configuration.md)")
      ->check(CLI::ExistingFile);
  serve->add_option("--data", flags->server.data, "Data folder (default var)");
  serve->add_option("--store", flags->server.store,
                    "postgres://user@host:port/database instead of the embedded store");
  serve->add_option("--target", flags->target,
                    "Run only parts: hub, devices, analytics, analyst, web; several with commas");
  serve->add_option("--http", flags->http, "Address of web app and APIs (default 127.0.0.1:8080)");
  serve->add_option("--grpc", flags->grpc, "Address of the hub (default 127.0.0.1:50051)");
  serve->add_option("--web", flags->web, "Folder of the built web app (default web/dist)");
  serve->add_option("--demo-tenant", flags->demo_tenant,
                    "Show this tenant read-only to callers without credentials");
  serve->add_option(
      "--legacy-tenant", flags->legacy_tenants,
      "Serve the contract of older devices, which has no credentials, for this tenant");
  serve->add_option("--legacy-http", flags->legacy_http, "An address of its own for that contract");
  serve->add_option("--legacy-grpc", flags->legacy_grpc, "An address of its own for that contract");
  serve->add_option("--mlflow", flags->mlflow,
                    "Address of an MLflow server whose models may be asked for");
  serve->add_option("--mlflow-token-file", flags->mlflow_token_file,
                    "File with its token (default: MLFLOW_TRACKING_TOKEN)");
  serve->add_option("--log-level", flags->log_level, "debug, info, warning or error")
      ->check(CLI::IsMember({"debug", "info", "warning", "error"}));
  serve->callback([flags, &exit_code] {
    const auto options = merge(*flags);
    exit_code =
        options ? millwright::serve_command(*options) : millwright::report_failure(options.error());
  });
}

/// Values of the small commands' options.
struct AdminFlags {
  millwright::StorePlace place;
  std::string tenant, name, role = "viewer";
  bool if_missing = false;
  int hours = 24;
};

void add_admin(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<AdminFlags>();
  const auto add_place = [flags](CLI::App* command) {
    command->add_option("--data", flags->place.data, "Data folder (default var)");
    command->add_option("--store", flags->place.store,
                        "The server's store, where it is PostgreSQL");
  };
  CLI::App* tenants = app.add_subcommand("tenant", "Tenants")->require_subcommand(1);
  CLI::App* list = tenants->add_subcommand("list", "Print the tenants");
  add_place(list);
  list->callback(
      [flags, &exit_code] { exit_code = millwright::tenant_list_command(flags->place); });
  CLI::App* create = tenants->add_subcommand("create", "Create a tenant");
  create->add_option("tenant", flags->tenant, "Tenant identifier, such as 100000")->required();
  add_place(create);
  create->add_flag("--if-missing", flags->if_missing, "Succeed where it exists already");
  create->callback([flags, &exit_code] {
    exit_code = millwright::tenant_create_command(flags->place, flags->tenant, flags->if_missing);
  });
  millwright::add_tenant_move(*tenants, exit_code);

  CLI::App* claim = app.add_subcommand("claim", "Claims by which devices register themselves")
                        ->require_subcommand(1)
                        ->add_subcommand("create", "Print a single-use claim");
  claim->add_option("tenant", flags->tenant, "Tenant identifier")->required();
  add_place(claim);
  claim->add_option("--hours", flags->hours, "How long it is good for (default 24)")
      ->check(CLI::Range(1, 720));
  claim->callback([flags, &exit_code] {
    exit_code = millwright::claim_create_command(flags->place, flags->tenant,
                                                 std::chrono::hours(flags->hours));
  });

  CLI::App* users = app.add_subcommand("user", "Users of the local store")->require_subcommand(1);
  CLI::App* password = users->add_subcommand("password", "Print a new password for a user, once");
  password->add_option("name", flags->name, "User name")->required();
  password->add_option("--data", flags->place.data, "Data folder (default var)");
  password->callback([flags, &exit_code] {
    exit_code = millwright::user_password_command(flags->place.data, flags->name);
  });
  CLI::App* user = users->add_subcommand("add", "Add a user and print the password once");
  user->add_option("name", flags->name, "User name")->required();
  user->add_option("--role", flags->role,
                   "operator, administrator, engineer, technician or viewer (default)");
  user->add_option("--tenant", flags->tenant, "Tenant; only an operator has none");
  add_place(user);
  user->callback([flags, &exit_code] {
    exit_code = millwright::user_add_command(flags->place, flags->name, flags->role, flags->tenant);
  });
}

/// Values of `train` and `evaluate`.
struct ModelFlags {
  millwright::TrainOptions train;
  millwright::EvaluateOptions evaluate;
  std::string registry = "var/registry";
  std::string name;
  int version = 0;
};

void add_registry(CLI::App& app, const std::shared_ptr<ModelFlags>& flags, int& exit_code) {
  CLI::App* model = app.add_subcommand("model", "Models of the registry")->require_subcommand(1);
  CLI::App* list = model->add_subcommand("list", "Print name, version, stage and time");
  CLI::App* promote = model->add_subcommand("promote", "Make a version live");
  CLI::App* rollback = model->add_subcommand("rollback", "Make the version live that was before");
  for (CLI::App* command : {list, promote, rollback}) {
    command->add_option("--registry", flags->registry, "Registry folder (default var/registry)");
    if (command != list) command->add_option("name", flags->name, "Model name")->required();
  }
  promote->add_option("version", flags->version, "Version number")->required();
  list->callback(
      [flags, &exit_code] { exit_code = millwright::model_list_command(flags->registry); });
  promote->callback([flags, &exit_code] {
    exit_code = millwright::model_promote_command(flags->registry, flags->name, flags->version);
  });
  rollback->callback([flags, &exit_code] {
    exit_code = millwright::model_rollback_command(flags->registry, flags->name);
  });
}

void add_models(CLI::App& app, int& exit_code) {
  auto flags = std::make_shared<ModelFlags>();
  flags->train.registry = "var/registry";
  CLI::App* train = app.add_subcommand("train", "Train a model into the registry");
  train->add_option("name", flags->train.name, "gear or turbofan")->required();
  train->add_option("--registry", flags->train.registry, "Registry folder (default var/registry)");
  train->add_option("--data", flags->train.data,
                    "Recorded runs: a folder for gear, a file for turbofan");
  train->add_option("--seed", flags->train.seed, "Seed of everything random (default 1)");
  train->add_flag("!--no-promote", flags->train.promote, "Do not make the new version live");
  train->callback([flags, &exit_code] { exit_code = millwright::train_command(flags->train); });

  add_registry(app, flags, exit_code);

  CLI::App* evaluate = app.add_subcommand("evaluate", "Score a model by a data set's protocol");
  evaluate->add_option("name", flags->evaluate.name, "A data set, gear (simulated), or all")
      ->required();
  evaluate->add_option("--data", flags->evaluate.data, "The data set's folder");
  evaluate->add_option("--train", flags->evaluate.train, "Train on this folder, test on --data");
  evaluate->add_option("--seed", flags->evaluate.seed, "First of five seeds (default 1)");
  evaluate->add_option("--results", flags->evaluate.results,
                       "Where all writes its table (default docs/models/results.md)");
  evaluate->add_flag("--json", flags->evaluate.json, "One JSON object on standard output");
  evaluate->callback(
      [flags, &exit_code] { exit_code = millwright::evaluate_command(flags->evaluate); });
}

void add_features(CLI::App& app, int& exit_code) {
  auto options = std::make_shared<millwright::FeaturesOptions>();
  CLI::App* features = app.add_subcommand("features", "Columns of a table")->require_subcommand(1);
  CLI::App* rank = features->add_subcommand("rank", "Which columns tell something about another");
  rank->add_option("--data", options->data, "A CSV file with a header, plain or gzip")->required();
  rank->add_option("--target", options->target, "The column to tell about")->required();
  rank->add_flag("--json", options->json, "One JSON object on standard output");
  rank->callback(
      [options, &exit_code] { exit_code = millwright::features_rank_command(*options); });
}

}  // namespace

int main(int argc, char** argv) {
  CLI::App app{"Millwright: an IoT platform with predictive maintenance"};
  app.require_subcommand(1);
  app.set_version_flag("--version", "millwright 0.1.0");
  int exit_code = 0;
  add_serve(app, exit_code);
  add_admin(app, exit_code);
  millwright::add_retention_commands(app, exit_code);
  millwright::add_verify_command(app, exit_code);
  millwright::add_backup_commands(app, exit_code);
  add_models(app, exit_code);
  millwright::add_backtest_command(app, exit_code);
  add_features(app, exit_code);
  CLI11_PARSE(app, argc, argv);
  return exit_code;
}
