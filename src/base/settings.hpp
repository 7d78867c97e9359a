#pragma once

#include "base/base_images.hpp"
#include "net/curl_client.hpp"
#include "process/command.hpp"

namespace kiln::base {

/// How base images are fetched and kept, by the variables of a hook: DIB_IMAGE_CACHE, DIB_OFFLINE,
/// KILN_BASE_CACHE_SIZE, TMP_BUILD_DIR. Throws util::Error (code usage) that names the variable.
BaseImageOptions base_image_options(const process::Environment& environment);

/// KILN_DOWNLOAD_TRIES and KILN_DOWNLOAD_STALL (seconds).
net::ClientOptions client_options(const process::Environment& environment);

} // namespace kiln::base
