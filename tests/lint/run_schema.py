"""run_schema.py TOP: docs/run.schema.json is what the reader in src/chain takes, and the examples keep to it."""
import json
import pathlib
import re
import sys

import jsonschema
import yaml

# Where the keys of a part of a definition are: path in the schema, functions of the reader.
PARTS = {
    "top level": ("", ("read_top",)),
    "image": ("definitions/image", ("list_keys", "build_keys")),
    "from": ("definitions/from", ("read_base",)),
    "boot": ("definitions/boot", ("read_boot",)),
    "command": ("definitions/command", ("read_command",)),
    "test": ("definitions/test/anyOf/2", ("read_test",)),
    "publish": ("definitions/publish", ("rotation_keys", "read_publication")),
    "store": ("definitions/store", ("read_store",)),
    "output": ("definitions/output/anyOf/1", ("read_output",)),
}
KEY = re.compile(r'(?:\b(?:sets|noted|choice|is)\(\s*|\{\s*)"(\w+)",\s*(?=[\w\[])')
CHOICES = re.compile(r'(?:\bread_choice\(\w+,|\bchoice\("\w+", [\w.]+,)\s*\{([^}]*)\}')
FORMATS = re.compile(r'\{ImageFormat::\w+, "([^"]+)"')
ANNOTATIONS = {"$ref", "title", "description", "default", "examples"}
FENCED = re.compile(r"^```yaml\n(.*?)^```$", re.M | re.S)
VARIABLE = re.compile(r"\{\{\s*[\w.]+\s*\}\}")
OTHER_TAG = re.compile(r"\{[{#%].*?[#%}]\}", re.S)


class Loader(yaml.SafeLoader):
    """Dates stay texts, as the reader and the editors have them."""


Loader.yaml_implicit_resolvers = {
    letter: [(tag, pattern) for tag, pattern in resolvers if not tag.endswith(":timestamp")]
    for letter, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()}
# Jobs of GitLab and keys of Zuul have tags of their own.
Loader.add_multi_constructor("!", lambda loader, suffix, node: None)


def body_of(name, source):
    """The function's text: up to the brace in the column that its first line begins in."""
    found = re.search(rf"^( *)(?:[^\n ][^\n]*[ \n])?{name}\([^;{{}}]*\)[^;{{}}]*\{{\n(.*?)^\1\}}", source, re.M | re.S)
    return found.group(2) if found else None


def at(schema, path):
    for step in filter(None, path.split("/")):
        schema = schema[int(step)] if isinstance(schema, list) else schema[step]
    return schema


def key_problems(schema, source):
    for part, (path, functions) in PARTS.items():
        bodies = [body_of(name, source) for name in functions]
        if None in bodies:
            yield f"src/chain has no function {functions[bodies.index(None)]}; name its successor in {__file__}"
            continue
        read, known = set(KEY.findall("\n".join(bodies))), set(at(schema, path)["properties"])
        yield from (f"{part}: the reader takes '{key}', the schema does not" for key in sorted(read - known))
        yield from (f"{part}: the schema has '{key}', the reader does not" for key in sorted(known - read))


def nodes_of(schema):
    if isinstance(schema, dict):
        yield schema
    for child in schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ():
        yield from nodes_of(child)


def word_problems(schema, source, formats):
    known = {frozenset(str(word) for word in node["enum"]) for node in nodes_of(schema) if "enum" in node}
    for text in CHOICES.findall(source):
        words = frozenset(re.findall(r'"([^"]+)"', text))
        if words not in known:
            yield f"the schema has no enum of what the reader takes: {', '.join(sorted(words))}"
    if frozenset(FORMATS.findall(formats)) not in known:
        yield "the formats of src/disk/formats.cpp are not those of the schema"


def form_problems(schema):
    for node in nodes_of(schema):
        if "$ref" in node and not set(node) <= ANNOTATIONS:
            yield f"beside a $ref nothing counts: {json.dumps(node)}"
        for key, value in node.get("properties", {}).items():
            if isinstance(value, dict) and not {"title", "$ref", "not", "maxItems"} & set(value):
                yield f"'{key}' has no title"


def load(text, name):
    try:
        return yaml.load(text, Loader), None
    except yaml.YAMLError as error:
        return None, f"{name}: no YAML: {error}"


def definition_problems(validator, text, name):
    document, problem = load(text, name)
    if problem:
        yield problem
    for error in [] if problem else validator.iter_errors(document):
        best = jsonschema.exceptions.best_match([error])
        yield f"{name}: {'/'.join(map(str, best.absolute_path))}: {best.message}"


def example_problems(validator, folder):
    for path in sorted(folder.glob("*.yaml")):
        yield from definition_problems(validator, path.read_text(), path)
    for path in [*folder.glob("*/**/*.y*ml"), *folder.glob("**/*.j2"), *folder.glob("**/*.mustache")]:
        problem = load(OTHER_TAG.sub("", VARIABLE.sub("x", path.read_text())), path)[1]
        if problem:
            yield problem


def document_problems(validator, folder):
    for path in sorted(folder.glob("*.md")):
        for block in FENCED.finditer(path.read_text()):
            name = f"{path}:{path.read_text()[:block.start()].count(chr(10)) + 1}"
            document, problem = load(block.group(1), name)
            if problem:
                yield problem
            elif isinstance(document, dict) and document.get("version") == 1:
                yield from definition_problems(validator, block.group(1), name)


def case_problems(validator, path):
    cases = yaml.load(path.read_text(), Loader)
    for verdict in ("accepted", "refused"):
        for name, text in cases[verdict].items():
            if validator.is_valid(yaml.load(text, Loader)) != (verdict == "accepted"):
                yield f"{path}: the schema is to be so that '{name}' is {verdict}"


def main(folder):
    top = pathlib.Path(folder)
    schema = json.loads((top / "docs/run.schema.json").read_text())
    jsonschema.Draft7Validator.check_schema(schema)
    validator = jsonschema.Draft7Validator(schema)
    source = "\n".join(path.read_text() for path in sorted(top.glob("src/chain/*.cpp")))
    found = [*form_problems(schema), *key_problems(schema, source),
             *word_problems(schema, source, (top / "src/disk/formats.cpp").read_text()),
             *example_problems(validator, top / "docs/examples"), *document_problems(validator, top / "docs"),
             *case_problems(validator, pathlib.Path(__file__).with_name("run_schema.yaml"))]
    print("\n".join(found))
    return 1 if found else 0


sys.exit(main(sys.argv[1]))
