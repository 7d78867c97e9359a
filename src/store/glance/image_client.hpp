#pragma once

#include "store/glance/image_json.hpp"
#include "store/glance/session.hpp"
#include "store/image_store.hpp"

#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace kiln::store {

/// How a service gets the data of an image by itself.
struct ImportRequest {
    enum class Method { glance_direct, web_download, copy_image };

    Method method = Method::glance_direct;
    /// web_download: where the service fetches from.
    std::string uri{};
    /// Names of the service's stores; empty: its default.
    std::vector<std::string> stores{};
    bool all_stores = false;
    /// Whether one store that fails fails the import.
    bool all_must_succeed = true;
};

enum class MemberStatus { pending, accepted, rejected };

/// The Image API v2 of one region, a function a call. Failures are StoreError. What is said of
/// states is what Glance 25 (Zed) was seen to do.
class ImageClient {
public:
    explicit ImageClient(Session& session) : session_(session) {}

    /// Filters at the server, in pages of 1000; asks for each page itself (the links of the service
    /// lose all but one of several tags).
    std::vector<Image> list(const ImageFilter& filter);

    std::optional<Image> show(const std::string& id);

    /// Chooses an id where the image has none, and so knows after a lost answer whether it is
    /// there.
    Image create(const NewImage& image);

    /// Streams the data and waits until the image is active. store: which of the service's stores
    /// keeps it; empty: its default. After a lost answer the state decides.
    Image put_data(const std::string& id, const ImageData& data, const std::string& store = {});

    /// The first half of an import by glance-direct.
    void stage(const std::string& id, const ImageData& data);

    /// Starts an import; wait_for_import() sees it end.
    void start_import(const std::string& id, const ImportRequest& request);

    /// Until it is active, or for copy-image nothing is left to copy. Throws StoreError with the
    /// service's reason when it failed, and when it takes longer than limit.
    Image wait_for_import(const std::string& id, std::chrono::seconds limit);

    /// Downloads into a file whose present bytes are a beginning that is kept.
    void get_data(const Image& image,
                  const std::string& path,
                  const std::function<void(std::uint64_t, std::uint64_t)>& progress);

    Image update(const std::string& id, const ImageChange& change);
    void add_tag(const std::string& id, const std::string& tag);
    void remove_tag(const std::string& id, const std::string& tag);
    void deactivate(const std::string& id);
    void reactivate(const std::string& id);
    Removal remove(const std::string& id);

    /// Removes the copy of an image in one of the service's stores.
    void remove_from_store(const std::string& id, const std::string& store);

    std::vector<Member> members(const std::string& id);
    void add_member(const std::string& id, const std::string& project);
    void remove_member(const std::string& id, const std::string& project);
    /// Said by the member, or by an admin for it.
    void set_member_status(const std::string& id, const std::string& project, MemberStatus status);

    [[nodiscard]] Session& session() const { return session_; }

private:
    std::vector<Image> list_once(const ImageFilter& filter);
    net::HttpAnswer ask(const std::string& method, const std::string& path, std::string body = {});
    CallResult try_create(const NewImage& image);
    CallResult
    send_data(const std::string& path, const ImageData& data, const std::string& store = {});
    Image settle_upload(const std::string& id, ImageStatus begun, const std::string& doing);
    void act(const std::string& id, const std::string& action);
    Image must_show(const std::string& id, const std::string& doing);
    net::HttpAnswer patch(const std::string& id, const ImageChange& change);
    [[nodiscard]] std::string failure_reason(const std::string& id);

    Session& session_;
};

/// The query of one page; last is the id of the last image of the page before.
std::string list_query(const ImageFilter& filter, const std::string& last);

} // namespace kiln::store
