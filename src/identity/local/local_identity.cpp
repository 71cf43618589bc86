#include "identity/local/local_identity.h"

#include <fcntl.h>
#include <unistd.h>

#include <fstream>

#include "base/text.h"
#include "identity/local/login_limiter.h"
#include "identity/local/secrets.h"
#include "identity/local/token_signer.h"
#include "sqlite/database.h"

namespace millwright {
namespace {

constexpr auto kTokenLifetime = std::chrono::hours(1);
constexpr auto kSessionIdle = std::chrono::minutes(30);
constexpr auto kSessionLength = std::chrono::hours(12);
constexpr auto kSessionTouch = std::chrono::minutes(1);
constexpr std::size_t kMaxPassword = 1024;

constexpr const char* kMigrations[] = {
    R"(CREATE TABLE users (
         name TEXT PRIMARY KEY, tenant TEXT, role TEXT NOT NULL, password_hash TEXT NOT NULL) STRICT;
       CREATE TABLE sessions (
         id_hash TEXT PRIMARY KEY, csrf_token TEXT NOT NULL, user TEXT NOT NULL REFERENCES users(name),
         created_us INTEGER NOT NULL, used_us INTEGER NOT NULL) STRICT;
       CREATE TABLE claims (
         hash TEXT PRIMARY KEY, tenant TEXT NOT NULL, expires_us INTEGER NOT NULL,
         used_us INTEGER) STRICT;
       CREATE TABLE device_secrets (
         tenant TEXT NOT NULL, device TEXT NOT NULL, hash TEXT NOT NULL, generation TEXT NOT NULL,
         PRIMARY KEY (tenant, device)) STRICT;)",
};

Error wrong_login() {
  return unauthenticated("user or password is wrong; check both and try again");
}
Error wrong_claim() {
  return unauthenticated(
      "the claim is unknown, used or expired; an engineer or administrator makes a new one");
}
Error no_session() { return unauthenticated("there is no such session; log in"); }
Error wrong_secret() {
  return unauthenticated(
      "tenant, device or secret is wrong; a lost secret is replaced by an administrator");
}

/// The key that signs tokens, made at the first start.
Result<std::vector<char>> load_or_make_key(const std::filesystem::path& file) {
  constexpr std::size_t kKeyBytes = 32;
  std::error_code missing;
  if (!std::filesystem::exists(file, missing)) {
    const std::string key = random_key();
    const std::string temporary = file.string() + "." + std::to_string(::getpid());
    const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    const bool written = fd >= 0 &&
                         ::write(fd, key.data(), key.size()) == static_cast<ssize_t>(key.size()) &&
                         ::fsync(fd) == 0;
    if (fd >= 0) ::close(fd);
    // link() refuses to replace: of two processes that start at once one key wins.
    if (!written || (::link(temporary.c_str(), file.c_str()) != 0 && errno != EEXIST)) {
      ::unlink(temporary.c_str());
      return internal_error("cannot write " + file.string() + "; check the folder's rights");
    }
    ::unlink(temporary.c_str());
  }
  std::ifstream in(file, std::ios::binary);
  std::vector<char> key((std::istreambuf_iterator<char>(in)), {});
  if (key.size() != kKeyBytes) {
    return failed_precondition(
        file.string() + " is damaged; restore it or delete it (devices then get new tokens)");
  }
  return key;
}

}  // namespace

struct LocalIdentity::State {
  State(const Clock& c, sqlite::Database db, std::string_view key)
      : clock(c), database(std::move(db)), signer(key), limiter(c) {}

  const Clock& clock;
  std::mutex mutex;  // guards database and limiter
  sqlite::Database database;
  TokenSigner signer;
  LoginLimiter limiter;
  /// Verified for unknown users, so that they take as long as known ones.
  const std::string decoy_hash = hash_password("decoy");

  Result<std::string> secret_generation(const TenantId& tenant, const DeviceId& device,
                                        const std::string* hash);
};

