#include "store/glance/refusal.hpp"

#include "store/glance/image_json.hpp"

namespace kiln::store {
namespace {

std::string hint_for(Problem problem) {
    switch (problem) {
    case Problem::quota:
        return "free space, or ask the operator: openstack image list --sort size:desc";
    case Problem::forbidden:
        return "which roles does this user have? openstack role assignment list --names --user "
               "NAME";
    case Problem::conflict:
        return "look at the image's status: openstack image show ID";
    case Problem::unavailable:
        return "the service's log tells more; run the same command again";
    case Problem::invalid:
    case Problem::absent:
    case Problem::unauthorized:
    case Problem::damaged:
        return "";
    }
    return "";
}

} // namespace

Problem problem_of(long status) {
    switch (status) {
    case 401:
        return Problem::unauthorized;
    case 403:
        return Problem::forbidden;
    case 404:
    case 410:
        return Problem::absent;
    case 409:
        return Problem::conflict;
    case 413:
        return Problem::quota;
    default:
        return status >= 500 ? Problem::unavailable : Problem::invalid;
    }
}

StoreError refusal(const net::HttpAnswer& answer, const std::string& doing) {
    const std::string message = message_of(answer.body);
    const std::string request = answer.header("x-openstack-request-id");
    std::string what = "cannot " + doing + ": the image service answered " +
                       std::to_string(answer.status) + (message.empty() ? "" : ", " + message);
    if (answer.status >= 500 && !request.empty()) {
        what += " (" + request + ")";
    }
    const Problem problem = problem_of(answer.status);
    return {problem,
            {.what = std::move(what), .hint = hint_for(problem), .code = util::ExitCode::remote}};
}

void require_success(const net::HttpAnswer& answer, const std::string& doing) {
    if (answer.status < 200 || answer.status > 299) {
        throw StoreError(refusal(answer, doing));
    }
}

} // namespace kiln::store
