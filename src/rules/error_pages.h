// SPDX-License-Identifier: Apache-2.0
// An operator's own pages for the gateway's errors.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/rules_model.h"

namespace gg {

/// Immutable: any number of threads may ask at once.
class ErrorPages {
 public:
  struct Page {
    std::string content;
    std::string_view content_type;  // by the file's name
  };

  /// Borrows nothing.
  explicit ErrorPages(std::span<const ErrorPage> pages);

  /// For that status, else for its class, else null.
  const Page* find(int status) const;

 private:
  struct Named {
    int status;  // 4 and 5 are classes
    Page page;
  };
  std::vector<Named> pages_;
};

/// The page with {status}, {reason} and {request_id} filled in; every other brace stays, for pages
/// have styles and scripts. Allocates.
std::string fill_in(const ErrorPages::Page& page, int status, std::string_view reason,
                    std::string_view request_id);

}  // namespace gg