Result<std::unique_ptr<LocalIdentity>> LocalIdentity::open(const std::filesystem::path& folder,
                                                           const Clock& clock) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  if (error) return internal_error("cannot create " + folder.string() + ": " + error.message());
  MW_ASSIGN(const std::vector<char> key, load_or_make_key(folder / "token.key"));
  MW_ASSIGN(sqlite::Database database, sqlite::Database::open(folder / "identity.db"));
  MW_TRY(database.migrate(kMigrations));
  return std::unique_ptr<LocalIdentity>(new LocalIdentity(std::make_unique<State>(
      clock, std::move(database), std::string_view(key.data(), key.size()))));
}

LocalIdentity::LocalIdentity(std::unique_ptr<State> state) : state_(std::move(state)) {}
LocalIdentity::~LocalIdentity() = default;

// Users
// ---------------------------------------------------------------------------------------------

Result<std::string> LocalIdentity::add_user(std::string_view name, Role role,
                                            const std::optional<TenantId>& tenant) {
  if (name.empty() || name.size() > 64 || !is_utf8(name)) {
    return invalid_argument("user name " + quote(name) + " must have 1 to 64 bytes of UTF-8");
  }
  if (!tenant && role != Role::kOperator) {
    return invalid_argument("a user of role " + quote(to_string(role)) + " needs a tenant");
  }
  const std::string password = random_password();
  const std::string hash = hash_password(password);
  const std::lock_guard lock(state_->mutex);
  MW_ASSIGN(auto insert, state_->database.prepare(
                             "INSERT INTO users VALUES (?, ?, ?, ?) ON CONFLICT DO NOTHING"));
  MW_TRY(insert
             .bind_all(name, tenant ? std::optional(tenant->str()) : std::nullopt, to_string(role),
                       hash)
             .run());
  if (state_->database.changes() == 0) {
    return already_exists("user " + quote(name) + " exists already; choose another name");
  }
  return password;
}

Result<std::string> LocalIdentity::reset_password(std::string_view name) {
  const std::string password = random_password();
  const std::string hash = hash_password(password);
  const std::lock_guard lock(state_->mutex);
  MW_ASSIGN(auto update,
            state_->database.prepare("UPDATE users SET password_hash = ? WHERE name = ?"));
  MW_TRY(update.bind_all(hash, name).run());
  if (state_->database.changes() == 0) {
    return not_found("user " + quote(name) + " does not exist; check the name");
  }
  MW_ASSIGN(auto end, state_->database.prepare("DELETE FROM sessions WHERE user = ?"));
  MW_TRY(end.bind_all(name).run());
  return password;
}

Result<bool> LocalIdentity::has_users() {
  const std::lock_guard lock(state_->mutex);
  MW_ASSIGN(auto query, state_->database.prepare("SELECT 1 FROM users LIMIT 1"));
  return query.step();
}

Result<UserSession> LocalIdentity::login(std::string_view user, std::string_view password) {
  if (user.size() > 64 || password.size() > kMaxPassword) return wrong_login();
  const std::string name(user);
  std::string hash = state_->decoy_hash;
  UserSession session;
  bool known = false;
  {
    const std::lock_guard lock(state_->mutex);
    MW_TRY(state_->limiter.check(name));
    MW_ASSIGN(auto query, state_->database.prepare(
                              "SELECT tenant, role, password_hash FROM users WHERE name = ?"));
    query.bind_all(user);
    MW_ASSIGN(known, query.step());
    if (known) {
      if (const auto tenant = query.optional_text(0)) {
        MW_ASSIGN(session.principal.tenant, TenantId::parse(*tenant));
      }
      MW_ASSIGN(session.principal.role, role_from_string(query.text(1)));
      hash = query.text(2);
    }
  }
  // Argon2 takes tens of milliseconds: others need not wait for it.
  const bool matches = password_matches(hash, password);
  const std::lock_guard lock(state_->mutex);
  if (!known || !matches) {
    state_->limiter.failed(name);
    return wrong_login();
  }
  state_->limiter.succeeded(name);
  session.principal.name = name;
  session.id = random_secret();
  session.csrf_token = random_secret();
  const std::int64_t now = to_us(state_->clock.now());
  MW_ASSIGN(auto prune, state_->database.prepare("DELETE FROM sessions WHERE created_us < ?"));
  MW_TRY(prune.bind_all(now - Microseconds(kSessionLength).count()).run());
  MW_ASSIGN(auto insert, state_->database.prepare("INSERT INTO sessions VALUES (?, ?, ?, ?, ?)"));
  MW_TRY(insert.bind_all(hash_secret(session.id), session.csrf_token, name, now, now).run());
  return session;
}

