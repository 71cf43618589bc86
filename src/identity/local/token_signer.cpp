#include "identity/local/token_signer.h"

extern "C" {
#include <cjose/cjose.h>
}

namespace millwright {
namespace {

constexpr std::string_view kIssuer = "millwright";
constexpr std::string_view kAudience = "millwright-devices";
constexpr std::size_t kMaxTokenBytes = 4096;
constexpr std::size_t kKeyBytes = 32;

struct ReleaseHeader {
  void operator()(cjose_header_t* header) const { cjose_header_release(header); }
};
struct ReleaseJws {
  void operator()(cjose_jws_t* jws) const { cjose_jws_release(jws); }
};
using Header = std::unique_ptr<cjose_header_t, ReleaseHeader>;
using Jws = std::unique_ptr<cjose_jws_t, ReleaseJws>;

Error refused() {
  return unauthenticated("the token is not valid or has expired; get a new one with GetToken");
}

/// Policy on the header: exactly our algorithm and type, and nothing that changes the meaning.
bool header_is_ours(cjose_header_t* header) {
  cjose_err err;
  const char* alg = cjose_header_get(header, CJOSE_HDR_ALG, &err);
  if (!alg || std::string_view(alg) != CJOSE_HDR_ALG_HS256) return false;
  const char* type = cjose_header_get(header, "typ", &err);
  if (!type || std::string_view(type) != "JWT") return false;
  for (const char* name : {"crit", "jku", "jwk", "x5u", "x5c", "b64", "kid"}) {
    char* raw = cjose_header_get_raw(header, name, &err);
    if (raw) {
      cjose_get_dealloc()(raw);
      return false;
    }
  }
  return true;
}

bool claims_are_ours(const nlohmann::json& claims, Timestamp now) {
  if (!claims.is_object()) return false;
  const auto text = [&](const char* name) {
    const auto found = claims.find(name);
    return found != claims.end() && found->is_string() ? found->get<std::string>() : std::string();
  };
  if (text("iss") != kIssuer || text("aud") != kAudience) return false;
  const auto exp = claims.find("exp");
  if (exp == claims.end() || !exp->is_number_integer()) return false;
  return exp->get<std::int64_t>() > to_us(now) / 1'000'000;
}

}  // namespace

struct TokenSigner::Key {
  explicit Key(cjose_jwk_t* made) : jwk(made) {}
  ~Key() { cjose_jwk_release(jwk); }
  Key(const Key&) = delete;
  Key& operator=(const Key&) = delete;
  cjose_jwk_t* jwk;
};

TokenSigner::TokenSigner(std::string_view key) {
  MW_CHECK(key.size() == kKeyBytes);
  cjose_err err;
  cjose_jwk_t* jwk = cjose_jwk_create_oct_spec(reinterpret_cast<const std::uint8_t*>(key.data()),
                                               key.size(), &err);
  MW_CHECK(jwk != nullptr);
  key_ = std::make_unique<Key>(jwk);
}

TokenSigner::~TokenSigner() = default;

Result<std::string> TokenSigner::sign(nlohmann::json claims, Timestamp now,
                                      std::chrono::seconds lifetime) const {
  const std::int64_t now_s = to_us(now) / 1'000'000;
  claims["iss"] = kIssuer;
  claims["aud"] = kAudience;
  claims["iat"] = now_s;
  claims["exp"] = now_s + lifetime.count();
  const std::string text = claims.dump();
  cjose_err err;
  const Header header(cjose_header_new(&err));
  if (!header || !cjose_header_set(header.get(), CJOSE_HDR_ALG, CJOSE_HDR_ALG_HS256, &err) ||
      !cjose_header_set(header.get(), "typ", "JWT", &err)) {
    return internal_error("a token could not be made", "header");
  }
  const Jws jws(cjose_jws_sign(key_->jwk, header.get(),
                               reinterpret_cast<const std::uint8_t*>(text.data()), text.size(),
                               &err));
  const char* compact = nullptr;
  if (!jws || !cjose_jws_export(jws.get(), &compact, &err)) {
    return internal_error("a token could not be made", err.message);
  }
  return std::string(compact);
}

Result<nlohmann::json> TokenSigner::verify(std::string_view jwt, Timestamp now) const {
  if (jwt.empty() || jwt.size() > kMaxTokenBytes) return refused();
  cjose_err err;
  const Jws jws(cjose_jws_import(jwt.data(), jwt.size(), &err));
  if (!jws || !header_is_ours(cjose_jws_get_protected(jws.get()))) return refused();
  if (!cjose_jws_verify(jws.get(), key_->jwk, &err)) return refused();
  std::uint8_t* bytes = nullptr;
  std::size_t size = 0;
  if (!cjose_jws_get_plaintext(jws.get(), &bytes, &size, &err)) return refused();
  const auto claims = nlohmann::json::parse(bytes, bytes + size, nullptr, false);
  if (!claims_are_ours(claims, now)) return refused();
  return claims;
}

}  // namespace millwright
