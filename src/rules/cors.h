// SPDX-License-Identifier: Apache-2.0
// Whose pages in browsers may read an answer (the Fetch standard, "CORS protocol").
#pragma once

#include <string>
#include <string_view>

#include "config/rules_model.h"
#include "http/head.h"

namespace gg {

/// Immutable: any number of threads may ask at once. No allocation per request.
class Cors {
 public:
  explicit Cors(const CorsConfig& config);

  /// Is it what a browser asks before the request itself?
  static bool is_preflight(const RequestHead& head);
  /// What goes into Access-Control-Allow-Origin; empty: the page may not read the answer. Borrows
  /// from the head.
  std::string_view allowed_origin(const RequestHead& head) const;
  /// Does the answer depend on who asks?
  bool varies() const { return !is_for_everybody_; }
  bool with_credentials() const { return with_credentials_; }

  // Values of Access-Control-*; empty: no such field.
  std::string_view expose() const { return expose_; }
  std::string_view methods() const { return methods_; }
  std::string_view headers() const { return headers_; }
  std::string_view max_age() const { return max_age_; }

  /// Is it one of the fields that say all this? What endpoints say of it is replaced.
  static bool is_own_field(const Field& field);

 private:
  std::vector<std::string> origins_;  // in lower case
  bool is_for_everybody_;
  bool with_credentials_;
  std::string expose_;
  std::string methods_;
  std::string headers_;
  std::string max_age_;
};

}  // namespace gg
