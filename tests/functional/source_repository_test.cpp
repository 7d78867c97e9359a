#include "image_tree.hpp"
#include "util/text.hpp"
#include "workspace.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace kiln::tests {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

int free_port() {
    const int fd = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address = {};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = ::htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof(address);
    EXPECT_EQ(::bind(fd, reinterpret_cast<sockaddr*>(&address), size), 0);
    EXPECT_EQ(::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size), 0);
    ::close(fd);
    return ::ntohs(address.sin_port);
}

/// An element "e" that has sources fetched; a repository "repo" and a folder "www".
class Sources : public AsUser {
protected:
    void SetUp() override {
        AsUser::SetUp();
        if (IsSkipped()) {
            return;
        }
        space.emplace(GetParam());
        space->environment["DISTRO_NAME"] = "debian";
        space->write("elements/e/element-deps", "source-repositories\n");
        space->hook("e",
                    "root.d/60-install-packages",
                    "printf '#!/bin/bash\\n' > $TARGET_ROOT/bin/install-packages\n"
                    "chmod 755 $TARGET_ROOT/bin/install-packages");
        space->write("www/file", "from www\n");
    }

    void sources(const std::string& lines) {
        space->write("elements/e/source-repository-e", lines);
    }

    std::string git(const std::string& command) const {
        const Answer answer =
            ask({"/bin/sh",
                 "-c",
                 "mkdir -p '" + (*space / "repo") + "' && cd '" + (*space / "repo") +
                     "' && export GIT_CONFIG_GLOBAL=/dev/null && g() { git -c "
                     "user.name=a -c user.email=a@b \"$@\"; } && " +
                     command});
        EXPECT_EQ(answer.exit_code, 0) << answer.text;
        return std::string(util::trim(answer.text));
    }

    /// Commits a file with a text; gives the commit.
    std::string commit(const std::string& text) const {
        return git("{ [ -d .git ] || git init -q -b master .; } && echo '" + text +
                   "' > file && g add file && g commit -qm x >&2 && git rev-parse HEAD");
    }

    [[nodiscard]] std::string in_image(const std::string& path) const {
        return read_from_image(*space / "out/image.raw", path).value_or("nothing");
    }

    Running serve() {
        port_ = free_port();
        Program program = space->program({});
        program.argv = {"/usr/bin/python3",
                        "-m",
                        "http.server",
                        std::to_string(port_),
                        "--bind",
                        "127.0.0.1",
                        "--directory",
                        *space / "www"};
        program.output_prefix = *space / "server";
        Running server(program);
        EXPECT_TRUE(comes_true(std::chrono::seconds(20), [&] {
            return ask({"curl", "-sf", "-o", "/dev/null", url("file")}).exit_code == 0;
        })) << server.error_so_far();
        return server;
    }

    [[nodiscard]] std::string url(const std::string& name, const std::string& user = "") const {
        return "http://" + user + "127.0.0.1:" + std::to_string(port_) + "/" + name;
    }

    /// Makes www/NAME with tar's own words.
    void tar(const std::string& name, const std::string& command) const {
        const std::string top = *space / "www";
        const Answer answer =
            ask({"/bin/sh",
                 "-c",
                 "rm -rf '" + top + "/make' && mkdir '" + top + "/make' && cd '" + top +
                     "/make' && " + command + " && chmod 644 ../" + name + " && rm -rf ../make"});
        EXPECT_EQ(answer.exit_code, 0) << answer.text;
    }

    std::optional<Workspace> space{};
    int port_ = 0;
};

INSTANTIATE_TEST_SUITE_P(As, Sources, testing::Values(User::root, User::plain), user_name);

