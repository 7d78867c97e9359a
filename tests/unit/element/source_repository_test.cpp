#include "element/shell_words.hpp"
#include "element/source_repository.hpp"
#include "unit/util/test_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using element::SourceRepository;
using element::SourceType;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

using Sources = std::vector<SourceRepository>;

Sources parse_sources(const std::string& text, const process::Environment& environment = {}) {
    return element::parse_source_repositories(text, "source-repository-x", environment);
}

util::ErrorInfo source_error(const std::string& text,
                             const process::Environment& environment = {}) {
    return error_of([&] { static_cast<void>(parse_sources(text, environment)); });
}

SourceRepository overridden(const std::string& line, const process::Environment& environment) {
    return element::with_overrides(parse_sources(line).at(0), environment);
}

std::vector<std::string> words(const std::string& line,
                               const process::Environment& environment = {}) {
    return element::shell_words(line, environment, "f:1");
}

TEST(ShellWords, AreSplitAtBlanks) {
    EXPECT_THAT(words("  a \t b\tc "), ElementsAre("a", "b", "c"));
    EXPECT_THAT(words(""), IsEmpty());
    EXPECT_THAT(words("a* ? [x]"), ElementsAre("a*", "?", "[x]"));
}

TEST(ShellWords, KnowQuotes) {
    EXPECT_THAT(words("'a  b' \"c d\"e f\\ g '' '$A'"),
                ElementsAre("a  b", "c de", "f g", "", "$A"));
    EXPECT_THAT(error_of([] { words("a 'b"); }).what, HasSubstr("f:1: the quote ' is not closed"));
}

TEST(ShellWords, ExpandVariables) {
    const process::Environment environment = {{"A", "one two"}, {"E", ""}, {"V", "1.2"}};
    EXPECT_THAT(words("x-$V.tar x${V}y", environment), ElementsAre("x-1.2.tar", "x1.2y"));
    EXPECT_THAT(words("$A \"$A\" p$A", environment),
                ElementsAre("one", "two", "one two", "pone", "two"));
    EXPECT_THAT(words("$E a", environment), ElementsAre("a"));
    EXPECT_THAT(words("${N:-d/${V}} ${E:-x} ${E-y}z ${N-'a b'}", environment),
                ElementsAre("d/1.2", "x", "z", "a b"));
    EXPECT_THAT(words("a$ $5"), ElementsAre("a$", "$5"));
}

TEST(ShellWords, RunNothing) {
    for (const char* text : {"$(id)", "`id`", "${A:-$(id)}", "\"$(id)\"", "\"`id`\""}) {
        const util::ErrorInfo error = error_of([&] { words(text, {}); });
        EXPECT_THAT(error.what, HasSubstr("f:1: a command is not run")) << text;
        EXPECT_EQ(error.code, util::ExitCode::usage);
    }
    EXPECT_THAT(words("'$(id)' \\`id a;b&c|d>e"), ElementsAre("$(id)", "`id", "a;b&c|d>e"));
}

TEST(ShellWords, TellWhatTheyDoNotKnow) {
    EXPECT_EQ(error_of([] { words("$NOT_SET"); }).what, "f:1: the variable 'NOT_SET' is not set");
    for (const char* text : {"${A%x}", "${A//a/b}", "${}", "${A:0:1}", "${!A}", "${#A}"}) {
        EXPECT_THAT(error_of([&] {
                        words(text, {{"A", "a"}});
                    }).what,
                    HasSubstr("not understood"))
            << text;
    }
    EXPECT_THAT(error_of([] { words("${A"); }).what, HasSubstr("not closed"));
    std::string deep = "x";
    for (int i = 0; i < 50; ++i) {
        deep = "${N:-" + deep + "}";
    }
    EXPECT_THAT(error_of([&] { words(deep); }).what, HasSubstr("too deep"));
}

