#pragma once
/// `millwright tenant`, `claim` and `user`: what an administrator does on the server's own machine.
/// All work beside a running server. Each answers the process's exit code.

#include <chrono>
#include <filesystem>
#include <string>

#include "apps/millwright/serve_options.h"
#include "apps/millwright/tenant_stores.h"
#include "base/clock.h"

namespace millwright {

/// Writes the sentence to standard error; answers 1.
int report_failure(const Error& error);

/// `tenant create ID`. With `if_missing` an existing tenant is fine.
int tenant_create_command(const StorePlace& place, const std::string& tenant, bool if_missing);
/// `tenant list`: one a line.
int tenant_list_command(const StorePlace& place);
/// `claim create TENANT`: prints a single-use claim.
int claim_create_command(const StorePlace& place, const std::string& tenant,
                         std::chrono::hours lifetime);
/// `user add NAME --role ROLE --tenant TENANT`: prints the password, once.
int user_add_command(const StorePlace& place, const std::string& name, const std::string& role,
                     const std::string& tenant);

/// `user password NAME`: prints a new password, once; the user's sessions end.
int user_password_command(const std::filesystem::path& data, const std::string& name);

/// `model list`: every name, version and stage of the registry.
int model_list_command(const std::filesystem::path& registry);
/// `model promote NAME VERSION`: makes that version live.
int model_promote_command(const std::filesystem::path& registry, const std::string& name,
                          int version);
/// `model rollback NAME`: makes the version live that was live before.
int model_rollback_command(const std::filesystem::path& registry, const std::string& name);

/// At the first start: creates the user `admin` and prints the password once.
Result<> ensure_first_administrator(const ServeOptions& options, const Clock& clock);

}  // namespace millwright
