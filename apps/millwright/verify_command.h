#pragma once
/// `millwright verify`: reads everything that a tenant has stored, and names what is damaged.

#include <CLI/CLI.hpp>

namespace millwright {

/// Adds the command; running it sets `exit_code`: 0 sound, 1 the command failed, 2 damage.
void add_verify_command(CLI::App& app, int& exit_code);

}  // namespace millwright
