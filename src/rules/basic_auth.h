// SPDX-License-Identifier: Apache-2.0
// Basic authentication (RFC 7617): who a client says it is, and which hash its password must fit.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/rules_model.h"
#include "http/head.h"

namespace gg {

/// What a client shows. Not for logs.
struct Credentials {
  std::string user;
  std::string password;
};

/// Of the value of Authorization; nothing if that is of another kind or cannot be read.
std::optional<Credentials> basic_credentials_of(std::string_view authorization);

/// The users of one route. Immutable; any thread.
class BasicAuth {
 public:
  explicit BasicAuth(const BasicAuthConfig& config);

  struct Wanted {
    std::string_view hash;    // of crypt(5)
    bool is_of_user = false;  // false: of somebody else, so that it takes as long to say no
  };
  Wanted wanted_of(std::string_view user) const;
  /// WWW-Authenticate.
  const std::string& challenge() const { return challenge_; }
  /// Do endpoints get the credentials?
  bool passes_on() const { return passes_on_; }

 private:
  std::vector<BasicUser> users_;  // by name
  std::string challenge_;
  bool passes_on_;
};

/// Overwrites what must not stay in memory.
void forget(std::string& secret);

/// Does the password fit the hash? Takes a tenth of a second or so, on purpose: not for workers.
/// Compares in constant time.
bool password_fits(const std::string& password, const std::string& hash);

}  // namespace gg
