#include "net/url.hpp"
#include "store/glance/paths.hpp"
#include "store/glance/session.hpp"
#include "util/edit_distance.hpp"
#include "util/error.hpp"
#include "util/text.hpp"

namespace kiln::store {
namespace {

constexpr const char* k_service = "image";

[[noreturn]] void refuse_endpoint(const std::string& what, const std::string& hint) {
    throw util::Error({.what = what, .hint = hint, .code = util::ExitCode::remote});
}

std::string joined(const std::set<std::string>& words) {
    return util::join({words.begin(), words.end()}, ", ");
}

/// Without "/v2", "/v2.1" and slashes at the end: the paths of calls begin with it.
std::string without_version(const std::string& url) {
    std::string base = without_slashes(url);
    const std::size_t slash = base.rfind('/');
    const bool has_path = slash != std::string::npos && slash > 0 && base[slash - 1] != '/';
    const std::string last = has_path ? base.substr(slash + 1) : "";
    const bool is_version =
        last == "v2" ||
        (last.rfind("v2.", 0) == 0 && last.find_first_not_of("0123456789", 3) == std::string::npos);
    return is_version ? without_slashes(base.substr(0, slash)) : base;
}

/// What the catalog has of the service, and where.
struct Offer {
    std::vector<Token::Endpoint> endpoints{};
    std::set<std::string> regions{};
    std::set<std::string> interfaces{};
};

Offer offer_of(const Token& token) {
    Offer offer;
    for (const Token::Endpoint& endpoint : token.catalog) {
        if (endpoint.service == k_service && !endpoint.url.empty()) {
            offer.endpoints.push_back(endpoint);
            offer.regions.insert(endpoint.region);
            offer.interfaces.insert(endpoint.interface);
        }
    }
    return offer;
}

std::string region_of(const Cloud& cloud, const Offer& offer) {
    if (!cloud.region.empty()) {
        return cloud.region;
    }
    if (offer.regions.size() > 1) {
        refuse_endpoint("cloud '" + cloud.name + "' has several regions: " + joined(offer.regions),
                        "give --region NAME, or region_name in clouds.yaml (OS_REGION_NAME)");
    }
    return *offer.regions.begin();
}

void require_region(const Cloud& cloud, const Offer& offer, const std::string& region) {
    if (offer.regions.count(region) == 0) {
        refuse_endpoint("cloud '" + cloud.name + "' has no image service in region '" + region +
                            "'",
                        util::did_you_mean(region,
                                           {offer.regions.begin(), offer.regions.end()},
                                           "regions that have one: " + joined(offer.regions)));
    }
}

[[noreturn]] void
refuse_interface(const Cloud& cloud, const Offer& offer, const std::string& region) {
    std::set<std::string> interfaces;
    for (const Token::Endpoint& endpoint : offer.endpoints) {
        if (endpoint.region == region) {
            interfaces.insert(endpoint.interface);
        }
    }
    refuse_endpoint("cloud '" + cloud.name + "' has no '" + cloud.interface +
                        "' address of the image service in region '" + region + "'",
                    "set interface in clouds.yaml (OS_INTERFACE) to one of: " + joined(interfaces));
}

} // namespace

std::string image_endpoint(const Cloud& cloud, const Token& token) {
    if (!cloud.image_endpoint.empty()) {
        return without_version(cloud.image_endpoint);
    }
    if (token.catalog.empty()) {
        refuse_endpoint("the token of cloud '" + cloud.name + "' comes without a catalog",
                        "name the project to work in: project_name (OS_PROJECT_NAME)");
    }
    const Offer offer = offer_of(token);
    if (offer.endpoints.empty()) {
        refuse_endpoint("cloud '" + cloud.name + "' has no image service in its catalog",
                        "if there is one, say where: image_endpoint_override in clouds.yaml");
    }
    const std::string region = region_of(cloud, offer);
    require_region(cloud, offer, region);
    for (const Token::Endpoint& endpoint : offer.endpoints) {
        if (endpoint.region == region && endpoint.interface == cloud.interface) {
            return without_version(endpoint.url);
        }
    }
    refuse_interface(cloud, offer, region);
}

} // namespace kiln::store
