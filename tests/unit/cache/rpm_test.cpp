#include "cache/rpm_metadata.hpp"
#include "cache/rpm_repository.hpp"
#include "cache/rpm_state.hpp"
#include "unit/cache/freshness_fixture.hpp"

namespace kiln::tests {
namespace {

using cache::RepositoryUse;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::SizeIs;

std::string repomd(const std::string& open, const std::string& packed = "packed") {
    const std::string open_line =
        open.empty() ? "" : "<open-checksum type=\"sha256\">" + open + "</open-checksum>";
    return "<?xml version=\"1.0\"?>\n<repomd xmlns=\"http://linux.duke.edu/metadata/repo\" "
           "xmlns:rpm=\"http://linux.duke.edu/metadata/rpm\"><revision>1</revision>"
           "<data type=\"filelists\"><checksum type=\"sha256\">no</checksum></data>"
           "<data type=\"primary\"><checksum type=\"sha256\"> " +
           packed + "\n</checksum>" + open_line +
           "<location href=\"repodata/x-primary.xml.gz\"/><timestamp>1700000000</timestamp></data>"
           "</repomd>\n";
}

std::string metalink(const std::string& list, const std::string& old = "old") {
    return "<?xml version=\"1.0\"?><metalink version=\"3.0\" xmlns=\"http://www.metalinker.org/\" "
           "xmlns:mm0=\"http://fedorahosted.org/mirrormanager\"><files><file name=\"repomd.xml\">"
           "<verification><hash type=\"md5\">1</hash><hash type=\"sha256\">" +
           util::sha256(list) +
           "</hash></verification><mm0:alternates><mm0:alternate><verification>"
           "<hash type=\"sha256\">" +
           util::sha256(old) +
           "</hash></verification></mm0:alternate></mm0:alternates><resources>"
           "<url protocol=\"rsync\">rsync://a/repodata/repomd.xml</url>"
           "<url protocol=\"http\">http://a/os/repodata/repomd.xml</url>"
           "<url protocol=\"http\">http://b/os/repodata/repomd.xml</url>"
           "</resources></file></files></metalink>";
}

TEST(RpmRepository, IsReadFromItsFile) {
    const auto repositories = cache::parse_rpm_repositories(
        "# comment\n[base]\nname = Base $releasever\nbaseurl=http://a/$basearch/\n  http://b/\n"
        "gpgkey=file:///etc/a,file:///etc/b\nrepo_gpgcheck=1\n"
        "[off]\nenabled=0\nmirrorlist=http://list\n[nowhere]\nname=x\n[link]\nmetalink = "
        "http://m?a=1\n",
        {});
    ASSERT_THAT(repositories, SizeIs(3));
    EXPECT_EQ(repositories[0].id, "base");
    EXPECT_THAT(repositories[0].base_urls, ElementsAre("http://a/$basearch/", "http://b/"));
    EXPECT_THAT(repositories[0].keys, ElementsAre("file:///etc/a", "file:///etc/b"));
    EXPECT_TRUE(repositories[0].checks_list);
    EXPECT_FALSE(repositories[1].enabled);
    EXPECT_EQ(repositories[2].metalink, "http://m?a=1");
    EXPECT_FALSE(repositories[2].checks_list);
}

TEST(RpmRepository, TakesWhatMainSaysOfAll) {
    const auto defaults = cache::parse_rpm_defaults("[main]\ngpgcheck=1\nrepo_gpgcheck=True\n");
    EXPECT_TRUE(cache::parse_rpm_repositories("[a]\nbaseurl=http://a\n", defaults)[0].checks_list);
}

TEST(RpmRepository, ReplacesVariables) {
    const std::map<std::string, std::string> variables = {{"a", "1"}, {"ab", "2"}};
    EXPECT_EQ(cache::expand_variables("$a/${ab}/$ab-$c/${c}/${a/$", variables),
              "1/2/2-$c/${c}/${a/$");
}

TEST(RpmMetadata, TellsTheDigestOfTheUnpackedPrimary) {
    EXPECT_EQ(cache::parse_repomd(repomd("open"), "x").primary, "open");
    EXPECT_EQ(cache::parse_repomd(repomd(""), "x").primary, "packed");
    EXPECT_EQ(cache::parse_repomd(repomd("open"), "x").date, 1700000000);
    EXPECT_EQ(cache::parse_repomd("<repomd/>", "x").primary, cache::k_absent_index);
}

TEST(RpmMetadata, RefusesOtherDocuments) {
    std::string deep;
    for (int i = 0; i < 100; ++i) {
        deep += "<a>";
    }
    for (const std::string& text :
         {std::string("<html></html>"),
          std::string("nothing"),
          std::string(),
          repomd("open").substr(0, 200),
          deep,
          std::string("<!DOCTYPE a [<!ENTITY b \"c\">]><repomd>&b;</repomd>")}) {
        const util::ErrorInfo error = error_of([&] { cache::parse_repomd(text, "the list"); });
        EXPECT_EQ(error.code, util::ExitCode::remote);
        EXPECT_THAT(error.what, HasSubstr("'the list'"));
    }
}

TEST(RpmMetadata, ReadsListsOfMirrors) {
    const auto plain = cache::parse_mirrors("# list\nftp://a/os\nhttp://b/os/\nhttps://c\n", "x");
    EXPECT_THAT(plain.folders, ElementsAre("http://b/os/", "https://c"));
    EXPECT_THAT(plain.digests, IsEmpty());
    const auto link = cache::parse_mirrors(metalink("now"), "x");
    EXPECT_THAT(link.folders, ElementsAre("http://a/os/", "http://b/os/"));
    EXPECT_THAT(link.digests, ElementsAre(util::sha256("now"), util::sha256("old")));
    EXPECT_THROW(cache::parse_mirrors("<html/>", "x"), util::Error);
    EXPECT_THROW(cache::parse_mirrors("", "x"), util::Error);
}

class RpmState : public FreshnessFixture {
protected:
    RpmState() {
        client.pages.clear();
        files.write("tree/etc/os-release",
                    "ID=\"rocky\"\nID_LIKE=\"rhel centos\"\nVERSION_ID=\"9.3\"\n");
    }

