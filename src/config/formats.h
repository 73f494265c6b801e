// SPDX-License-Identifier: Apache-2.0
// The notations of the configuration's texts: each reads one C++ type and prints it again. Used
// by tables.cc, and by the command line for addresses and endpoints.
#pragma once

#include "config/schema.h"

namespace gg {

// address_formats.cc. The type that each reads and prints stands behind it.

extern const Format listen_address_format;  // ListenAddress
extern const Format admin_address_format;   // std::optional<ListenAddress>; "off" is none
extern const Format network_format;         // IpNetwork
extern const Format endpoint_url_format;    // EndpointUrl
extern const Format etcd_server_format;     // EndpointUrl, of which the port may be left out
extern const Format host_pattern_format;    // std::string: a name in lower case, or "*.name"

// text_formats.cc

extern const Format any_text_format;         // std::string, not empty, one line
extern const Format file_format;             // std::string: a file's name
extern const Format account_format;          // std::string: a user or a group
extern const Format deployment_name_format;  // std::string; "auto" is empty
extern const Format upstream_name_format;    // std::string
extern const Format method_format;           // std::string: a request method
extern const Format header_name_format;      // std::string, put in lower case
extern const Format header_value_format;     // std::string
extern const Format cookie_name_format;      // std::string
extern const Format path_prefix_format;      // std::string, without a slash at its end
extern const Format path_format;             // std::string
extern const Format regex_format;            // std::string that RE2 accepts
extern const Format retry_on_format;         // RetryOn
extern const Format share_format;            // Share
extern const Format rate_format;             // Rate
extern const Format hedge_after_format;      // std::string: "p99", a duration or "off"
extern const Format state_format;            // StateConfig

// log_formats.cc

extern const Format log_target_format;  // LogTarget
extern const Format log_format_format;  // LogFormat
extern const Format collector_format;   // std::optional<CollectorUrl>; "off" is none
extern const Format redis_url_format;   // RedisUrl

// rule_formats.cc

extern const Format changed_field_format;    // std::string: a field that may be set, as written
extern const Format removed_field_format;    // std::string: one that may be removed; lower case
extern const Format field_text_format;       // HeaderText: its text, with variables
extern const Format body_text_format;        // std::string: any text, several lines too
extern const Format request_host_format;     // std::string; "client" is empty
extern const Format redirect_target_format;  // std::string: "https" or a URL with variables
extern const Format added_prefix_format;     // std::string: a path
extern const Format replacement_format;      // std::string: a path with \\1 to \\9
extern const Format origin_format;           // std::string: "https://host", or "*"
extern const Format error_page_name_format;  // std::string: "404" or "5xx"
extern const Format error_page_format;       // ErrorPage: its file

// auth_formats.cc

extern const Format user_name_format;      // std::string: of a user, without a colon
extern const Format password_hash_format;  // BasicUser: the hash of the password
extern const Format realm_format;          // std::string

}  // namespace gg
