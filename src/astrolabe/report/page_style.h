// SPDX-License-Identifier: Apache-2.0
// The report's style sheet: system fonts, two colour sets, one column on a phone. On paper: A4, no dark
// ground, nothing cut at the edge, parts that belong together on one page, what is folded opened unless it is
// long, and behind a link where it leads.
#pragma once

#include <string_view>

namespace astrolabe {

inline constexpr std::string_view kPageStyle = R"css(
:root{--ground:#fbfbf9;--card:#fff;--ink:#1d2430;--soft:#667085;--rule:#e6e8ec;--accent:#2563a8;--tie:#8a6d1a;--wrong:#c2603a;--warn:#9a5b00;--warnbg:#fff6e5}
@media (prefers-color-scheme:dark){:root{--ground:#14171c;--card:#1b1f26;--ink:#e6e8ec;--soft:#98a2b3;--rule:#2c323c;--accent:#6ea8e6;--tie:#d6b656;--wrong:#e08a62;--warn:#f0b95c;--warnbg:#2c2415}}
*{box-sizing:border-box}
html{scroll-behavior:smooth;-webkit-text-size-adjust:100%}
body{margin:0;background:var(--ground);color:var(--ink);font:15px/1.55 system-ui,-apple-system,"Segoe UI",Roboto,sans-serif}
main{max-width:980px;margin:0 auto;padding:36px 20px 80px}
header h1{font-size:27px;line-height:1.25;margin:0 0 4px;font-weight:650;letter-spacing:-.01em;overflow-wrap:anywhere}
header p{margin:0;color:var(--soft)}
a{color:var(--accent);text-decoration:none}a:hover{text-decoration:underline}
nav{display:flex;flex-wrap:wrap;gap:2px 18px;margin:18px 0 0;font-size:14px}
h2{font-size:19px;margin:48px 0 10px;font-weight:650;letter-spacing:-.005em}
h3{font-size:14px;line-height:1.35;margin:0 0 10px;font-weight:600;color:var(--soft)}
h3.apart{margin:24px 0 0}
section>p{max-width:72ch;margin:8px 0}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(190px,1fr));gap:12px;margin:24px 0 0}
.figure{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:14px 16px}
.figure b{display:block;font-size:25px;font-weight:650;line-height:1.2;margin-bottom:2px;font-variant-numeric:tabular-nums;overflow-wrap:anywhere}
.figure b small{font-size:16px;font-weight:600}
.figure span{display:block;color:var(--soft);font-size:13px;line-height:1.45}
.panel{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:16px 18px;margin-top:12px;overflow-x:auto;min-width:0}
.pair{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(330px,100%),1fr));gap:12px;margin-top:12px}
.pair>.panel{margin:0}
.stack{min-width:0}.stack>.panel:first-child{margin:0}
.pair svg{margin:0 auto}
.wide{overflow-x:auto}
.warn{background:var(--warnbg);border-left:3px solid var(--warn);border-radius:4px;padding:8px 14px;margin:8px 0;overflow-wrap:anywhere}
.quiet{color:var(--soft)}
p.from{color:var(--soft);font-size:12.5px;line-height:1.45;margin:10px 0 0;max-width:80ch}
table{border-collapse:collapse;width:100%;font-size:14px;font-variant-numeric:tabular-nums}
th{text-align:left;font-weight:600;color:var(--soft);font-size:13px;white-space:nowrap}
th,td{padding:6px 14px 6px 0;border-bottom:1px solid var(--rule);vertical-align:top}
th:last-child,td:last-child{padding-right:0}
td.n,th.n{text-align:right}td.n,td.i{white-space:nowrap}td.wide{min-width:230px;overflow-wrap:anywhere}
tr:last-child td,tr:last-child th{border-bottom:0}
tr.best td{font-weight:600}tr.best td.quiet{font-weight:400}
.pair table{font-size:13.5px}.pair th{font-size:12.5px}.pair th,.pair td{padding-right:9px}
td.bar{position:relative;min-width:96px}td.bar span{position:relative}
td.bar i{position:absolute;left:14px;top:7px;bottom:7px;background:var(--accent);opacity:.16;border-radius:2px}
.tag{display:inline-block;border-radius:4px;padding:0 6px;font-size:12px;border:1px solid currentColor;font-weight:400}
.tag.best{color:var(--accent)}.tag.tie{color:var(--tie)}
code,pre{font:13px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace}
pre{background:var(--card);border:1px solid var(--rule);border-radius:10px;padding:12px 16px;overflow-x:auto;white-space:pre-wrap;overflow-wrap:anywhere}
details{margin-top:8px}
details summary{cursor:pointer;color:var(--accent);margin:8px 0}
.pictures{display:flex;flex-wrap:wrap;gap:12px 10px}
.pictures figure{margin:0;width:84px;font-size:12.5px;line-height:1.35;text-align:center;overflow-wrap:anywhere}
.pictures img{image-rendering:pixelated;border-radius:4px;border:1px solid var(--rule)}
svg{display:block;width:100%;height:auto}
svg .t{font:12px system-ui,sans-serif;fill:var(--ink)}
svg .small{font-size:10px}
svg .strong{font-weight:600}
svg .a{fill:var(--soft)}
svg .g{stroke:var(--rule)}
svg .d{stroke:var(--soft);stroke-dasharray:4 4}
svg .c{fill:none;stroke:var(--accent);stroke-width:2}
svg .before{stroke:var(--soft);stroke-width:1.4;stroke-dasharray:3 3}
svg .ring{fill:var(--card);stroke:var(--soft);stroke-width:1.4}
svg .w{stroke:currentColor;stroke-width:2;opacity:.55}
svg .f,svg .b{fill:var(--accent)}
svg .b{opacity:.8}
svg .wrong{fill:var(--wrong)}
svg .frame{fill:none;stroke:var(--rule)}
svg .dot{fill:none;stroke-width:4;stroke-linecap:round;stroke-opacity:.65}
svg .many{stroke-width:3.4;stroke-opacity:.38}
svg .q0{stroke:#3b6fb6}svg .q1{stroke:#6d93c4}svg .q2{stroke:#9b8fb0}svg .q3{stroke:#c2708f}svg .q4{stroke:#c43b5e}svg .q5{stroke:var(--soft)}svg .qn{stroke:var(--accent)}
svg .best{color:var(--accent);fill:var(--accent)}svg .tie{color:var(--tie);fill:var(--tie)}svg .rest{color:var(--soft);fill:var(--soft)}
svg .halo{paint-order:stroke;stroke:var(--card);stroke-width:3px;stroke-linejoin:round}
svg .band{fill:var(--accent);opacity:.13}
svg .par{fill:none;stroke-width:1.2;stroke-opacity:.75}
svg .box{fill:var(--card);stroke:var(--rule);stroke-width:1.2}
svg .last{stroke:var(--accent);stroke-width:1.6}
svg .link{fill:none;stroke:var(--accent);opacity:.28}
svg .arrow{stroke:var(--soft);stroke-width:1.4}
svg .head{fill:var(--soft)}
svg .fit{fill:none;stroke-width:1.5}
svg .training{stroke:var(--soft);stroke-opacity:.6;stroke-dasharray:4 3;stroke-width:1.2}
svg .watched{stroke:var(--accent);stroke-opacity:.8}
svg .stop{stroke:var(--wrong);stroke-width:1.6}
svg .s0,svg .s1,svg .s2,svg .s3,svg .s4{fill:none;stroke-width:1.6}
.s0{stroke:var(--accent);color:var(--accent)}.s1{stroke:var(--tie);color:var(--tie)}.s2{stroke:#b4577a;color:#b4577a}.s3{stroke:#3f8f6b;color:#3f8f6b}.s4{stroke:var(--soft);color:var(--soft)}
svg .s0{stroke-width:2.6}svg .s1{stroke-dasharray:7 3}svg .s2{stroke-dasharray:2 3}svg .s3{stroke-dasharray:9 3 2 3}svg .s4{stroke-dasharray:4 4}
.legend{display:flex;flex-wrap:wrap;gap:4px 18px;font-size:13px;margin:10px 0 0}
.legend svg{display:inline-block;width:30px;height:10px;margin:0 6px 0 0;vertical-align:middle}
.formula{font:15px/1.5 ui-monospace,SFMono-Regular,Menlo,Consolas,monospace;overflow-wrap:anywhere;margin:0 0 10px}
svg.spark{width:100px;height:20px}
.heat{width:auto}
.heat th{padding:5px 12px 5px 0;border:0}.heat th.n{padding:5px 10px}
.heat td{text-align:right;min-width:52px;border:2px solid var(--card);border-radius:4px;padding:5px 10px}
.heat td:last-child{padding-right:10px}
.heat .none{color:var(--soft);opacity:.6}
@media (max-width:600px){main{padding:20px 14px 60px}h2{margin-top:36px}th,td{padding-right:10px}.panel{padding:14px}.figures{grid-template-columns:1fr 1fr}.pair th,.pair td{padding-right:6px}}
@page{size:A4;margin:14mm 13mm}
@media print{
:root{--ground:#fff;--card:#fff;--ink:#000;--soft:#4a4f57;--rule:#c9ccd1;--accent:#1f5591;--tie:#6d560f;--wrong:#a8492a;--warn:#7a4800;--warnbg:#fff}
*{-webkit-print-color-adjust:exact;print-color-adjust:exact}
body{font-size:10.5pt}main{max-width:none;padding:0}
nav{display:none}
h2{break-after:avoid;margin-top:22pt}h3{break-after:avoid}section>p{break-after:avoid}
p,.figure,.warn,tr,svg,.pair>.panel,.stack{break-inside:avoid}
.panel:not(:has(tr:nth-child(24))){break-inside:avoid}
.panel,.wide,pre{overflow:visible}
.figures{grid-template-columns:repeat(4,1fr)}.pair{grid-template-columns:1fr 1fr}
.pair>.panel:only-child{max-width:60%}
table{font-size:9pt}th{font-size:8.5pt}th,td{padding-right:7pt}td.wide{min-width:0}.pair table{font-size:8pt}.pair th{font-size:7.5pt}.pair th,.pair td{padding-right:5pt}td.bar{min-width:60pt}
svg{min-width:0!important}
a[href]:not([href^="#"])::after{content:" (" attr(href) ")";color:var(--soft);font-size:.9em}
details:not(.long)::details-content{content-visibility:visible;block-size:auto}
details:not(.long)>summary{display:none}
thead{display:table-header-group}
}
)css";

}  // namespace astrolabe
