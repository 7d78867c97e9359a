#include "unit/chain/definition_files.hpp"

#include <gmock/gmock.h>

namespace kiln::tests {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

struct Case {
    const char* what;
    const char* text;
    int line;
    /// In the error, and in its hint.
    const char* named;
    const char* hint;
};

// Line 1 of each.
#define V "version: 1\n"
// Lines 2 and 3: one image that is good.
#define WEB "images:\n  web:\n"
#define GOOD WEB "    elements: [debian, vm]\n"

const std::vector<Case> k_words = {
    {"unknown key at the top", V "imagse: {}\n", 2, "'imagse'", "'images'"},
    {"unknown key of an image",
     V WEB "    elemnts: [vm]\n    elements: [vm]\n",
     4,
     "'elemnts'",
     "'elements'"},
    {"unknown key far from all",
     V GOOD "    zzzzzzzz: 1\n",
     5,
     "'zzzzzzzz'",
     "known are: inherits"},
    {"unknown key of publish",
     V GOOD "    publish: {visibilty: public}\n",
     5,
     "'visibilty'",
     "'visibility'"},
    {"unknown key of from",
     V WEB "    from:\n      file: base.qcow2\n      checksom: x\n",
     6,
     "'checksom'",
     "'checksum'"},
    {"unknown key of a store",
     V "stores:\n  a:\n    folder: x\n    tagg: y\n" GOOD,
     5,
     "'tagg'",
     "'tag'"},
    {"store with one word wrong", V "stores:\n  a: {foldr: x}\n" GOOD, 3, "'foldr'", "'folder'"},
    {"unknown key of a test",
     V GOOD "    tests:\n      - boot: {firmwre: bios}\n",
     6,
     "'firmwre'",
     "'firmware'"},
    {"unknown key of a command",
     V GOOD "    tests:\n      - command: {run: ./check.sh, timout: 3}\n",
     6,
     "'timout'",
     "'timeout'"},
    {"unknown test", V GOOD "    tests: [bot]\n", 5, "'bot'", "'boot'"},
    {"unknown key of an output",
     V GOOD "    outputs: [{template: stack.j2, too: x}]\n",
     5,
     "'too'",
     "'to'"},
    {"unknown key of defaults",
     V "defaults:\n  packags: [vim]\n" GOOD,
     3,
     "'packags'",
     "'packages'"},
    {"wrong choice", V GOOD "    publish: {visibility: publc}\n", 5, "'publc'", "'public'"},
    {"wrong choice far from all",
     V GOOD "    compression: gzip9000\n",
     5,
     "zstd, zlib, none",
     "write one of them"},
    {"no number", V GOOD "    image_size: 10GB\n", 5, "'10GB'", "without a unit"},
    {"number of nothing", V GOOD "    hook_timeout: 0\n", 5, "'0'", "without a unit"},
    {"number in base sixteen", V GOOD "    image_size: 0x10\n", 5, "'0x10'", "without a unit"},
    {"half an image", V GOOD "    publish: {keep: 2.5}\n", 5, "whole number", "512"},
    {"test of nothing", V GOOD "    tests: [{}]\n", 5, "tests nothing", "- boot"},
    {"two tests of one name",
     V GOOD "    tests: [{command: 'true'}, {command: ['true', x]}]\n",
     5,
     "'true'",
     "name: NAME"},
    {"only abstract images",
     V "images:\n  a: {abstract: true, elements: [vm]}\n",
     3,
     "abstract",
     "leave 'abstract' out"},
    {"no whole number", V GOOD "    tests: [{boot: {memory: 0.5}}]\n", 5, "whole number", "512"},
    {"neither true nor false", V GOOD "    network: maybe\n", 5, "'maybe'", "true or false"},
    {"no value",
     V GOOD "    architecture:\n",
     5,
     "'architecture' has no value",
     "architecture: VALUE"},
    {"empty word", V GOOD "    architecture: ''\n", 5, "empty", "leave the key out"},
    {"list in place of a word", V GOOD "    architecture: [a, b]\n", 5, "plain value", ""},
    {"other version", "version: 2\n" GOOD, 1, "'2'", "'1'"},
    {"no version", GOOD, 1, "version", "version: 1"},
    {"no images", V "output: x\n", 1, "no images", "images:"},
    {"empty images", V "images: {}\n", 2, "no images", "images:"},
    {"name of an image", V "images:\n  a/b: {elements: [vm]}\n", 3, "'a/b'", "publish.name"},
};

const std::vector<Case> k_references = {
    {"unknown element",
     V WEB "    elements:\n      - debian\n      - ubunt\n",
     6,
     "'ubunt'",
     "'ubuntu'"},
    {"unknown store",
     V "stores: {prod: {folder: x}}\n" GOOD "    publish: {stores: [prud]}\n",
     6,
     "'prud'",
     "'prod'"},
    {"store of an output",
     V "stores: {prod: {folder: x}}\n" GOOD "    outputs: [{template: stack.j2, store: prd}]\n",
     6,
     "'prd'",
     "'prod'"},
    {"store where there are none",
     V GOOD "    publish: {stores: [prod]}\n",
     5,
     "'prod'",
     "has no stores"},
    {"unknown parent",
     V "images:\n  base: {elements: [vm]}\n  web: {inherits: bas}\n",
     4,
     "'bas'",
     "'base'"},
    {"parent of itself",
     V "images:\n  a: {inherits: a, elements: [vm]}\n",
     3,
     "'a' inherits from itself",
     "leave one"},
    {"made from nothing",
     V "images:\n  a: {network: false}\n",
     3,
     "'a' is made from nothing",
     "elements"},
    {"image without anything", V "images:\n  a:\n", 3, "'a' is made from nothing", "elements"},
    {"store without a place",
     V "stores:\n  a: {tag: x}\n" GOOD "    publish: {stores: [a]}\n",
     3,
     "'a' is neither",
     "folder: PATH"},
    {"store in two places",
     V "stores:\n  a: {folder: x, cloud: y}\n" GOOD,
     3,
     "a folder and a cloud",
     "cloud: NAME"},
    {"folder with regions",
     V "stores:\n  a: {folder: x, region: y}\n" GOOD,
     3,
     "no regions",
     "leave them out"},
    {"from nothing", V WEB "    from: {region: x}\n", 4, "names no image", "url, file and cloud"},
    {"from two images",
     V WEB "    from: {url: 'https://x/y', cloud: z, image: i}\n",
     4,
     "several images",
     "one of url"},
    {"region of a file",
     V WEB "    from:\n      file: base.qcow2\n      region: x\n",
     6,
     "'region' goes with 'cloud'",
     "leave it out"},
    {"short digest",
     V WEB "    from:\n      url: https://x/y\n      checksum: sha256:ab\n",
     6,
     "'sha256:ab'",
     "64 digits"},
    {"address of a folder",
     V WEB "    from: {url: 'file:///x/'}\n",
     4,
     "'file:///x/'",
     "file: PATH"},
    {"cloud without its image", V WEB "    from: {cloud: prod}\n", 4, "'prod'", "image: NAME"},
    {"absent file", V WEB "    from:\n      file: gone.qcow2\n", 5, "gone.qcow2'", "relative path"},
    {"http without a checksum",
     V WEB "    from:\n      url: http://mirror/a.qcow2\n",
     5,
     "'http://mirror/a.qcow2'",
     "checksum: sha256:"},
    {"formats of a file",
     V WEB "    from: {file: base.qcow2}\n    formats: [raw]\n",
     5,
     "taken as it is",
     "leave formats out"},
    {"unknown format", V GOOD "    formats: [qcow2, vmdq]\n", 5, "vmdq", ""},
    {"format that is not made",
     V "stores: {a: {folder: x}}\n" GOOD "    publish: {format: raw}\n",
     6,
     "'raw' is published, but not made",
     "formats: [qcow2, raw]"},
    {"format of a store",
     V "stores: {a: {folder: x, format: raw}}\n" GOOD,
     4,
     "takes raw",
     "formats: [qcow2, raw]"},
    {"two of one name",
     V "stores: {s: {folder: x}}\nimages:\n  a: {elements: [vm]}\n  b:\n    elements: [vm]\n    "
       "publish: {name: a}\n",
     7,
     "'a' in store 's'",
     "another publish.name"},
    {"freshness", V GOOD "    freshness: often\n", 5, "often", ""},
};

const std::vector<Case> k_files_and_secrets = {
    {"secret in the environment",
     V GOOD "    environment:\n      DB_PASSWORD: hunter2\n",
     6,
     "'DB_PASSWORD'",
     "env:DB_PASSWORD"},
    {"odd name of a variable", V GOOD "    environment: {a b: c}\n", 5, "'a b'", "letters"},
    {"variable in two places",
     V GOOD "    environment: {A: b}\n    secrets: {A: 'env:RELEASE'}\n",
     6,
     "'A'",
     "one of them"},
    {"variable in a default",
     V GOOD "    packages: ['${A:-${B}}']\n",
     5,
     "variable within",
     "plain"},
    {"secret that is written",
     V GOOD "    secrets:\n      DB_PASSWORD: hunter2\n",
     6,
     "a secret is not written",
     "env:VARIABLE"},
    {"secret of nowhere",
     V GOOD "    secrets:\n      A: 'env:'\n",
     6,
     "a secret is not written",
     "file:PATH"},
    {"secret that is not set",
     V GOOD "    secrets:\n      A: env:RELEAS\n",
     6,
     "'RELEAS'",
     "'RELEASE'"},
    {"secret without its file",
     V GOOD "    secrets:\n      A: file:gone\n",
     6,
     "gone'",
     "relative path"},
    {"variable that is not set",
     V GOOD "    packages: ['linux-${RELEAS}']\n",
     5,
     "'RELEAS'",
     "'RELEASE'"},
    {"variable like no other", V GOOD "    packages: ['${Q}']\n", 5, "'Q'", "Q=... kiln run"},
    {"variable that does not end", V GOOD "    packages: ['${RELEASE']\n", 5, "'${'", "'$$'"},
    {"variable without a name", V GOOD "    packages: ['${}']\n", 5, "'${}'", "${NAME}"},
    {"element of a variable", V WEB "    elements: ['${Q}']\n", 4, "'Q'", "Q="},
    {"absent template", V GOOD "    outputs: [gone.j2]\n", 5, "gone.j2'", "relative path"},
    {"output without a template",
     V GOOD "    outputs: [{to: x}]\n",
     5,
     "template",
     "template: PATH"},
    {"output above the folder",
     V GOOD "    outputs: [{template: stack.j2, to: a/../../x}]\n",
     5,
     "leads out",
     "below it"},
    {"output at the root",
     V GOOD "    outputs: [{template: stack.j2, to: /etc/x}]\n",
     5,
     "leads out",
     "below it"},
    {"output that is the image",
     V GOOD "    outputs: [{template: stack.j2, to: web.qcow2}]\n",
     5,
     "'web.qcow2'",
     "to: NAME"},
    {"output that is the lock",
     V GOOD "    outputs: [{template: stack.j2, to: ./.lock}]\n",
     5,
     "taken by kiln",
     "another name"},
    {"output within another",
     V GOOD
     "    outputs:\n    - {template: stack.j2, to: a}\n    - {template: stack.j2, to: ./a/b}\n",
     7,
     "'a'",
     "to: NAME"},
    {"output for a store without the image",
     V "stores: {s: {folder: x}, t: {folder: y}}\n" GOOD "    publish: {stores: [s]}\n"
       "    outputs: [{template: stack.j2, store: t}]\n",
     7,
     "not published to store 't'",
     "publish.stores"},
    {"output that is the folder",
     V GOOD "    outputs: [{template: stack.j2, to: .}]\n",
     5,
     "'.'",
     "below it"},
    {"folder of elements", V GOOD "    elements_path: more\n", 5, "more'", "relative path"},
    {"absent program",
     V GOOD "    tests: [{command: ./gone.sh}]\n",
     5,
     "gone.sh'",
     "relative path"},
    {"absent program of a map",
     V GOOD "    tests: [{command: {run: ./gone.sh}}]\n",
     5,
     "gone.sh'",
     "relative path"},
    {"program that cannot be run",
     V GOOD "    tests: [{command: ./plain.sh}]\n",
     5,
     "plain.sh'",
     "chmod +x"},
    {"command without a program",
     V GOOD "    tests: [{command: {name: x}}]\n",
     5,
     "something to run",
     "run: ./check.sh"},
    {"two tests in one",
     V GOOD "    tests: [{boot: {}, command: ./check.sh}]\n",
     5,
     "two tests",
     "'-'"},
    {"absent bundle", V "images:\n  web: {bundle: gone}\n", 3, "gone'", "relative path"},
};

const std::vector<Case> k_yaml = {
    {"colon at the wrong side",
     V GOOD "    publish:\n      properties:\n        hw_rng_model :virtio\n",
     7,
     "'hw_rng_model'",
     "'hw_rng_model: virtio'"},
    {"the same before another line",
     V GOOD "    publish:\n      properties:\n        hw_rng_model :virtio\n        b: c\n",
     7,
     "'hw_rng_model'",
     "'hw_rng_model: virtio'"},
    {"no blank",
     V GOOD "    architecture:amd64\n    network: true\n",
     5,
     "'architecture'",
     "'architecture: amd64'"},
    {"tab", V "images:\n\tweb:\n\t\telements: [vm]\n", 3, "tab", "YAML"},
    {"key that stands twice", V GOOD "    network: true\n    network: false\n", 6, "'network'", ""},
    {"image that stands twice", V GOOD "  web: {elements: [vm]}\n", 5, "'web'", ""},
    {"bracket without its end", V WEB "    elements: [vm\n", 5, "", "YAML"},
    {"a list", "- a\n", 1, "mapping", ""},
};

void expect_told(const std::vector<Case>& cases) {
    const DefinitionFiles files;
    for (const Case& one : cases) {
        SCOPED_TRACE(one.what);
        const std::vector<util::ErrorInfo> mistakes = files.mistakes(one.text);
        ASSERT_FALSE(mistakes.empty());
        for (std::size_t index = 1; index < mistakes.size(); ++index) {
            ADD_FAILURE() << "told beside it: " << mistakes[index].what;
        }
        const util::ErrorInfo& mistake = mistakes.front();
        const std::string place = (files / "images.yaml") + ":" + std::to_string(one.line) + ":";
        EXPECT_THAT(mistake.what, StartsWith(place));
        EXPECT_THAT(mistake.what, HasSubstr(one.named));
        EXPECT_THAT(mistake.hint, HasSubstr(one.hint));
        EXPECT_EQ(mistake.code, util::ExitCode::usage);
    }
}

TEST(WrongDefinition, TellsWhichWordIsWrongAndTheNearest) {
    expect_told(k_words);
}

TEST(WrongDefinition, TellsWhichReferenceLeadsNowhere) {
    expect_told(k_references);
}

TEST(WrongDefinition, TellsWhichFileOrSecretIsWrong) {
    expect_told(k_files_and_secrets);
}

TEST(WrongDefinition, TellsWhatIsWrongInATemplate) {
    DefinitionFiles files;
    files.write("loop.j2", "a\n  {% for x in y %}\n");
    files.write("open.mustache", "{{# a }}\n{{ a\n");
    const auto mistakes = files.mistakes(V GOOD "    outputs: [loop.j2, open.mustache]\n");
    ASSERT_EQ(mistakes.size(), 2U);
    EXPECT_THAT(mistakes.front().what, HasSubstr("/loop.j2:2:3: "));
    EXPECT_THAT(mistakes.back().what, HasSubstr("/open.mustache:2:"));
}

TEST(WrongDefinition, TellsWhatIsNoYaml) {
    expect_told(k_yaml);
}

TEST(WrongDefinition, TellsAllMistakesInTheOrderOfTheFile) {
    const DefinitionFiles files;
    const auto mistakes = files.mistakes(V "stores:\n"
                                           "  prod: {foldr: x, cloud: prod}\n"
                                           "images:\n"
                                           "  web:\n"
                                           "    elements: [debain]\n"
                                           "    image_size: big\n");
    ASSERT_THAT(mistakes, SizeIs(3));
    EXPECT_THAT(mistakes[0].what, HasSubstr("images.yaml:3:10: unknown key 'foldr'"));
    EXPECT_THAT(mistakes[1].what, HasSubstr("images.yaml:6:16: there is no element 'debain'"));
    EXPECT_THAT(mistakes[2].what, HasSubstr("images.yaml:7:17: 'big' is no number"));
}

TEST(WrongDefinition, TellsAMistakeThatSeveralImagesInheritOnce) {
    const DefinitionFiles files;
    const auto mistakes = files.mistakes(V "images:\n"
                                           "  base: {abstract: true, elements: [debain]}\n"
                                           "  a: {inherits: base}\n"
                                           "  b: {inherits: base}\n");
    ASSERT_THAT(mistakes, SizeIs(1));
    EXPECT_THAT(mistakes[0].what, HasSubstr("images.yaml:3:"));
}

TEST(WrongDefinition, NamesEveryImageOfACircle) {
    const DefinitionFiles files;
    const auto mistakes = files.mistakes(V "images:\n"
                                           "  a: {inherits: b, elements: [vm]}\n"
                                           "  b: {inherits: a}\n");
    ASSERT_THAT(mistakes, SizeIs(2));
    EXPECT_THAT(mistakes[0].what, HasSubstr("images.yaml:3:17: image 'b' inherits from itself"));
    EXPECT_THAT(mistakes[1].what, HasSubstr("images.yaml:4:17: image 'a' inherits from itself"));
}

TEST(WrongDefinition, ShowsTheLine) {
    const DefinitionFiles files;
    const auto mistakes = files.mistakes(V GOOD "    networc: true\n");
    ASSERT_THAT(mistakes, SizeIs(1));
    EXPECT_THAT(mistakes[0].excerpt, testing::ElementsAre("    networc: true", "    ^"));
}

TEST(WrongDefinition, NeverShowsTheValueOfASecret) {
    const DefinitionFiles files;
    for (const char* key : {"environment", "secrets"}) {
        const auto mistakes =
            files.mistakes(std::string(V GOOD "    ") + key + ":\n      DB_PASSWORD: hunter2\n");
        ASSERT_THAT(mistakes, SizeIs(1));
        EXPECT_THAT(mistakes[0].what + mistakes[0].hint, Not(HasSubstr("hunter2")));
    }
}

} // namespace
} // namespace kiln::tests
