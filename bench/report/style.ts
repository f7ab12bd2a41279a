/**
 * How a page looks, light and dark. The colours of products are those of Okabe and Ito, which people who do not see all
 * colours can tell apart.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #ffffff; --ink: #1b1f24; --faint: #626b76; --line: #d9dee4; --band: #eef5fb; --whisker: #1b1f24;
  --hfstream: #0072b2; --datasets: #e69f00; --hyparquet: #009e73; --parquet-wasm: #cc79a7; --pyarrow: #d55e00;
  --duckdb: #56b4e9; --transfer: #8d959e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #14181d; --ink: #e6eaef; --faint: #98a3af; --line: #323a43; --band: #1b2733; --whisker: #f4f6f8;
    --hfstream: #3f9fe0; --transfer: #77808a;
  }
}
body {
  margin: 0 auto; padding: 24px; max-width: 1300px; background: var(--ground); color: var(--ink);
  font: 15px/1.5 system-ui, -apple-system, "Segoe UI", "Helvetica Neue", Arial, sans-serif;
}
h1 { font-size: 26px; margin: 0 0 4px; }
h2 { font-size: 19px; margin: 36px 0 0; }
h2 small { color: var(--faint); font-size: 14px; font-weight: 400; margin-left: 8px; }
p { margin: 4px 0; color: var(--faint); max-width: 100ch; }
p.failed { color: #d43f3a; font-weight: 600; white-space: pre-wrap; }
figure { margin: 12px 0 4px; overflow-x: auto; }
svg { display: block; font: inherit; max-width: 100%; min-width: 880px; height: auto; }
.plots svg { min-width: 0; }
svg text { fill: var(--ink); font-size: 13px; dominant-baseline: central; font-variant-numeric: tabular-nums; }
svg .heading { font-weight: 600; }
svg .faint { fill: var(--faint); font-size: 12px; }
svg .own { font-weight: 700; }
svg .band { fill: var(--band); }
svg .axis, svg .grid { stroke: var(--line); fill: none; }
svg .whisker { stroke: var(--whisker); stroke-width: 1.5; fill: none; }
svg .bar { opacity: 0.8; }
svg .bar.hfstream { opacity: 1; }
svg .curve { stroke: var(--hfstream); stroke-width: 2.5; fill: none; stroke-linejoin: round; }
svg .spread { fill: var(--hfstream); opacity: 0.18; }
${["hfstream", "datasets", "hyparquet", "parquet-wasm", "pyarrow", "duckdb", "transfer"]
  .map((product) => `svg .${product} { fill: var(--${product}); }`)
  .join("\n")}
svg .halo { paint-order: stroke; stroke: var(--ground); stroke-width: 4px; font-size: 12px; }
table { border-collapse: collapse; font-variant-numeric: tabular-nums; }
th, td { padding: 3px 14px; text-align: right; font-weight: 400; }
th:first-child { text-align: left; padding-left: 8px; }
tr:first-child th { font-weight: 600; }
th.group { color: var(--faint); font-size: 13px; padding-top: 10px; }
tr.own { background: var(--band); }
tr.own th, tr.own td { font-weight: 700; }
.swatch { display: inline-block; width: 11px; height: 11px; border-radius: 2px; margin-right: 9px; }
.plots { display: grid; grid-template-columns: repeat(auto-fill, minmax(380px, 1fr)); gap: 16px; }
details { margin: 6px 0; color: var(--faint); }
pre { font: 12px/1.45 ui-monospace, "DejaVu Sans Mono", Menlo, Consolas, monospace; color: var(--ink); overflow-x: auto; }
`;
