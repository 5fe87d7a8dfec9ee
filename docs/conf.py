"""Configuration of the manual (Sphinx, MyST-NB)."""

from docutils import nodes
from latex2mathml.converter import convert

import ionstone

project = "ionstone"
author = "ionstone developers"
copyright = "2026, ionstone developers"
version = release = ionstone.__version__

extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.viewcode"]
exclude_patterns = ["_build", "jupyter_execute"]

# Every example of the manual is run; one that fails stops the build.
nb_execution_mode = "force"
nb_execution_raise_on_error = True
nb_execution_timeout = 300
nb_execution_in_temp = True
nb_merge_streams = True
nb_render_markdown_format = "myst"

myst_enable_extensions = ["dollarmath", "amsmath", "deflist", "colon_fence"]
myst_heading_anchors = 3

html_math_renderer = "mathml"

autodoc_member_order = "bysource"
autodoc_typehints = "description"
# names that modules import for type checks only; without them types are read as bare words
autodoc_type_aliases = {"Pack": "ionstone.pack.network.Pack"}
suppress_warnings = ["config.cache"]

html_static_path = ["_static"]
html_css_files = ["ionstone.css"]
html_theme = "pydata_sphinx_theme"
html_title = "ionstone"
html_theme_options = {
    "show_prev_next": False,
    "navigation_with_keys": False,
    "footer_start": ["copyright"],
    "footer_end": [],
}
html_sidebars = {"**": []}
html_show_sourcelink = False


def _inline(translator, node):
    """An inline formula as MathML, which browsers draw themselves: the pages need no network."""
    translator.body.append(convert(node.astext(), display="inline"))
    raise nodes.SkipNode


def _block(translator, node):
    """A displayed formula as MathML."""
    translator.body.append(f'<div class="formula">{convert(node.astext(), display="block")}</div>')
    raise nodes.SkipNode


def _keep_lines(app, what, name, obj, options, lines):
    """Docstrings are plain text: a paragraph with hanging lines (argument: what it is) keeps its lines."""
    start = 0
    for end in [*(i for i, line in enumerate(lines) if not line.strip()), len(lines)]:
        part = lines[start:end]
        if part and not part[0].startswith(" ") and any(line.startswith(" ") for line in part):
            lines[start:end] = [f"| {line}" for line in part]
        start = end + 1


def setup(app):
    """Register the renderer of formulas and the reader of docstrings."""
    app.connect("autodoc-process-docstring", _keep_lines)
    app.add_html_math_renderer("mathml", inline_renderers=(_inline, None), block_renderers=(_block, None))
