#pragma once
/// `millwright backup` and `millwright restore`: one tenant of the embedded store.

#include <CLI/CLI.hpp>

namespace millwright {

/// Adds both commands; running one sets `exit_code`: 0 done, 1 failed, 2 the backup was taken but
/// the tenant has damage.
void add_backup_commands(CLI::App& app, int& exit_code);

}  // namespace millwright
