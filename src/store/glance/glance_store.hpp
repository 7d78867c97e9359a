#pragma once

#include "net/http_client.hpp"
#include "store/glance/image_client.hpp"
#include "store/image_store.hpp"

#include <chrono>
#include <memory>
#include <string>
#include <vector>

namespace kiln::store {

/// How data gets into Glance.
struct UploadWay {
    enum class Method { put, glance_direct };

    Method method = Method::put;
    /// Names of the service's stores; several need an import. Empty: its default.
    std::vector<std::string> stores{};
    bool all_stores = false;
    /// For an import, after the data was sent.
    std::chrono::seconds import_limit{3600};
};

/// ImageStore of one region of a cloud.
class GlanceStore : public ImageStore {
public:
    GlanceStore(std::unique_ptr<net::HttpClient> http,
                std::shared_ptr<TokenSource> tokens,
                std::string region,
                SessionOptions options,
                UploadWay way,
                report::Reporter& reporter);

    [[nodiscard]] std::string describe() const override;
    std::string owner() override;
    bool may_publicize() override;
    std::vector<Image> list(const ImageFilter& filter) override;
    std::optional<Image> find(const std::string& id) override;
    Image create(const NewImage& image) override;
    Image upload(const std::string& id, const ImageData& data) override;
    Image update(const std::string& id, const ImageChange& change) override;
    void deactivate(const std::string& id) override;
    void reactivate(const std::string& id) override;
    Removal remove(const std::string& id) override;
    void download(const std::string& id,
                  const std::string& path,
                  const std::function<void(std::uint64_t, std::uint64_t)>& progress) override;

    /// For what only Glance has: imports, members.
    [[nodiscard]] ImageClient& client() { return client_; }

private:
    Image import_data(const std::string& id, const ImageData& data);

    std::unique_ptr<net::HttpClient> http_;
    Session session_;
    ImageClient client_;
    UploadWay way_;
};

} // namespace kiln::store