TEST_P(Sources, GitGivesBranchesTagsAndCommits) {
    const std::string first = commit("one");
    git("git tag v1 && git checkout -q -b side");
    commit("two");
    git("git checkout -q master");
    const std::string last = commit("three");
    const std::string repository = *space / "repo";
    sources("by-default git /opt/default " + repository + "\n" +             //
            "by-branch git /opt/branch file://" + repository + " side\n" +   //
            "by-tag git /opt/tag " + repository + " v1\n" +                  //
            "by-commit git /opt/commit " + repository + " " + first + "\n" + //
            "all git /opt/all " + repository + " *\n");
    space->must_build({"fake-os", "e"});
    EXPECT_EQ(in_image("/opt/default/file"), "three\n");
    EXPECT_EQ(in_image("/opt/branch/file"), "two\n");
    EXPECT_EQ(in_image("/opt/tag/file"), "one\n");
    EXPECT_EQ(in_image("/opt/commit/file"), "one\n");
    EXPECT_EQ(in_image("/opt/all/file"), "three\n");
    EXPECT_EQ(in_image("/opt/default/.git/HEAD"), last + "\n") << "it is detached";
    EXPECT_THAT(in_image("/opt/all/.git/packed-refs") +
                    util::join(util::split(in_image("/opt/all/.git/refs/heads/side"), '\n'), ""),
                Not(HasSubstr("nothing")));
    EXPECT_THAT(in_image("/etc/dib-source-repositories"),
                AllOf(HasSubstr("/opt/default\n"), HasSubstr("/opt/tag\n")));
    EXPECT_THAT(in_image("/etc/dib-manifests/dib-manifest-git-image"),
                AllOf(HasSubstr("by-default git /opt/default " + repository + " " + last + "\n"),
                      HasSubstr("by-tag git /opt/tag " + repository + " " + first + "\n")));
}

TEST_P(Sources, GitIsFetchedAgainWhenABranchMovesButNotOffline) {
    commit("one");
    sources("r git /opt/r " + (*space / "repo") + "\n");
    const auto built = [&](std::vector<std::string> words) {
        words.insert(words.end(), {"fake-os", "e"});
        space->must_build(words);
        return in_image("/opt/r/file");
    };
    EXPECT_EQ(built({}), "one\n");
    commit("two");
    EXPECT_EQ(built({}), "two\n");
    git("git update-ref refs/changes/1 HEAD && git reset -q --hard HEAD~");
    EXPECT_EQ(built({}), "one\n") << "a branch may move back";
    space->environment["DIB_REPOREF_r"] = "refs/changes/1";
    EXPECT_EQ(built({}), "two\n");
}

