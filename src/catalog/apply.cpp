#include "catalog/apply.hpp"

#include "store/store_error.hpp"
#include "util/utc_time.hpp"

#include <chrono>
#include <ctime>
#include <set>

namespace kiln::catalog {
namespace {

using store::Problem;
using store::Removal;
using store::StoreError;

void tell_removal(Removal removal, const Operation& operation, report::Reporter& reporter) {
    if (removal == Removal::in_use) {
        reporter.warn("cannot " + operation.text + " yet: it is in use");
    } else if (removal == Removal::is_protected) {
        reporter.warn("cannot " + operation.text + ": it is protected");
    }
}

[[noreturn]] void explain_refusal(const StoreError& error, const Operation& operation) {
    util::ErrorInfo info = error.info();
    const bool visibility = operation.change.visibility.has_value();
    if (error.problem() == Problem::forbidden && visibility) {
        const std::string wanted = store::visibility_name(*operation.change.visibility);
        info.what = "this user may not make images " + wanted + ": " + info.what;
        info.hint = "the image is complete and waits, and the old one is as it was; run the same "
                    "command as a user who may (usually with role admin), or with --visibility "
                    "community, shared or private";
    }
    throw StoreError(error.problem(), info);
}

void perform(const Operation& operation, store::ImageStore& store, report::Reporter& reporter) {
    switch (operation.kind) {
    case Operation::Kind::change:
        store.update(operation.id, operation.change);
        break;
    case Operation::Kind::deactivate:
        store.deactivate(operation.id);
        break;
    case Operation::Kind::reactivate:
        store.reactivate(operation.id);
        break;
    case Operation::Kind::remove:
        tell_removal(store.remove(operation.id), operation, reporter);
        break;
    }
}

store::ImageFilter own(store::ImageStore& store, const std::string& tag) {
    store::ImageFilter filter = {.tags = {tag}};
    const std::string owner = store.owner();
    if (!owner.empty()) {
        filter.owner = owner;
    }
    return filter;
}

std::vector<store::Image> list_both(store::ImageStore& store, store::ImageFilter filter) {
    // Visible ones first: rotation hides, so an image that changes sides between the two is seen
    // twice and not missed. The later look counts.
    filter.hidden = store::ImageFilter::Hidden::no;
    std::vector<store::Image> visible = store.list(filter);
    filter.hidden = store::ImageFilter::Hidden::only;
    std::vector<store::Image> images = store.list(filter);
    std::set<std::string> seen;
    for (const store::Image& image : images) {
        seen.insert(image.id);
    }
    for (store::Image& image : visible) {
        if (seen.count(image.id) == 0) {
            images.push_back(std::move(image));
        }
    }
    return images;
}

} // namespace

void apply(const Rotation& rotation, store::ImageStore& store, report::Reporter& reporter) {
    for (const Operation& operation : rotation.operations) {
        try {
            perform(operation, store, reporter);
        } catch (const StoreError& error) {
            explain_refusal(error, operation);
        }
        reporter.info(operation.text);
    }
}

std::vector<store::Image> managed_images(store::ImageStore& store, const std::string& tag) {
    return list_both(store, own(store, tag));
}

Family read_family(store::ImageStore& store, const std::string& tag, const std::string& name) {
    store::ImageFilter filter = own(store, tag);
    filter.properties[key::k_family] = name;
    return family_of(name, list_both(store, filter));
}

std::string time_now() {
    using std::chrono::milliseconds;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto count = std::chrono::duration_cast<milliseconds>(now).count();
    constexpr long k_second = 1000;
    std::string text = util::iso_time(count / k_second);
    text.pop_back();
    const std::string fraction = std::to_string(k_second + count % k_second).substr(1);
    return text + "." + fraction + "Z";
}

std::string time_before(long seconds) {
    return util::iso_time(std::time(nullptr) - seconds);
}

} // namespace kiln::catalog
