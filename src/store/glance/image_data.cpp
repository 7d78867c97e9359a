#include "net/url.hpp"
#include "store/glance/image_client.hpp"
#include "store/glance/paths.hpp"
#include "store/glance/refusal.hpp"
#include "util/digest.hpp"
#include "util/fd.hpp"
#include "util/text.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>

namespace kiln::store {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int k_data_tries = 4;
constexpr milliseconds k_poll{500};
constexpr milliseconds k_slow_poll{2000};

/// Glance takes two seconds to put an image back whose upload broke.
constexpr seconds k_settle{30};

StoreError unavailable(const std::string& what) {
    return {Problem::unavailable,
            {.what = what, .hint = "run the same command again", .code = util::ExitCode::remote}};
}

std::string method_name(ImportRequest::Method method) {
    switch (method) {
    case ImportRequest::Method::glance_direct:
        return "glance-direct";
    case ImportRequest::Method::web_download:
        return "web-download";
    case ImportRequest::Method::copy_image:
        return "copy-image";
    }
    return "";
}

std::string import_body(const ImportRequest& request) {
    nlohmann::json body = {{"method", {{"name", method_name(request.method)}}}};
    if (!request.uri.empty()) {
        body["method"]["uri"] = request.uri;
    }
    if (!request.stores.empty()) {
        body["stores"] = request.stores;
    }
    if (request.all_stores) {
        body["all_stores"] = true;
    }
    if (request.all_stores || !request.stores.empty()) {
        body["all_stores_must_succeed"] = request.all_must_succeed;
    }
    return body.dump();
}

/// A file that a download appends to.
class Target {
public:
    explicit Target(const std::string& path)
        : path_(path), fd_(util::open_file(path, O_RDWR | O_CREAT | O_NOFOLLOW, 0644)) {
        struct stat info = {};
        if (::fstat(fd_.get(), &info) != 0) {
            util::throw_errno("cannot look at '" + path + "'");
        }
        size_ = static_cast<std::uint64_t>(info.st_size);
        seek_end();
    }

    [[nodiscard]] std::uint64_t size() const { return size_; }

    void restart() {
        if (::ftruncate(fd_.get(), 0) != 0) {
            util::throw_errno("cannot empty '" + path_ + "'");
        }
        size_ = 0;
        seek_end();
    }

    void append(std::string_view data) {
        util::write_all(fd_.get(), data, path_);
        size_ += data.size();
    }

private:
    void seek_end() {
        if (::lseek(fd_.get(), 0, SEEK_END) < 0) {
            util::throw_errno("cannot go to the end of '" + path_ + "'");
        }
    }

    std::string path_;
    util::Fd fd_;
    std::uint64_t size_ = 0;
};

} // namespace

CallResult
ImageClient::send_data(const std::string& path, const ImageData& data, const std::string& store) {
    net::HttpRequest request = {
        .method = "PUT",
        .url = path,
        .headers = {"Content-Type: application/octet-stream"},
        .upload = net::UploadBody{.size = data.size, .read = data.read, .rewind = data.rewind}};
    if (!store.empty()) {
        request.headers.push_back("X-Image-Meta-Store: " + store);
    }
    return session_.call(std::move(request), Repeat::when_unseen);
}

/// After an upload of which nobody knows how it ended: the image when it left the state that the
/// upload had brought it to.
Image ImageClient::settle_upload(const std::string& id,
                                 ImageStatus begun,
                                 const std::string& doing) {
    for (milliseconds waited{0};; waited += k_poll) {
        std::optional<Image> image = show(id);
        if (!image) {
            throw StoreError(Problem::absent,
                             {.what = "cannot " + doing + ": somebody deleted it meanwhile",
                              .code = util::ExitCode::remote});
        }
        if (image->status != begun) {
            return std::move(*image);
        }
        if (waited >= k_settle) {
            throw StoreError(unavailable("cannot " + doing + ": it stays in state '" +
                                         status_name(begun) + "'"));
        }
        session_.pause(k_poll);
    }
}

Image ImageClient::put_data(const std::string& id,
                            const ImageData& data,
                            const std::string& store) {
    const std::string doing = "upload image '" + id + "'";
    for (int round = 1;; ++round) {
        const CallResult result = send_data(image_path(id) + "/file", data, store);
        const bool conflict = !result.uncertain && result.answer.status == 409 && round > 1;
        if (!result.uncertain && !conflict) {
            require_success(result.answer, doing);
        }
        Image image = settle_upload(id, ImageStatus::saving, doing);
        if (image.is_complete()) {
            return image;
        }
        if (!result.uncertain || image.status != ImageStatus::queued || round >= k_data_tries) {
            throw StoreError(unavailable("cannot " + doing + ": " + result.reason +
                                         (result.reason.empty() ? "" : ", and ") +
                                         "its state is '" + status_name(image.status) + "'"));
        }
        data.rewind();
    }
}