TEST(SourceRepositories, AreOneALine) {
    const Sources sources =
        parse_sources("# a comment\n\n"
                      "nova git /opt/stack/nova https://host/nova.git stable/x\n"
                      "pbr tar /usr/pbr http://host/pbr.tar.gz .\n"
                      "  constraints\tfile /tmp/c.txt $URL\n"
                      "horizon package",
                      {{"URL", "http://host/c"}});
    ASSERT_EQ(sources.size(), 4U);
    EXPECT_EQ(sources[0].name, "nova");
    EXPECT_EQ(sources[0].type, SourceType::git);
    EXPECT_EQ(sources[0].destination, "/opt/stack/nova");
    EXPECT_EQ(sources[0].location, "https://host/nova.git");
    EXPECT_EQ(sources[0].ref, "stable/x");
    EXPECT_EQ(sources[0].position, "source-repository-x:3");
    EXPECT_EQ(sources[1].ref, ".");
    EXPECT_EQ(sources[2].location, "http://host/c");
    EXPECT_EQ(sources[2].ref, "");
    EXPECT_EQ(sources[3].type, SourceType::package);
}

TEST(SourceRepositories, SayWhereALineIsWrong) {
    const util::ErrorInfo error = source_error("a git /a http://h\nb got /b http://h\n");
    EXPECT_EQ(error.what, "source-repository-x:2: 'got' is no type of a source");
    EXPECT_EQ(error.hint, "did you mean 'git'?");
    EXPECT_EQ(error.code, util::ExitCode::usage);
    EXPECT_THAT(source_error("name").what, HasSubstr(":1: this is no source"));
    EXPECT_THAT(source_error("a git").what, HasSubstr("a destination and a location are missing"));
    EXPECT_THAT(source_error("a git /a").what, HasSubstr("a location is missing"));
    EXPECT_THAT(source_error("a git /a b c d").what, HasSubstr("a word too many: 'd'"));
    EXPECT_THAT(source_error("a/b git /a b").what, HasSubstr("'a/b' is no name"));
    EXPECT_THAT(source_error("a git /a ''").what, HasSubstr("empty"));
    EXPECT_THAT(source_error("a git /a \"$X\"", {{"X", "b\x01"}}).what, HasSubstr("unprintable"));
}

TEST(SourceRepositories, StayInTheImage) {
    for (const char* path : {"opt/x", "/", "//", "/.", "/opt/../../x", "/..", "../x"}) {
        EXPECT_THAT(source_error(std::string("a git ") + path + " b").what,
                    HasSubstr("is no destination"))
            << path;
    }
    EXPECT_THAT(source_error("a tar /a b ../c").what, HasSubstr("is no folder of an archive"));
    EXPECT_THAT(source_error("a tar /a b /etc").what, HasSubstr("is no folder of an archive"));
}

TEST(SourceRepositories, AreNoOptionsOfPrograms) {
    EXPECT_THAT(source_error("a git /a --upload-pack=x").what, HasSubstr("begins like an option"));
    EXPECT_THAT(source_error("a git /a b --force").what, HasSubstr("begins like an option"));
}

TEST(SourceRepositories, TakeWhatTheUserSetsInstead) {
    const SourceRepository source = overridden("my-repo git /a http://h/x",
                                               {{"DIB_REPOTYPE_my_repo", "tar"},
                                                {"DIB_REPOLOCATION_my_repo", "/local/x.tar"},
                                                {"DIB_REPOREF_my_repo", "sub"},
                                                {"DIB_GITREPOBASE", "http://other/"}});
    EXPECT_EQ(source.type, SourceType::tar);
    EXPECT_EQ(source.location, "/local/x.tar");
    EXPECT_EQ(source.ref, "sub");
    EXPECT_EQ(overridden("r git /a b", {{"DIB_REPOREF_r", ""}}).ref, "");
}

