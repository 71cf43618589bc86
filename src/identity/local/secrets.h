#pragma once
/// Random secrets and their hashes. Threads: any.

#include <string>
#include <string_view>

namespace millwright {

/// 256 random bits as 43 URL-safe characters.
std::string random_secret();
/// 32 random bytes.
std::string random_key();
/// BLAKE2b-256 as hex: enough for a secret of 256 random bits, never for a password.
std::string hash_secret(std::string_view secret);
/// Argon2id, 19 MiB, two passes (OWASP's cost).
std::string hash_password(std::string_view password);
bool password_matches(const std::string& hash, std::string_view password);
/// A password for a person to type once: 20 letters and digits without look-alikes, over 110 bits.
std::string random_password();

}  // namespace millwright
