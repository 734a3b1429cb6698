// SPDX-License-Identifier: Apache-2.0
// The report's style sheet: system fonts, two colour sets, one column on a phone, ink-friendly in print.
#pragma once

#include <string_view>

namespace astrolabe {

inline constexpr std::string_view kPageStyle = R"css(
:root{--ground:#fcfcfa;--card:#fff;--ink:#1d2430;--soft:#667085;--rule:#e4e6ea;--accent:#2563a8;--tie:#8a6d1a;--warn:#9a5b00;--warnbg:#fff6e5}
@media (prefers-color-scheme:dark){:root{--ground:#14171c;--card:#1b1f26;--ink:#e6e8ec;--soft:#98a2b3;--rule:#2c323c;--accent:#6ea8e6;--tie:#d6b656;--warn:#f0b95c;--warnbg:#2c2415}}
*{box-sizing:border-box}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:960px;margin:0 auto;padding:32px 20px 80px}
header h1{font-size:26px;line-height:1.25;margin:0 0 4px;font-weight:650;overflow-wrap:anywhere}
header p{margin:0;color:var(--soft)}
h2{font-size:18px;margin:40px 0 12px;font-weight:650}
h3{font-size:14px;margin:0 0 8px;font-weight:600;color:var(--soft)}
section>p{max-width:70ch}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:24px 0 0}
.figure{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:14px 16px}
.figure b{display:block;font-size:24px;font-weight:650;line-height:1.2;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.figure b small{font-size:16px;font-weight:600}
.figure span{color:var(--soft);font-size:13px}
.panel{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:16px;overflow-x:auto}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(280px,1fr));gap:12px}
.warn{background:var(--warnbg);border-left:3px solid var(--warn);border-radius:4px;padding:8px 14px;margin:8px 0;overflow-wrap:anywhere}
.quiet{color:var(--soft)}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;color:var(--soft);font-size:13px;white-space:nowrap}
th,td{padding:6px 12px 6px 0;border-bottom:1px solid var(--rule);vertical-align:top}
td.n,th.n{text-align:right}td.n,td.i{white-space:nowrap}td.wide{min-width:230px;overflow-wrap:anywhere}
tr:last-child td,tr:last-child th{border-bottom:0}
tr.best td{font-weight:600}
.tag{display:inline-block;border-radius:4px;padding:0 6px;font-size:12px;border:1px solid currentColor}
.tag.best{color:var(--accent)}.tag.tie{color:var(--tie)}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:12px 16px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
details summary{cursor:pointer;color:var(--accent);margin:8px 0}
svg{display:block;width:100%;height:auto}
svg .t{font:12px system-ui,sans-serif;fill:var(--ink)}
svg .a{fill:var(--soft)}
svg .g{stroke:var(--rule)}
svg .d{stroke:var(--soft);stroke-dasharray:4 4}
svg .c{fill:none;stroke:var(--accent);stroke-width:2}
svg .w{stroke:currentColor;stroke-width:2;opacity:.55}
svg .f,svg .b{fill:var(--accent)}
svg .b{opacity:.8}
svg .p{fill:var(--accent);opacity:.35}
svg .dot{fill:none;stroke-width:4;stroke-linecap:round;stroke-opacity:.65}
svg .q0{stroke:#3b6fb6}svg .q1{stroke:#6d93c4}svg .q2{stroke:#9b8fb0}svg .q3{stroke:#c2708f}svg .q4{stroke:#c43b5e}svg .q5{stroke:var(--soft)}svg .qn{stroke:var(--accent)}
svg .best{color:var(--accent);fill:var(--accent)}svg .tie{color:var(--tie);fill:var(--tie)}svg .rest{color:var(--soft);fill:var(--soft)}
svg .halo{paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
svg .band{fill:var(--accent);opacity:.13}
svg .par{fill:none;stroke-width:1.2;stroke-opacity:.75}
svg .s0,svg .s1,svg .s2,svg .s3,svg .s4{fill:none;stroke-width:1.6}
.s0{stroke:var(--accent);color:var(--accent)}.s1{stroke:var(--tie);color:var(--tie)}.s2{stroke:#b4577a;color:#b4577a}.s3{stroke:#3f8f6b;color:#3f8f6b}.s4{stroke:var(--soft);color:var(--soft)}
svg .s0{stroke-width:2.6}svg .s1{stroke-dasharray:7 3}svg .s2{stroke-dasharray:2 3}svg .s3{stroke-dasharray:9 3 2 3}svg .s4{stroke-dasharray:4 4}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;margin:6px 0 0}
.legend svg{display:inline-block;width:30px;height:10px;margin-right:6px;vertical-align:middle}
.legend span{white-space:nowrap}
.formula{font:15px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere;margin:0 0 10px}
svg.spark{width:100px;height:20px}
.heat td{text-align:right;min-width:56px;border:1px solid var(--rule);padding:6px 10px;position:relative}
@media (max-width:600px){main{padding:20px 14px 60px}h2{margin-top:32px}th,td{padding-right:8px}}
@media print{:root{--ground:#fff;--card:#fff;--ink:#000;--soft:#444;--rule:#bbb}main{max-width:none;padding:0}.panel,.figure,pre{break-inside:avoid}details{display:block}}
)css";

}  // namespace astrolabe
