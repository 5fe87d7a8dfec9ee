"""Pages that carry their own plotting library.

plotly.js is 4.8 MB of text. It is stored deflated (1.9 MB) and unpacked by the browser
(``DecompressionStream``, in all browsers since 2023), so that a page with plots is small enough for a
mail.
"""

from __future__ import annotations

import base64
import html
import json
import zlib
from collections.abc import Sequence
from typing import Any

_DRAW = """
async function ionstoneUnpack(id) {
  const packed = document.getElementById(id).textContent.trim();
  const bytes = Uint8Array.from(atob(packed), c => c.charCodeAt(0));
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  const script = document.createElement("script");
  script.textContent = await new Response(stream).text();
  document.head.appendChild(script);
}
function ionstoneColours() {
  const style = getComputedStyle(document.documentElement);
  return {"font.color": style.getPropertyValue("--text").trim() || "#24303A"};
}
(async () => {
  try { await ionstoneUnpack("plotly-library"); }
  catch (error) {
    for (const node of document.querySelectorAll(".figure"))
      node.textContent = "This browser cannot unpack the plots; any browser of 2023 or later can.";
    return;
  } const options = {responsive: true, displaylogo: false, displayModeBar: "hover",
  modeBarButtonsToRemove: ["lasso2d", "select2d"]}; const figures =
  JSON.parse(document.getElementById("figure-data").textContent); const nodes = []; for (const [id,
  figure] of Object.entries(figures)) {
    const node = document.getElementById(id);
    if (!node) continue;
    await Plotly.newPlot(node, figure.data, figure.layout, options);
    nodes.push(node);
  }
  for (const select of document.querySelectorAll("select[data-figure]")) {
    const node = document.getElementById(select.dataset.figure);
    const show = () => Plotly.restyle(node, {visible: node.data.map(trace => trace.meta === select.value)});
    select.addEventListener("change", show);
    show();
  }
  const recolour = () => nodes.forEach(node => Plotly.relayout(node, ionstoneColours())); recolour();
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", recolour);
  addEventListener("beforeprint", () => {
    if (matchMedia("(prefers-color-scheme: dark)").matches)
      nodes.forEach(node => Plotly.relayout(node, {"font.color": "#111"}));
  }); addEventListener("afterprint", recolour); document.documentElement.dataset.drawn = "true";
})();
"""

_PLAIN = """<!doctype html> <html lang="en"><head><meta charset="utf-8"><meta name="viewport"
content="width=device-width, initial-scale=1"> <title>{title}</title><style> :root {{ color-scheme: light
dark; --text: #24303a; --page: #fff; }} @media (prefers-color-scheme: dark) {{ :root {{ --text: #dde3e8;
--page: #15191d; }} }} body {{ margin: 1rem auto; max-width: 1100px; padding: 0 1rem; background:
var(--page); color: var(--text); }} </style></head><body> {figures} {scripts} </body></html>
"""


def page(title: str, figures: Sequence[dict[str, Any]], library: str) -> str:
    """A bare page with figures under one another; ``library`` is the text of plotly.js."""
    named = {f"figure-{index}": figure for index, figure in enumerate(figures)}
    places = "\n".join(f'<div class="figure" id="{name}"></div>' for name in named)
    return _PLAIN.format(title=html.escape(title), figures=places, scripts=scripts(named, library))


def scripts(figures: dict[str, dict[str, Any]], library: str) -> str:
    """The script elements that draw ``figures`` (element id to plotly figure) with the inlined library."""
    packed = base64.b64encode(zlib.compress(library.encode("utf-8"), 9)).decode("ascii")
    return (
        f'<script type="application/json" id="figure-data">{embedded_json(figures)}</script>\n'
        f'<script type="text/plain" id="plotly-library">{packed}</script>\n'
        f"<script>{_DRAW}</script>"
    )


def embedded_json(value: Any) -> str:
    """JSON that cannot end the script element it stands in."""
    text = json.dumps(value, separators=(",", ":"), allow_nan=False)
    return text.replace("<", "\\u003c").replace(">", "\\u003e").replace("&", "\\u0026")