TEST_P(Sources, GitRefsThatAreNotThereAreTold) {
    commit("one");
    sources("my-r git /opt/r " + (*space / "repo") + " no-such\n");
    const Finished result = space->build({"fake-os", "e"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("has no 'no-such'"));
    EXPECT_THAT(result.err, HasSubstr("DIB_REPOREF_my_r"));
    sources("r git /opt/r " + (*space / "nowhere") + "\n");
    EXPECT_THAT(space->build({"fake-os", "e"}).err, HasSubstr("cannot be fetched"));
}

TEST_P(Sources, WrongFilesStopTheBuildBeforeTheRoot) {
    sources("# one\nr gti /opt/r u\n");
    const Finished result = space->build({"fake-os", "e"});
    EXPECT_EQ(result.exit_code, 2);
    EXPECT_THAT(result.err, HasSubstr("source-repository-e:2: 'gti' is no type of a source"));
    EXPECT_THAT(space->build_log(), Not(HasSubstr("10-fake-os")));
    space->environment["NO_SOURCE_REPOSITORIES"] = "1";
    space->must_build({"fake-os", "e"});
}

TEST_P(Sources, ArchivesAndFilesComeOverHttpAndThenFromTheCache) {
    tar("a.tar.gz",
        "mkdir -p top-1/sub two && echo one > top-1/a && echo two > two/b && echo s > top-1/sub/s"
        " && echo x > at-top && ln -s a top-1/link && tar -czf ../a.tar.gz *");
    {
        const Running server = serve();
        sources("whole tar /opt/whole " + url("a.tar.gz") + " .\n" + //
                "folders tar /opt/folders " + url("a.tar.gz") + "\n" + "sub tar /opt/sub " +
                url("a.tar.gz") + " top-1/sub\n" + //
                "file file /opt/file.txt " + url("file", "me:geheim@") + "\n");
        space->must_build({"-x", "fake-os", "e"});
    }
    const auto check = [&] {
        EXPECT_EQ(in_image("/opt/whole/top-1/a"), "one\n");
        EXPECT_EQ(in_image("/opt/whole/at-top"), "x\n");
        EXPECT_EQ(in_image("/opt/folders/a"), "one\n");
        EXPECT_EQ(in_image("/opt/folders/b"), "two\n");
        EXPECT_EQ(in_image("/opt/folders/at-top"), "nothing");
        EXPECT_EQ(in_image("/opt/sub/s"), "s\n");
        EXPECT_EQ(in_image("/opt/file.txt"), "from www\n");
    };
    check();
    EXPECT_THAT(space->build_log(), Not(HasSubstr("geheim")));
    space->must_build({"--offline", "fake-os", "e"});
    check();
    sources("other file /opt/file.txt http://127.0.0.1:1/other\n");
    const Finished result = space->build({"--offline", "fake-os", "e"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("it is not in the cache, and the build is offline"));
}

TEST_P(Sources, HostileArchivesAreRefused) {
    const std::map<std::string, std::string> archives = {
        {"up", "echo x > x && tar -cPf ../up --transform 's,^,../../,' x"},
        {"absolute", "echo x > x && tar -cPf ../absolute --transform 's,^,/var/tmp/,' x"},
        {"link", "ln -s /etc link && tar -cf ../link link"},
        {"dots", "mkdir a && ln -s ../.. a/link && tar -cf ../dots a"},
        {"chain",
         "mkdir -p d/e && ln -s ../.. d/e/top && ln -s d/e/top/.. out && tar -cf ../chain *"},
        {"pipe", "mkfifo p && tar -cf ../pipe p"},
        {"nonsense", "echo no archive > ../nonsense"}};
    for (const auto& [name, command] : archives) {
        tar(name, command);
        sources("bad tar /opt/bad " + (*space / ("www/" + name)) + " .\n");
        const Finished result = space->build({"fake-os", "e"});
        EXPECT_EQ(result.exit_code, 3) << name;
        EXPECT_THAT(result.err, HasSubstr("error: source 'bad': ")) << name;
    }
    EXPECT_FALSE(std::filesystem::exists("/var/tmp/x"));
}

TEST_P(Sources, DestinationsStayInTheImage) {
    const std::string outside = *space / "outside";
    space->hook("e",
                "root.d/70-links",
                "mkdir -p $TARGET_ROOT/opt $TARGET_ROOT" + outside +
                    "\n"
                    "ln -s " +
                    outside +
                    " $TARGET_ROOT/opt/link\n"
                    "ln -s " +
                    outside + "/f $TARGET_ROOT/opt/file");
    space->write("outside/f", "untouched\n");
    sources("a file /opt/link/a " + (*space / "www/file") + "\n" + //
            "b file /opt/file " + (*space / "www/file") + "\n");
    space->must_build({"fake-os", "e"});
    EXPECT_EQ(space->list("outside"), std::vector<std::string>{"f"});
    EXPECT_EQ(space->read("outside/f"), "untouched\n");
    EXPECT_EQ(in_image(outside + "/a"), "from www\n");
    EXPECT_EQ(in_image("/opt/file"), "from www\n");
}

TEST_P(Sources, OneDestinationForTwoThingsIsAnError) {
    sources("a git /opt/r /x\n");
    space->write("elements/f/source-repository-f", "f git /opt/r /y\n");
    const Finished result = space->build({"fake-os", "e", "f"});
    EXPECT_EQ(result.exit_code, 3);
    EXPECT_THAT(result.err, HasSubstr("source-repository-f:1: '/opt/r' is to hold /y, but "));
}

} // namespace
} // namespace kiln::tests
