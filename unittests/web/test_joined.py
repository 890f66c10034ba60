"""Scripts and styles that import others come as one file."""

import pytest

from app.web.joined import joined

FILES = {
    "js/page.js": 'import { one, two as other } from "./parts/a.js";\n'
    'import {\n  three,\n} from "./parts/b.js";\n\nstart(one, other, three);\n',
    "js/parts/a.js": 'import { three } from "./b.js";\n\n'
    "export const one = three + 1;\nexport async function two() {}\n",
    "js/parts/b.js": "export const three = 3;\nclass Hidden {}\n",
    "css/page.css": '/* A page. */\n@import "base.css";\n@import "cards.css";\n\nh1 {}\n',
    "css/base.css": "p {}\n",
    "css/cards.css": '@import "base.css";\n.card {}\n',
}


def test_a_script_comes_after_all_that_it_imports() -> None:
    assert joined("js/page.js", FILES.__getitem__) == (
        "const modules = {};\n"
        'modules["js/parts/b.js"] = (() => {\n'
        "const three = 3;\nclass Hidden {}\nreturn { three };\n})();\n"
        'modules["js/parts/a.js"] = (() => {\n'
        'const { three } = modules["js/parts/b.js"];\n\n'
        "const one = three + 1;\nasync function two() {}\nreturn { one, two };\n})();\n"
        'modules["js/page.js"] = (() => {\n'
        'const { one, two: other } = modules["js/parts/a.js"];\n'
        'const {\n  three,\n} = modules["js/parts/b.js"];\n\n'
        "start(one, other, three);\nreturn {  };\n})();\n"
    )


def test_a_style_comes_after_all_that_it_imports() -> None:
    assert joined("css/page.css", FILES.__getitem__) == "p {}\n.card {}\n/* A page. */\n\nh1 {}\n"


def test_a_file_that_imports_nothing_stays_as_it_is() -> None:
    assert joined("js/parts/b.js", FILES.__getitem__) == FILES["js/parts/b.js"]


@pytest.mark.parametrize(
    "text",
    [
        'import "./b.js";\n',
        'import all from "./b.js";\n',
        "export default 3;\n",
        "export { three };\n",
        "export let three = 3;\n",
    ],
)
def test_what_is_of_another_form_is_refused(text: str) -> None:
    files = {
        "a.js": 'import { three } from "./b.js";\n' + text,
        "b.js": "export const three = 3;\n",
    }
    with pytest.raises(ValueError, match=r"a\.js: .* is of a form that is not known here"):
        joined("a.js", files.__getitem__)


def test_files_that_import_each_other_are_refused() -> None:
    files = {"a.css": '@import "b.css";\n', "b.css": '@import "a.css";\n'}
    with pytest.raises(ValueError, match=r"import each other: a\.css > b\.css > a\.css"):
        joined("a.css", files.__getitem__)
