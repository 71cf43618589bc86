#include "identity/local/local_identity.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <fstream>
#include <thread>

namespace millwright {
namespace {

using std::chrono::hours;
using std::chrono::minutes;
using std::chrono::seconds;

class LocalIdentityTest : public testing::Test {
 protected:
  void SetUp() override { identity_ = *LocalIdentity::open(folder_, clock_); }
  void TearDown() override {
    identity_.reset();
    std::filesystem::remove_all(folder_);
  }

  const std::filesystem::path folder_ = std::filesystem::temp_directory_path() /
                                        ("millwright-identity-" + std::to_string(::getpid()));
  ManualClock clock_{*parse_utc("2026-11-25T09:00:00Z")};
  std::unique_ptr<LocalIdentity> identity_;
  const TenantId tenant_ = *TenantId::parse("100000");
  const TenantId other_ = *TenantId::parse("100001");
  const DeviceId device_ = *DeviceId::parse("000001");
};

TEST_F(LocalIdentityTest, ASecretBuysATokenThatNamesTenantAndDevice) {
  const std::string secret = *identity_->set_device_secret(tenant_, device_);
  const DeviceToken token = *identity_->device_token(tenant_, device_, secret);
  EXPECT_EQ(token.expires_at, clock_.now() + hours(1));
  const Principal principal = *identity_->verify_device_token(token.jwt);
  EXPECT_EQ(principal.role, Role::kDevice);
  EXPECT_EQ(principal.tenant, tenant_);
  EXPECT_EQ(principal.device, device_);
}

TEST_F(LocalIdentityTest, ASecretIsGoodForItsOwnDeviceOnly) {
  const std::string secret = *identity_->set_device_secret(tenant_, device_);
  EXPECT_FALSE(identity_->device_token(other_, device_, secret));
  EXPECT_FALSE(identity_->device_token(tenant_, *DeviceId::parse("000002"), secret));
  EXPECT_FALSE(identity_->device_token(tenant_, device_, secret + "x"));
  EXPECT_FALSE(identity_->device_token(tenant_, device_, ""));
}

TEST_F(LocalIdentityTest, TokensEndAfterAnHourAndWithTheirSecret) {
  const std::string secret = *identity_->set_device_secret(tenant_, device_);
  const std::string jwt = identity_->device_token(tenant_, device_, secret)->jwt;
  clock_.advance(minutes(59));
  EXPECT_TRUE(identity_->verify_device_token(jwt));
  clock_.advance(minutes(1));
  EXPECT_FALSE(identity_->verify_device_token(jwt));

  const std::string young = identity_->device_token(tenant_, device_, secret)->jwt;
  const std::string replaced = *identity_->set_device_secret(tenant_, device_);
  EXPECT_FALSE(identity_->verify_device_token(young));
  EXPECT_FALSE(identity_->device_token(tenant_, device_, secret));
  EXPECT_TRUE(identity_->device_token(tenant_, device_, replaced));
}

TEST_F(LocalIdentityTest, ForgedTokensAreRefused) {
  const std::string secret = *identity_->set_device_secret(tenant_, device_);
  const std::string jwt = identity_->device_token(tenant_, device_, secret)->jwt;
  const std::size_t first = jwt.find('.');
  const std::size_t second = jwt.find('.', first + 1);
  const std::string payload = jwt.substr(first, second - first);
  const std::string signature = jwt.substr(second);
  const std::string none = "eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0";    // {"alg":"none","typ":"JWT"}
  const std::string rs256 = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9";  // {"alg":"RS256","typ":"JWT"}
  std::string tampered = jwt;
  tampered[first + 5] = tampered[first + 5] == 'A' ? 'B' : 'A';
  for (const std::string& forged :
       {std::string(), std::string("."), std::string(".."), none + payload + ".",
        none + payload + signature, rs256 + payload + signature, tampered, jwt.substr(0, second),
        jwt.substr(0, second + 1), jwt + ".x", jwt + std::string(5000, 'a'), " " + jwt}) {
    const auto verified = identity_->verify_device_token(forged);
    ASSERT_FALSE(verified) << forged;
    EXPECT_EQ(verified.error().code, ErrorCode::kUnauthenticated);
  }
}

TEST_F(LocalIdentityTest, TokensSurviveARestart) {
  const std::string secret = *identity_->set_device_secret(tenant_, device_);
  const std::string jwt = identity_->device_token(tenant_, device_, secret)->jwt;
  identity_.reset();
  identity_ = *LocalIdentity::open(folder_, clock_);
  EXPECT_TRUE(identity_->verify_device_token(jwt));
}

TEST_F(LocalIdentityTest, OfManyCallersExactlyOneRedeemsAClaim) {
  const std::string claim = *identity_->create_claim(tenant_, clock_.now() + hours(1));
  EXPECT_FALSE(identity_->redeem_claim(other_, claim));
  std::atomic<int> winners = 0;
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([&] {
      const auto own = *LocalIdentity::open(folder_, clock_);  // as another process would
      if (own->redeem_claim(tenant_, claim)) ++winners;
    });
  }
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(winners, 1);
}

TEST_F(LocalIdentityTest, CheckingAClaimLeavesItAsItIs) {
  const std::string claim = *identity_->create_claim(tenant_, clock_.now() + minutes(10));
  EXPECT_TRUE(identity_->check_claim(tenant_, claim));
  EXPECT_FALSE(identity_->check_claim(other_, claim));
  EXPECT_FALSE(identity_->check_claim(tenant_, "guess"));
  EXPECT_TRUE(identity_->redeem_claim(tenant_, claim));
  EXPECT_TRUE(identity_->check_claim(tenant_, claim)) << "a used claim is still known";
  clock_.advance(minutes(10));
  EXPECT_FALSE(identity_->check_claim(tenant_, claim));
}

TEST_F(LocalIdentityTest, ANewPasswordEndsTheOldOneAndItsSessions) {
  const std::string password = *identity_->add_user("anna", Role::kEngineer, tenant_);
  const UserSession session = *identity_->login("anna", password);
  const std::string renewed = *identity_->reset_password("anna");
  EXPECT_FALSE(identity_->session(session.id));
  EXPECT_FALSE(identity_->login("anna", password));
  EXPECT_TRUE(identity_->login("anna", renewed));
  EXPECT_EQ(identity_->reset_password("nobody").error().code, ErrorCode::kNotFound);
}

TEST_F(LocalIdentityTest, ClaimsExpire) {
  const std::string claim = *identity_->create_claim(tenant_, clock_.now() + minutes(10));
  clock_.advance(minutes(10));
  EXPECT_FALSE(identity_->redeem_claim(tenant_, claim));
}

TEST_F(LocalIdentityTest, LoginGivesASessionUntilLogoutOrIdleness) {
  const std::string password = *identity_->add_user("admin", Role::kAdministrator, tenant_);
  const UserSession session = *identity_->login("admin", password);
  EXPECT_EQ(session.principal.tenant, tenant_);
  EXPECT_EQ(identity_->session(session.id)->csrf_token, session.csrf_token);
  ASSERT_TRUE(identity_->logout(session.id));
  EXPECT_FALSE(identity_->session(session.id));

  const UserSession idle = *identity_->login("admin", password);
  clock_.advance(minutes(31));
  EXPECT_FALSE(identity_->session(idle.id));
}

TEST_F(LocalIdentityTest, ASessionInUseEndsAfterTwelveHours) {
  const std::string password = *identity_->add_user("admin", Role::kAdministrator, tenant_);
  const UserSession session = *identity_->login("admin", password);
  for (int i = 0; i < 35; ++i) {
    clock_.advance(minutes(20));
    EXPECT_TRUE(identity_->session(session.id)) << i;
  }
  clock_.advance(minutes(25));
  EXPECT_FALSE(identity_->session(session.id));
}

TEST_F(LocalIdentityTest, GuessingIsSlowedDownAndTellsNothing) {
  const std::string password = *identity_->add_user("admin", Role::kAdministrator, tenant_);
  for (int i = 0; i < 5; ++i) EXPECT_FALSE(identity_->login("admin", "wrong"));
  EXPECT_EQ(identity_->login("admin", password).error().code, ErrorCode::kResourceExhausted);
  clock_.advance(seconds(60));
  EXPECT_TRUE(identity_->login("admin", password));
  EXPECT_EQ(identity_->login("nobody", "x").error().message,
            identity_->login("admin", "x").error().message);
}

TEST_F(LocalIdentityTest, NothingSecretIsReadableByOthersOrStoredInClear) {
  const std::string secret = *identity_->set_device_secret(tenant_, device_);
  for (const auto& entry : std::filesystem::directory_iterator(folder_)) {
    struct stat status {};
    ASSERT_EQ(::stat(entry.path().c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 077, 0u) << entry.path();
    std::ifstream in(entry.path(), std::ios::binary);
    const std::string bytes((std::istreambuf_iterator<char>(in)), {});
    EXPECT_EQ(bytes.find(secret), std::string::npos) << entry.path();
  }
}

}  // namespace
}  // namespace millwright