void ImageClient::stage(const std::string& id, const ImageData& data) {
    const std::string doing = "stage the data of image '" + id + "'";
    for (int round = 1;; ++round) {
        const CallResult result = send_data(image_path(id) + "/stage", data);
        if (!result.uncertain) {
            require_success(result.answer, doing);
            return;
        }
        const std::optional<Image> image = show(id);
        if (image && image->status == ImageStatus::uploading && image->size == data.size) {
            return;
        }
        if (!image || image->status != ImageStatus::queued || round >= k_data_tries) {
            throw StoreError(unavailable("cannot " + doing + ": " + result.reason));
        }
        data.rewind();
    }
}

void ImageClient::start_import(const std::string& id, const ImportRequest& request) {
    const std::string doing = "import image '" + id + "' by " + method_name(request.method);
    for (int round = 1;; ++round) {
        const std::optional<Image> before = show(id);
        const CallResult result = session_.call({.method = "POST",
                                                 .url = image_path(id) + "/import",
                                                 .headers = {"Content-Type: application/json"},
                                                 .body = import_body(request)},
                                                Repeat::when_unseen);
        if (!result.uncertain) {
            require_success(result.answer, doing);
            return;
        }
        const std::optional<Image> after = show(id);
        if (after && before && after->status != before->status) {
            return;
        }
        if (!after || round >= k_data_tries) {
            throw StoreError(unavailable("cannot " + doing + ": " + result.reason));
        }
    }
}

/// Only tasks tell why an import failed, and only some users may see them.
std::string ImageClient::failure_reason(const std::string& id) {
    const net::HttpAnswer answer = ask("GET", image_path(id) + "/tasks");
    return answer.status == 200 ? failed_task_message(answer.body) : "";
}

Image ImageClient::wait_for_import(const std::string& id, std::chrono::seconds limit) {
    const std::string doing = "import image '" + id + "'";
    milliseconds pause = k_poll;
    for (milliseconds waited{0};; waited += pause) {
        std::optional<Image> image = show(id);
        if (!image) {
            throw StoreError(Problem::absent,
                             {.what = "cannot " + doing + ": somebody deleted it meanwhile",
                              .code = util::ExitCode::remote});
        }
        if (!image->failed_import.empty()) {
            const std::string reason = failure_reason(id);
            throw StoreError(
                Problem::unavailable,
                {.what = "cannot " + doing + ": it failed in store '" + image->failed_import + "'" +
                         (reason.empty() ? "" : ": " + reason),
                 .hint = "is there space and quota, and is the data of the format that it is said "
                         "to be? the service's log tells more",
                 .code = util::ExitCode::remote});
        }
        if (image->is_complete() && !image->is_importing) {
            return std::move(*image);
        }
        if (waited >= limit) {
            throw StoreError(unavailable("cannot " + doing + ": it is '" +
                                         status_name(image->status) + "' after " +
                                         util::human_duration(waited)));
        }
        session_.pause(pause);
        pause = waited > seconds(10) ? k_slow_poll : k_poll;
    }
}

void ImageClient::get_data(const Image& image,
                           const std::string& path,
                           const std::function<void(std::uint64_t, std::uint64_t)>& progress) {
    const std::string doing = "download image '" + image.id + "'";
    const std::uint64_t total = image.size.value_or(0);
    Target target(path);
    if (target.size() > total) {
        target.restart();
    }
    for (int round = 1; target.size() < total || (round == 1 && total == 0); ++round) {
        const std::uint64_t begun = target.size();
        net::HttpRequest request = {.url = image_path(image.id) + "/file"};
        if (begun > 0) {
            request.headers = {"Range: bytes=" + std::to_string(begun) + "-"};
        }
        request.on_head = [&](long status) {
            if (status == 200 && target.size() > 0) {
                target.restart();
            }
            return status == 200 || status == 206 ? net::Verdict::take : net::Verdict::drop;
        };
        request.on_data = [&](std::string_view data) {
            target.append(data);
            progress(target.size(), total);
        };
        const CallResult result = session_.call(std::move(request), Repeat::when_unseen);
        if (!result.uncertain) {
            require_success(result.answer, doing);
        }
        const bool moved = target.size() > begun;
        round = moved ? 1 : round;
        if (target.size() < total && round >= k_data_tries) {
            throw StoreError(unavailable("cannot " + doing + ": " + result.reason));
        }
    }
}

} // namespace kiln::store
