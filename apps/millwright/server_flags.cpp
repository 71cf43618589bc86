#include "apps/millwright/server_flags.h"

namespace millwright {

void add_server_options(CLI::App& command, ServerFlags& flags) {
  command.add_option("--data", flags.data, "Data folder (default var)");
  command.add_option("--store", flags.store, "As for serve, where tenants are in PostgreSQL");
  command.add_option("--config", flags.config, "The server's TOML file")->check(CLI::ExistingFile);
}

Result<ServeOptions> read_serve_options(const ServerFlags& flags) {
  ServeOptions options;
  if (!flags.config.empty()) {
    MW_ASSIGN(options, read_serve_options(flags.config, options));
  }
  if (flags.data) options.data = *flags.data;
  if (flags.store) options.store = *flags.store;
  return options;
}

}  // namespace millwright
