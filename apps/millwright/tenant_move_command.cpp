#include "apps/millwright/tenant_move_command.h"

#include <chrono>
#include <cstdio>

#include "apps/millwright/admin_commands.h"
#include "base/text.h"
#include "storage/postgres/tenant_move.h"

namespace millwright {
namespace {

constexpr int kNotDropped = 2;
constexpr std::chrono::seconds kBetweenReports{2};

struct Flags {
  std::string store, tenant, to;
  bool drop_source = false;
};

bool is_postgres(const std::string& address) {
  return address.starts_with("postgres://") || address.starts_with("postgresql://");
}

Result<> check(const Flags& flags) {
  if (flags.store.empty()) {
    return failed_precondition(
        "only tenants in PostgreSQL are moved: give the server's --store; a tenant of the embedded "
        "store goes to another machine by 'millwright backup' and 'millwright restore'");
  }
  for (const std::string& address : {flags.store, flags.to}) {
    if (is_postgres(address)) continue;
    return invalid_argument("address " + quote(address) +
                            " is not understood; write postgres://user@host:5432/database");
  }
  return {};
}

MoveProgress report() {
  const auto next = std::make_shared<std::chrono::steady_clock::time_point>(
      std::chrono::steady_clock::now() + kBetweenReports);
  return [next](const std::string& table, std::int64_t rows) {
    const auto now = std::chrono::steady_clock::now();
    if (now < *next) return;
    *next = now + kBetweenReports;
    std::fprintf(stderr, "copied %lld rows of %s\n", static_cast<long long>(rows), table.c_str());
  };
}

Result<int> move(const Flags& flags) {
  MW_TRY(check(flags));
  MW_ASSIGN(const TenantId tenant, TenantId::parse(flags.tenant));
  MW_ASSIGN(const MovedTenant moved,
            move_tenant({tenant, flags.store, flags.to, flags.drop_source}, report()));
  long long rows = 0;
  for (const MovedTable& table : moved.tables) rows += table.rows;
  std::printf(
      "tenant %s has moved from %s to %s: %lld rows of %zu tables, the same on both sides\n",
      tenant.str().c_str(), moved.from.c_str(), moved.to.c_str(), rows, moved.tables.size());
  if (moved.drop_source.empty()) {
    std::printf("%s is dropped\n", moved.from.c_str());
    return 0;
  }
  if (!moved.not_dropped.empty()) {
    std::fprintf(stderr, "millwright: %s could not be dropped: %s\n", moved.from.c_str(),
                 moved.not_dropped.c_str());
  }
  std::printf(
      "%s is kept and takes no more writes; when nobody needs it, remove it there with\n%s\n",
      moved.from.c_str(), moved.drop_source.c_str());
  return moved.not_dropped.empty() ? 0 : kNotDropped;
}

}  // namespace

void add_tenant_move(CLI::App& tenants, int& exit_code) {
  auto flags = std::make_shared<Flags>();
  CLI::App* command = tenants.add_subcommand("move", "Move a tenant to another PostgreSQL server");
  command->add_option("--store", flags->store, "The server's store, which lists the tenants");
  command->add_option("--tenant", flags->tenant, "Tenant identifier")->required();
  command
      ->add_option("--to", flags->to,
                   "postgres://user@host:port of the other server; a database at its end is used "
                   "instead of tenant_ID")
      ->required();
  command->add_flag("--drop-source", flags->drop_source,
                    "Drop the old database when the copy is the same and the tenant has moved");
  command->callback([flags, &exit_code] {
    const Result<int> done = move(*flags);
    exit_code = done ? *done : report_failure(done.error());
  });
}

}  // namespace millwright