Result<UserSession> LocalIdentity::session(std::string_view id) {
  const Timestamp now = state_->clock.now();
  const std::string id_hash = hash_secret(id);
  const std::lock_guard lock(state_->mutex);
  MW_ASSIGN(auto query, state_->database.prepare(
                            "SELECT s.csrf_token, s.user, s.created_us, s.used_us, u.tenant, "
                            "u.role FROM sessions s JOIN users u ON u.name = s.user "
                            "WHERE s.id_hash = ?"));
  query.bind_all(id_hash);
  MW_ASSIGN(const bool found, query.step());
  if (!found) return no_session();
  UserSession session{std::string(id), query.text(0), {}};
  session.principal.name = query.text(1);
  const Timestamp created = from_us(query.integer(2));
  const Timestamp used = from_us(query.integer(3));
  if (const auto tenant = query.optional_text(4)) {
    MW_ASSIGN(session.principal.tenant, TenantId::parse(*tenant));
  }
  MW_ASSIGN(session.principal.role, role_from_string(query.text(5)));
  query.reset();
  if (now - created > kSessionLength || now - used > kSessionIdle) {
    MW_ASSIGN(auto remove, state_->database.prepare("DELETE FROM sessions WHERE id_hash = ?"));
    MW_TRY(remove.bind_all(id_hash).run());
    return no_session();
  }
  if (now - used > kSessionTouch) {
    MW_ASSIGN(auto touch,
              state_->database.prepare("UPDATE sessions SET used_us = ? WHERE id_hash = ?"));
    MW_TRY(touch.bind_all(to_us(now), id_hash).run());
  }
  return session;
}

Result<> LocalIdentity::logout(std::string_view id) {
  const std::string id_hash = hash_secret(id);
  const std::lock_guard lock(state_->mutex);
  MW_ASSIGN(auto remove, state_->database.prepare("DELETE FROM sessions WHERE id_hash = ?"));
  return remove.bind_all(id_hash).run();
}

// Devices
// -------------------------------------------------------------------------------------------

Result<std::string> LocalIdentity::create_claim(const TenantId& tenant, Timestamp expires_at) {
  const std::string claim = random_secret();
  const std::string hash = hash_secret(claim);
  const std::lock_guard lock(state_->mutex);
  MW_ASSIGN(auto prune, state_->database.prepare("DELETE FROM claims WHERE expires_us <= ?"));
  MW_TRY(prune.bind_all(to_us(state_->clock.now())).run());
  MW_ASSIGN(auto insert, state_->database.prepare("INSERT INTO claims VALUES (?, ?, ?, NULL)"));
  MW_TRY(insert.bind_all(hash, tenant.str(), to_us(expires_at)).run());
  return claim;
}

Result<> LocalIdentity::check_claim(const TenantId& tenant, std::string_view claim) {
  const std::string hash = hash_secret(claim);
  const std::lock_guard lock(state_->mutex);
  MW_ASSIGN(auto query,
            state_->database.prepare(
                "SELECT 1 FROM claims WHERE hash = ? AND tenant = ? AND expires_us > ?"));
  MW_ASSIGN(const bool found,
            query.bind_all(hash, tenant.str(), to_us(state_->clock.now())).step());
  if (!found) return wrong_claim();
  return {};
}

