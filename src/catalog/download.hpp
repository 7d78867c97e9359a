#pragma once

#include "report/reporter.hpp"
#include "store/image_store.hpp"

#include <string>

namespace kiln::catalog {

struct Download {
    enum class Result { downloaded, unchanged };

    std::string path;
    Result result = Result::downloaded;
};

/// Makes FOLDER/ID.FORMAT the data of an active image, whole or not at all; a try that broke is
/// gone on with. A note beside it ("….download.json") tells what was verified, so that nothing is
/// fetched or read again while file and image are the same; a file that is right but has no note
/// gets one. Of several at once, one downloads and the others wait. Throws util::Error.
Download download(store::ImageStore& store,
                  const store::Image& image,
                  const std::string& folder,
                  report::Reporter& reporter);

} // namespace kiln::catalog
