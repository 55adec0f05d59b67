#pragma once

#include "net/message.h"

/// What a client's header fields make of an answer. Handlers know nothing of it: they answer a GET
/// in full, with a strong ETag.
namespace specd::net {

/// Whether the client takes gzip (RFC 9110, section 12.5.3) no less gladly than the bytes as they
/// are.
[[nodiscard]] bool takes_gzip(const Fields& headers);

/// `response` as the client wants it. Where it is text and worth the while, gzip for who takes
/// that; an ETag names the bytes before that, so it becomes a weak one. And 304 for who has it by
/// If-None-Match (section 13.1.2), with the fields that the 200 would have and that keep a cache in
/// step (section 15.4.5).
[[nodiscard]] Response negotiated(Response response, const Request& request);

}  // namespace specd::net
