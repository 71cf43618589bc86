#include "storage/postgres/postgres_tenant_directory.h"

#include <libpq-fe.h>

#include "base/log.h"
#include "base/text.h"
#include "storage/postgres/postgres_sample_store.h"
#include "storage/postgres/postgres_tenant_catalog.h"
#include "storage/postgres/schema.h"

namespace millwright {

using postgres::Connection;
using postgres::Pool;
using postgres::Rows;

namespace {

class PostgresTenantStore final : public TenantStore {
 public:
  PostgresTenantStore(TenantId tenant, std::shared_ptr<Pool> pool,
                      std::unique_ptr<PostgresTenantCatalog> catalog,
                      std::unique_ptr<PostgresSampleStore> samples)
      : tenant_(std::move(tenant)),
        pool_(std::move(pool)),
        catalog_(std::move(catalog)),
        samples_(std::move(samples)) {}
  const TenantId& tenant() const override { return tenant_; }
  TenantCatalog& catalog() override { return *catalog_; }
  SampleStore& samples() override { return *samples_; }

 private:
  const TenantId tenant_;
  const std::shared_ptr<Pool> pool_;
  const std::unique_ptr<PostgresTenantCatalog> catalog_;
  const std::unique_ptr<PostgresSampleStore> samples_;
};

/// A tenant identifier has letters, digits and hyphens only: nothing to quote but the name itself.
std::string database_name(const TenantId& tenant) { return "tenant_" + tenant.str(); }

/// CREATE DATABASE takes no parameters; the name is quoted as an identifier.
Result<> create_database(Connection& connection, const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? std::string("\"\"") : std::string(1, c);
  return connection.execute("CREATE DATABASE " + quoted + "\"");
}

Result<bool> has_database(Connection& connection, const std::string& name) {
  MW_ASSIGN(const std::optional<std::int64_t> found,
            connection.integer("SELECT 1::bigint FROM pg_database WHERE datname = $1", name));
  return found.has_value();
}

struct Options {
  PQconninfoOption* all = nullptr;
  ~Options() { PQconninfoFree(all); }
};

}  // namespace

Result<std::string> database_of(const std::string& target) {
  Options options;
  char* reason = nullptr;
  options.all = PQconninfoParse(target.c_str(), &reason);
  const std::string detail = reason == nullptr ? "" : reason;
  PQfreemem(reason);
  if (options.all == nullptr) {
    return invalid_argument(
        "the store's address is not understood; write it as "
        "postgres://user@host:5432/database");
  }
  for (const PQconninfoOption* option = options.all; option->keyword != nullptr; ++option) {
    if (std::string_view(option->keyword) == "dbname" && option->val != nullptr) {
      return std::string(option->val);
    }
  }
  return std::string("millwright");
}

std::string on_same_server(const std::string& target, const std::string& database) {
  Options options;
  options.all = PQconninfoParse(target.c_str(), nullptr);
  std::string out;
  for (const PQconninfoOption* option = options.all; option && option->keyword; ++option) {
    if (option->val == nullptr || std::string_view(option->keyword) == "dbname") continue;
    out += std::string(option->keyword) + "='";
    for (const char* c = option->val; *c != '\0'; ++c) {
      if (*c == '\'' || *c == '\\') out += '\\';
      out += *c;
    }
    out += "' ";
  }
  return out + "dbname='" + database + "'";
}

Result<std::unique_ptr<PostgresTenantDirectory>> PostgresTenantDirectory::open(
    const std::string& url, std::string holder) {
  MW_ASSIGN(const std::string database, database_of(url));
  const std::string directory_url = on_same_server(url, database);
  std::unique_ptr<PostgresTenantDirectory> directory(
      new PostgresTenantDirectory(directory_url, std::move(holder)));
  if (!directory->pool_->lease(directory_url)) {
    // Perhaps only the database is missing.
    MW_ASSIGN(Connection server, Connection::open(on_same_server(url, "postgres")));
    MW_ASSIGN(const bool is_there, has_database(server, database));
    if (!is_there) {
      const auto created = create_database(server, database);
      if (!created && created.error().code != ErrorCode::kAlreadyExists) return created.error();
    }
  }
  MW_ASSIGN(const Pool::Lease lease, directory->pool_->lease(directory_url));
  MW_TRY(lease->migrate("directory", pg::directory_migrations()));
  MW_ASSIGN(directory->facts_, pg::server_facts(*lease));
  return directory;
}

Result<std::shared_ptr<TenantStore>> PostgresTenantDirectory::open_for_service(
    const TenantId& tenant) {
  const std::lock_guard lock(mutex_);
  if (const auto found = open_.find(tenant); found != open_.end()) {
    if (std::shared_ptr<TenantStore> store = found->second.lock()) return store;
  }
  std::string target;
  {
    MW_ASSIGN(const Pool::Lease lease, pool_->lease(url_));
    MW_ASSIGN(const Rows rows,
              lease->query("SELECT connection FROM tenants WHERE tenant = $1", tenant.str()));
    if (rows.empty()) {
      return not_found("tenant " + quote(tenant.str()) + " does not exist; check the identifier");
    }
    target = rows.text(0, 0);
  }
  if (target.empty()) target = on_same_server(url_, database_name(tenant));
  {
    MW_ASSIGN(const Pool::Lease lease, pool_->lease(target));
    MW_TRY(lease->migrate("catalog", pg::catalog_migrations()));
  }
  MW_ASSIGN(auto samples, PostgresSampleStore::open(*pool_, target, holder_));
  std::shared_ptr<TenantStore> store = std::make_shared<PostgresTenantStore>(
      tenant, pool_, std::make_unique<PostgresTenantCatalog>(*pool_, target), std::move(samples));
  open_[tenant] = store;
  return store;
}

Result<> PostgresTenantDirectory::create(const TenantId& tenant) {
  {
    MW_ASSIGN(const Pool::Lease lease, pool_->lease(url_));
    MW_ASSIGN(const std::optional<std::int64_t> known,
              lease->integer("SELECT 1::bigint FROM tenants WHERE tenant = $1", tenant.str()));
    if (known) {
      return already_exists("tenant " + quote(tenant.str()) +
                            " exists already; use it or choose another identifier");
    }
    // A database without an entry is left from a create() that was cut short.
    MW_ASSIGN(const bool is_there, has_database(*lease, database_name(tenant)));
    if (!is_there) {
      const auto created = create_database(*lease, database_name(tenant));
      if (!created && created.error().code != ErrorCode::kAlreadyExists) return created.error();
    }
    MW_TRY(lease->run("INSERT INTO tenants VALUES ($1, '') ON CONFLICT DO NOTHING", tenant.str()));
  }
  MW_TRY(open_for_service(tenant));
  return {};
}

Result<std::vector<TenantId>> PostgresTenantDirectory::tenants() {
  MW_ASSIGN(const Pool::Lease lease, pool_->lease(url_));
  MW_ASSIGN(const Rows rows, lease->query("SELECT tenant FROM tenants ORDER BY tenant"));
  std::vector<TenantId> out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto tenant = TenantId::parse(rows.text(i, 0));
    if (tenant) out.push_back(std::move(tenant).value());
  }
  return out;
}

}  // namespace millwright