Result<> LocalIdentity::redeem_claim(const TenantId& tenant, std::string_view claim) {
  const std::int64_t now = to_us(state_->clock.now());
  const std::string hash = hash_secret(claim);
  const std::lock_guard lock(state_->mutex);
  // One statement decides: of many callers exactly one changes the row.
  MW_ASSIGN(auto update, state_->database.prepare(
                             "UPDATE claims SET used_us = ? WHERE hash = ? AND tenant = ? AND "
                             "used_us IS NULL AND expires_us > ?"));
  MW_TRY(update.bind_all(now, hash, tenant.str(), now).run());
  if (state_->database.changes() == 1) return {};
  return wrong_claim();
}

Result<std::string> LocalIdentity::set_device_secret(const TenantId& tenant,
                                                     const DeviceId& device) {
  const std::string secret = random_secret();
  const std::string hash = hash_secret(secret);
  // Tokens name the generation: those of an older secret end with it.
  std::string generation = random_secret();
  generation.resize(11);
  const std::lock_guard lock(state_->mutex);
  MW_ASSIGN(auto insert, state_->database.prepare(
                             "INSERT INTO device_secrets VALUES (?, ?, ?, ?) ON CONFLICT DO UPDATE "
                             "SET hash = excluded.hash, generation = excluded.generation"));
  MW_TRY(insert.bind_all(tenant.str(), device.str(), hash, generation).run());
  return secret;
}

Result<> LocalIdentity::remove_device(const TenantId& tenant, const DeviceId& device) {
  const std::lock_guard lock(state_->mutex);
  MW_ASSIGN(auto remove,
            state_->database.prepare("DELETE FROM device_secrets WHERE tenant = ? AND device = ?"));
  return remove.bind_all(tenant.str(), device.str()).run();
}

/// The generation of the device's secret, where `hash` (if any) is that secret's.
Result<std::string> LocalIdentity::State::secret_generation(const TenantId& tenant,
                                                            const DeviceId& device,
                                                            const std::string* hash) {
  const std::lock_guard lock(mutex);
  MW_ASSIGN(auto query,
            database.prepare(
                "SELECT hash, generation FROM device_secrets WHERE tenant = ? AND device = ?"));
  query.bind_all(tenant.str(), device.str());
  MW_ASSIGN(const bool found, query.step());
  if (!found || (hash && query.text(0) != *hash)) return wrong_secret();
  return query.text(1);
}

Result<DeviceToken> LocalIdentity::device_token(const TenantId& tenant, const DeviceId& device,
                                                std::string_view secret) {
  const std::string hash = hash_secret(secret);
  MW_ASSIGN(const std::string generation, state_->secret_generation(tenant, device, &hash));
  const Timestamp now = state_->clock.now();
  DeviceToken token;
  token.expires_at = now + kTokenLifetime;
  MW_ASSIGN(token.jwt,
            state_->signer.sign(
                {{"sub", device.str()}, {"tenant", tenant.str()}, {"generation", generation}}, now,
                kTokenLifetime));
  return token;
}

Result<Principal> LocalIdentity::verify_device_token(std::string_view jwt) {
  MW_ASSIGN(const nlohmann::json claims, state_->signer.verify(jwt, state_->clock.now()));
  MW_ASSIGN(TenantId tenant, TenantId::parse(claims.value("tenant", "")));
  MW_ASSIGN(DeviceId device, DeviceId::parse(claims.value("sub", "")));
  MW_ASSIGN(const std::string generation, state_->secret_generation(tenant, device, nullptr));
  if (generation != claims.value("generation", "")) return wrong_secret();
  Principal principal;
  principal.role = Role::kDevice;
  principal.name = device.str();
  principal.tenant = std::move(tenant);
  principal.device = std::move(device);
  return principal;
}

}  // namespace millwright
