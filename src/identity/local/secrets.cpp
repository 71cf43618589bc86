#include "identity/local/secrets.h"

#include <sodium.h>

#include <array>

#include "base/check.h"
#include "base/text.h"

namespace millwright {
namespace {

constexpr std::size_t kSecretBytes = 32;
constexpr unsigned long long kPasswordPasses = 2;
constexpr std::size_t kPasswordMemory = 19 * 1024 * 1024;

void ready() {
  static const int result = sodium_init();
  MW_CHECK(result >= 0);
}

}  // namespace

std::string random_key() {
  ready();
  std::string key(kSecretBytes, '\0');
  randombytes_buf(key.data(), key.size());
  return key;
}

std::string random_secret() {
  const std::string key = random_key();
  constexpr int kVariant = sodium_base64_VARIANT_URLSAFE_NO_PADDING;
  std::string text(sodium_base64_ENCODED_LEN(kSecretBytes, kVariant), '\0');
  sodium_bin2base64(text.data(), text.size(), reinterpret_cast<const unsigned char*>(key.data()),
                    key.size(), kVariant);
  text.pop_back();  // the terminating zero
  return text;
}

std::string hash_secret(std::string_view secret) {
  ready();
  std::array<unsigned char, 32> hash{};
  crypto_generichash(hash.data(), hash.size(),
                     reinterpret_cast<const unsigned char*>(secret.data()), secret.size(), nullptr,
                     0);
  return to_hex(hash);
}

std::string hash_password(std::string_view password) {
  ready();
  std::array<char, crypto_pwhash_STRBYTES> text{};
  MW_CHECK(crypto_pwhash_str(text.data(), password.data(), password.size(), kPasswordPasses,
                             kPasswordMemory) == 0);
  return text.data();
}

bool password_matches(const std::string& hash, std::string_view password) {
  ready();
  return crypto_pwhash_str_verify(hash.c_str(), password.data(), password.size()) == 0;
}

std::string random_password() {
  ready();
  static constexpr std::string_view kAlphabet =
      "abcdefghijkmnpqrstuvwxyzACDEFGHJKLMNPQRTUVWXYZ234679";
  std::string text;
  for (int i = 0; i < 20; ++i) text += kAlphabet[randombytes_uniform(kAlphabet.size())];
  return text;
}

}  // namespace millwright
