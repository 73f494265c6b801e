// SPDX-License-Identifier: Apache-2.0
// What nghttp2 calls, and how it is set up for a client. The inside of client.cc.
#pragma once

#include <nghttp2/nghttp2.h>

namespace gg {

class Http2ClientConnection;

/// A new session for that connection; nghttp2_session_del ends it.
nghttp2_session* make_http2_client_session(Http2ClientConnection& connection);

/// Gives DATA frames their bytes: those of the stream's present part.
nghttp2_data_provider http2_body_of_request();

}  // namespace gg