TEST(SourceRepositories, NameTheVariableThatIsWrong) {
    const auto error = [](const process::Environment& environment) {
        return error_of([&] { static_cast<void>(overridden("r git /a b", environment)); }).what;
    };
    EXPECT_THAT(error({{"DIB_REPOTYPE_r", "gti"}}), HasSubstr("DIB_REPOTYPE_r: 'gti' is no type"));
    EXPECT_THAT(error({{"DIB_REPOREF_r", "-x"}}), HasSubstr("DIB_REPOREF_r: "));
    EXPECT_THAT(error({{"DIB_REPOLOCATION_r", "-x"}}), HasSubstr("DIB_REPOLOCATION_r: "));
}

TEST(SourceRepositories, TellNoPasswordOfAMisplacedLocation) {
    for (const char* line : {"r https://me:secret@h/x",
                             "https://me:secret@h/x git /a u",
                             "r git https://me:secret@h/x /a",
                             "r git /a u ref https://me:secret@h/x"}) {
        const util::ErrorInfo error = error_of([&] { static_cast<void>(parse_sources(line)); });
        EXPECT_THAT(error.what, Not(HasSubstr("secret"))) << line;
        EXPECT_EQ(error.code, util::ExitCode::usage);
    }
}

TEST(SourceRepositories, CanAllComeFromAnotherServer) {
    const process::Environment base = {{"DIB_GITREPOBASE", "https://mirror/"}};
    EXPECT_EQ(overridden("r git /a https://h/openstack/nova.git", base).location,
              "https://mirror/openstack/nova.git");
    EXPECT_EQ(overridden("r git /a git://h/~user/x", base).location, "https://mirror//x");
    EXPECT_EQ(overridden("r git /a /local/x", base).location, "/local/x");
    EXPECT_EQ(overridden("r tar /a https://h/x.tar", base).location, "https://h/x.tar");
}

TEST(SourceRepositories, AreOnlyThoseToFetch) {
    const Sources all = parse_sources("a git /a u\nb package\nc file /c u\n");
    const Sources wanted = element::wanted_repositories(all, {{"DIB_INSTALLTYPE_c", "package"}});
    ASSERT_EQ(wanted.size(), 1U);
    EXPECT_EQ(wanted[0].name, "a");
    EXPECT_THAT(element::wanted_repositories(all, {{"DIB_DEFAULT_INSTALLTYPE", "package"}}),
                IsEmpty());
}

TEST(SourceRepositories, FetchTheSameThingOnce) {
    EXPECT_EQ(element::wanted_repositories(parse_sources("a git /a/b u r\nb git /a//b/ u r\n"), {})
                  .size(),
              1U);
}

TEST(SourceRepositories, RefuseTwoThingsAtOneDestination) {
    for (const char* second : {"b git /x v", "b git /x u ref", "b tar /x u", "b git /x/. v"}) {
        const util::ErrorInfo error = error_of([&] {
            static_cast<void>(element::wanted_repositories(
                parse_sources(std::string("a git /x http://me:secret@h\n") + second), {}));
        });
        EXPECT_THAT(error.what, HasSubstr("source-repository-x:2: '/x")) << second;
        EXPECT_THAT(error.what, HasSubstr("but source-repository-x:1 puts")) << second;
        EXPECT_THAT(error.what, Not(HasSubstr("secret"))) << second;
        EXPECT_EQ(error.code, util::ExitCode::hook);
    }
}

TEST(SourceRepositories, HavePlacesInTheCacheThatTellNoSecrets) {
    const std::string name =
        element::cache_name(parse_sources("my-x git /a https://me:secret@h/x")[0]);
    EXPECT_THAT(name, ::testing::MatchesRegex("my_x_[0-9a-f]{40}\\.git"));
    EXPECT_NE(name, element::cache_name(parse_sources("my-x git /a https://h/x")[0]));
    EXPECT_EQ(name, element::cache_name(parse_sources("my-x git /b https://me:secret@h/x ref")[0]));
}

} // namespace
} // namespace kiln::tests
