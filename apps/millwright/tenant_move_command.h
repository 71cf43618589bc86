#pragma once
/// `millwright tenant move`: a tenant's database to another PostgreSQL server, beside running
/// servers, which find it there. Exit code 2: it has moved, but the old database could not be
/// dropped.

#include <CLI/CLI.hpp>

namespace millwright {

/// Adds the command to `tenant`; running it sets `exit_code`.
void add_tenant_move(CLI::App& tenants, int& exit_code);

}  // namespace millwright
