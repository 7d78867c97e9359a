#include "archive/container_writer.hpp"

#include "util/digest.hpp"
#include "util/error.hpp"
#include "util/fd.hpp"

#include <nlohmann/json.hpp>

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <ctime>

namespace kiln::archive {
namespace {

using nlohmann::json;

constexpr const char* k_index = "application/vnd.oci.image.index.v1+json";
constexpr const char* k_manifest = "application/vnd.oci.image.manifest.v1+json";
constexpr const char* k_config = "application/vnd.oci.image.config.v1+json";
constexpr const char* k_layer = "application/vnd.oci.image.layer.v1.tar+gzip";
constexpr const char* k_path = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

/// GOARCH and variant, as both kinds of image name machines.
struct Platform {
    const char* debian;
    const char* architecture;
    const char* variant;
};

constexpr std::array<Platform, 6> k_platforms = {{{"i386", "386", ""},
                                                  {"armhf", "arm", "v7"},
                                                  {"armel", "arm", "v5"},
                                                  {"arm64", "arm64", "v8"},
                                                  {"ppc64el", "ppc64le", ""},
                                                  {"mips64el", "mips64le", ""}}};

json platform_of(const std::string& architecture) {
    json platform = {{"os", "linux"}, {"architecture", architecture}};
    for (const Platform& row : k_platforms) {
        if (architecture == row.debian) {
            platform["architecture"] = row.architecture;
            if (*row.variant != '\0') {
                platform["variant"] = row.variant;
            }
        }
    }
    return platform;
}

std::string timestamp(std::int64_t epoch) {
    const std::time_t seconds = epoch;
    std::tm time = {};
    ::gmtime_r(&seconds, &time);
    std::array<char, 32> text{};
    std::strftime(text.data(), text.size(), "%Y-%m-%dT%H:%M:%SZ", &time);
    return text.data();
}

std::string config_of(const ContainerImage& image) {
    json config = platform_of(image.architecture);
    const std::string created = timestamp(image.epoch);
    config["created"] = created;
    config["config"] = {{"Env", {k_path}}};
    config["rootfs"] = {{"type", "layers"}, {"diff_ids", {"sha256:" + image.layer.tar_digest}}};
    config["history"] = json::array({{{"created", created}, {"created_by", "kiln build"}}});
    return config.dump();
}

json descriptor(const char* type, const std::string& digest, std::uint64_t size) {
    return {{"mediaType", type}, {"digest", "sha256:" + digest}, {"size", size}};
}

void add_text(TarWriter& writer,
              const std::string& path,
              const std::string& content,
              std::int64_t epoch) {
    writer.add(plain_file(path, content.size(), epoch));
    writer.write(content);
}

void add_layer(TarWriter& writer, const std::string& path, const ContainerImage& image) {
    const util::Fd fd = util::open_file(image.layer.path, O_RDONLY);
    writer.add(plain_file(path, image.layer.size, image.epoch));
    std::string buffer(std::size_t{256} * 1024, '\0');
    ssize_t count = 0;
    while ((count = ::read(fd.get(), buffer.data(), buffer.size())) > 0) {
        writer.write({buffer.data(), static_cast<std::size_t>(count)});
    }
    if (count < 0) {
        util::throw_errno("cannot read '" + image.layer.path + "'");
    }
}

std::string manifest_of(const ContainerImage& image, const std::string& config) {
    const ContainerLayer& layer = image.layer;
    return json{{"schemaVersion", 2},
                {"mediaType", k_manifest},
                {"config", descriptor(k_config, util::sha256(config), config.size())},
                {"layers", json::array({descriptor(k_layer, layer.digest, layer.size)})}}
        .dump();
}

std::string index_of(const ContainerImage& image, const std::string& manifest) {
    json entry = descriptor(k_manifest, util::sha256(manifest), manifest.size());
    entry["platform"] = platform_of(image.architecture);
    entry["annotations"] = {
        {"io.containerd.image.name", image.reference.name + ":" + image.reference.tag},
        {"org.opencontainers.image.ref.name", image.reference.tag}};
    return json{{"schemaVersion", 2}, {"mediaType", k_index}, {"manifests", json::array({entry})}}
        .dump();
}

} // namespace

void write_oci_layout(const ContainerImage& image, TarWriter& writer) {
    const std::string config = config_of(image);
    const std::string manifest = manifest_of(image, config);
    const auto blob = [](const std::string& digest) { return "blobs/sha256/" + digest; };
    add_text(writer, "oci-layout", R"({"imageLayoutVersion":"1.0.0"})", image.epoch);
    add_text(writer, "index.json", index_of(image, manifest), image.epoch);
    add_text(writer, blob(util::sha256(manifest)), manifest, image.epoch);
    add_text(writer, blob(util::sha256(config)), config, image.epoch);
    add_layer(writer, blob(image.layer.digest), image);
}

void write_docker_archive(const ContainerImage& image, TarWriter& writer) {
    const std::string config = config_of(image);
    const std::string config_path = util::sha256(config) + ".json";
    const std::string layer_path = image.layer.tar_digest + "/layer.tar";
    const json entry = {{"Config", config_path},
                        {"RepoTags", {image.reference.name + ":" + image.reference.tag}},
                        {"Layers", {layer_path}}};
    add_text(writer, "manifest.json", json::array({entry}).dump(), image.epoch);
    add_text(writer, config_path, config, image.epoch);
    add_layer(writer, layer_path, image);
}

} // namespace kiln::archive
