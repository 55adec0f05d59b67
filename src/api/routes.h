#pragma once

#include "api/readers.h"
#include "api/services.h"
#include "net/http_app.h"

namespace specd::api {

/// Every address of the API but the event stream, which the front desk keeps (events.h). All that
/// is lent outlives `app`.
void add_routes(net::App& app, const Services& services, Readers& readers, Searches& searches);

}  // namespace specd::api