    cache::TreePackages read() {
        return cache::read_package_state(
            util::RootDir(files / "tree"), {.architecture = "amd64"}, documents);
    }

    std::string repositories(const std::string& text) {
        return files.write("tree/etc/yum.repos.d/a.repo", text);
    }
};

TEST_F(RpmState, NamesTheRepositoriesOfATree) {
    repositories(
        "[base]\nbaseurl=http://me:word@host/$releasever/$basearch/$stream\n"
        "[link]\nmetalink=http://link/?repo=$releasever\n[off]\nbaseurl=http://off\nenabled=0\n"
        "[inside]\nbaseurl=file:///srv\n");
    files.write("tree/etc/dnf/vars/stream", "9-stream\n");
    files.directory("tree/srv");
    const auto packages = read();
    EXPECT_FALSE(packages.has_lists);
    const auto& uses = packages.state.repositories;
    ASSERT_THAT(uses, SizeIs(2));
    EXPECT_EQ(uses[0].url, "http://host/9/x86_64/9-stream/");
    EXPECT_EQ(uses[0].kind, RepositoryUse::Kind::rpm);
    EXPECT_EQ(uses[0].trust, RepositoryUse::Trust::none);
    EXPECT_EQ(uses[1].url, "http://link/?repo=9");
    EXPECT_EQ(uses[1].kind, RepositoryUse::Kind::rpm_mirrors);
    EXPECT_EQ(uses[1].indexes.at(0).title, "link");
    EXPECT_FALSE(packages.state.complete());
}

TEST_F(RpmState, TakesTheDigestFromTheListThatDnfKept) {
    repositories("[base]\nbaseurl=http://host/os\n[base-other]\nbaseurl=http://other/os\n");
    files.write("tree/var/cache/dnf/base-0123456789abcdef/repodata/repomd.xml", repomd("1"));
    files.write("tree/var/cache/libdnf5/base-other-0123456789abcdef/repodata/repomd.xml", "broken");
    const auto packages = read();
    EXPECT_TRUE(packages.has_lists);
    EXPECT_EQ(packages.state.repositories.at(0).indexes.at(0).digest, "1");
    EXPECT_EQ(packages.state.repositories.at(1).indexes.at(0).digest, "");
}

TEST_F(RpmState, IsCheckedByItsList) {
    repositories("[base]\nbaseurl=http://host/os\n");
    files.write("tree/var/cache/dnf/base-0123456789abcdef/repodata/repomd.xml", repomd("1"));
    const cache::PackageState state = read().state;
    client.pages["http://host/os/repodata/repomd.xml"] = repomd("1");
    EXPECT_EQ(check(state), "current");
    EXPECT_EQ(client.rounds, 1);
    client.pages["http://host/os/repodata/repomd.xml"] = repomd("2");
    EXPECT_EQ(check(state), "changed: base has new packages");
    client.pages["http://host/os/repodata/repomd.xml"] = "<html>";
    EXPECT_THAT(check(state), HasSubstr("cannot be read"));
    client.pages.clear();
    EXPECT_THAT(check(state), HasSubstr("404"));
}

TEST_F(RpmState, SignatureOfTheListCountsWhereTheRepositorySaysSo) {
    repositories(
        "[base]\nbaseurl=http://host/os\nrepo_gpgcheck=1\ngpgkey=file:///etc/key http://x/\n");
    files.write("tree/etc/key", "keys");
    files.write("tree/var/cache/dnf/base-0123456789abcdef/repodata/repomd.xml", repomd("1"));
    const cache::PackageState state = read().state;
    EXPECT_THAT(state.repositories.at(0).keyrings, ElementsAre(key));
    client.pages["http://host/os/repodata/repomd.xml"] = repomd("1");
    EXPECT_THAT(check(state), HasSubstr("404"));
    client.pages["http://host/os/repodata/repomd.xml.asc"] = "good";
    EXPECT_EQ(check(state), "current");
    client.pages["http://host/os/repodata/repomd.xml.asc"] = "bad";
    EXPECT_THAT(check(state), HasSubstr("is not good"));
}

TEST_F(RpmState, MirrorsAreAskedUntilOneHasWhatTheMetalinkSays) {
    cache::PackageState state = {
        {{.kind = RepositoryUse::Kind::rpm_mirrors,
          .url = "http://link",
          .trust = RepositoryUse::Trust::none,
          .indexes = {{.path = "primary", .title = "os", .digest = "2"}}}}};
    client.pages = {{"http://link", metalink(repomd("2"))},
                    {"http://a/os/repodata/repomd.xml", repomd("0")},
                    {"http://b/os/repodata/repomd.xml", repomd("2")}};
    EXPECT_EQ(check(state), "current");
    EXPECT_EQ(client.rounds, 3);
    EXPECT_EQ(check(state), "current");
    EXPECT_EQ(client.rounds, 4);
    client.pages["http://link"] = metalink(repomd("3"), repomd("2"));
    client.pages["http://a/os/repodata/repomd.xml"] = repomd("3");
    EXPECT_EQ(check(state), "changed: os has new packages");
    client.pages["http://link"] = metalink(repomd("4"));
    EXPECT_THAT(check(state), HasSubstr("are not up to date"));
    client.pages["http://link"] = "http://b/os/\n";
    EXPECT_EQ(check(state), "current");
}

} // namespace
} // namespace kiln::tests
