// SPDX-License-Identifier: Apache-2.0
#include "rules/basic_auth.h"

#include <crypt.h>
#include <string.h>  // NOLINT(modernize-deprecated-headers): explicit_bzero

#include <algorithm>
#include <memory>

#include "base/base64.h"
#include "base/text.h"

namespace gg {
namespace {

constexpr std::string_view scheme = "basic ";
/// What nobody's password is longer than, in base64.
constexpr std::size_t longest = 1024;

bool is_same(std::string_view one, std::string_view other) {
  if (one.size() != other.size()) return false;
  unsigned difference = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    difference |= static_cast<unsigned char>(one[i]) ^ static_cast<unsigned char>(other[i]);
  }
  return difference == 0;
}

}  // namespace

std::optional<Credentials> basic_credentials_of(std::string_view authorization) {
  bool is_basic = authorization.size() > scheme.size() &&
                  equal_ignoring_case(authorization.substr(0, scheme.size()), scheme);
  if (!is_basic || authorization.size() > longest) return std::nullopt;
  std::optional<std::string> text = decode_base64(trim(authorization.substr(scheme.size())));
  if (!text || text->contains('\0')) return std::nullopt;
  std::size_t colon = text->find(':');
  if (colon == std::string::npos) return std::nullopt;
  return Credentials{.user = text->substr(0, colon), .password = text->substr(colon + 1)};
}

BasicAuth::BasicAuth(const BasicAuthConfig& config)
    : users_(config.users_of_file),
      challenge_("Basic realm=\"" + config.realm + "\", charset=\"UTF-8\""),
      passes_on_(config.pass_on) {
  users_.insert(users_.end(), config.users.begin(), config.users.end());
  std::ranges::sort(users_, {}, &BasicUser::name);
}

BasicAuth::Wanted BasicAuth::wanted_of(std::string_view user) const {
  auto found = std::ranges::lower_bound(
      users_, user, {}, [](const BasicUser& one) { return std::string_view(one.name); });
  bool is_there = found != users_.end() && found->name == user;
  if (is_there) return {.hash = found->text, .is_of_user = true};
  return {.hash = users_.empty() ? std::string_view{} : users_.front().text, .is_of_user = false};
}

void forget(std::string& secret) { explicit_bzero(secret.data(), secret.size()); }

bool password_fits(const std::string& password, const std::string& hash) {
  auto room = std::make_unique<crypt_data>();
  const char* made = crypt_r(password.c_str(), hash.c_str(), room.get());
  bool fits = made != nullptr && !hash.empty() && is_same(made, hash);
  explicit_bzero(room.get(), sizeof(crypt_data));
  return fits;
}

}  // namespace gg
