#include "packages_fixture.hpp"

#include "image_tree.hpp"

namespace kiln::tests {

void Packages::prepare(const std::string& installation) {
    mirror.run({"add", "bookworm", "contrib", "other", "1"});
    mirror.run({"add", "bookworm", "main", "more", "1"});
    mirror.update("bookworm main", "app", "1");
    space.environment["DIB_FAKE_APT_KEY"] = mirror.key();
    space.environment["KILN_DOWNLOAD_TRIES"] = "2";
    space.hook("web", "pre-install.d/10-below", "echo below > /below");
    space.hook("web",
               "pre-install.d/20-sources",
               "echo '" + mirror.source("bookworm main") + "' > /etc/apt/sources.list.d/a.list");
    space.hook("web", "install.d/50-app", installation);
    space.hook("web", "install.d/60-above", "cat /usr/share/app/version > /above");
}

std::vector<std::string> Packages::words(const std::vector<std::string>& more) {
    std::vector<std::string> all = {"--env", "FAKE_OS_MEGABYTES=1"};
    all.insert(all.end(), more.begin(), more.end());
    for (const char* element : {"fake-os", "fake-apt", "web"}) {
        all.emplace_back(element);
    }
    return all;
}

Finished Packages::build(const std::vector<std::string>& more) const {
    return space.build(words(more));
}

void Packages::must_build(const std::vector<std::string>& more) const {
    const Finished result = build(more);
    ASSERT_EQ(result.exit_code, 0) << result.err;
}

std::vector<std::string> Packages::made(const std::vector<std::string>& more) {
    said = must_build_in(space, words(more)).err;
    return missed_in(said);
}

std::string Packages::installed(const std::string& package) const {
    const std::string path = "/usr/share/" + package + "/version";
    const auto version = read_from_image(space / "out/image.raw", path);
    return version ? version->substr(0, version->find('\n')) : "none";
}

void Packages::must_be_refused(const std::string& text) const {
    const std::string before = ask({"sha256sum", space / "out/image.raw"}).text;
    for (const Finished& result : {build(), build_in(space, words())}) {
        EXPECT_EQ(result.exit_code, 5) << result.err;
        for (const std::string& part :
             {text, std::string("--freshness=pinned"), std::string("--offline")}) {
            EXPECT_NE(result.err.find(part), std::string::npos) << part << "\n" << result.err;
        }
        for (const LayerAnswer& answer : answers_in(result.err)) {
            EXPECT_NE(answer.title, "install.d/50-app");
        }
    }
    EXPECT_EQ(ask({"sha256sum", space / "out/image.raw"}).text, before);
    EXPECT_EQ(space.list_without_records("out"), std::vector<std::string>{"image.raw"});
}

} // namespace kiln::tests
