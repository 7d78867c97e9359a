#include "net/url.hpp"
#include "store/glance/image_client.hpp"
#include "store/glance/refusal.hpp"

namespace kiln::store {
namespace {

std::string members_path(const std::string& id) {
    return "/v2/images/" + net::encode_component(id) + "/members";
}

std::string member_path(const std::string& id, const std::string& project) {
    return members_path(id) + "/" + net::encode_component(project);
}

std::string word_of(MemberStatus status) {
    switch (status) {
    case MemberStatus::pending:
        return "pending";
    case MemberStatus::accepted:
        return "accepted";
    case MemberStatus::rejected:
        return "rejected";
    }
    return "pending";
}

/// Ids of projects are letters and digits, so nothing needs escaping; what else is asked for is
/// refused by the service.
std::string body_of(const std::string& key, const std::string& value) {
    return R"({")" + key + R"(": ")" + net::encode_component(value) + R"("})";
}

} // namespace

std::vector<Member> ImageClient::members(const std::string& id) {
    const net::HttpAnswer answer = ask("GET", members_path(id));
    require_success(answer, "list the members of image '" + id + "'");
    return members_from_json(answer.body);
}

void ImageClient::add_member(const std::string& id, const std::string& project) {
    const net::HttpAnswer answer = ask("POST", members_path(id), body_of("member", project));
    // It is one already, perhaps by an earlier try whose answer was lost.
    if (answer.status != 409) {
        require_success(answer, "share image '" + id + "' with project '" + project + "'");
    }
}

void ImageClient::remove_member(const std::string& id, const std::string& project) {
    const net::HttpAnswer answer = ask("DELETE", member_path(id, project));
    if (answer.status != 404) {
        require_success(answer, "end sharing image '" + id + "' with project '" + project + "'");
    }
}

void ImageClient::set_member_status(const std::string& id,
                                    const std::string& project,
                                    MemberStatus status) {
    require_success(ask("PUT", member_path(id, project), body_of("status", word_of(status))),
                    "answer for project '" + project + "' to the sharing of image '" + id + "'");
}

} // namespace kiln::store
