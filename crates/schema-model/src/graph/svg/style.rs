//! The colours of the SVG picture.

/// Every selector begins with the class of the picture, so that it changes nothing on a page it is put into.
pub(super) const STYLE: &str = "\
.flow-graph{font-family:ui-sans-serif,system-ui,'Segoe UI',Helvetica,Arial,sans-serif}
.flow-graph .page{fill:#ffffff}
.flow-graph .band{fill:#f6f8fa;stroke:#d8dee4}
.flow-graph .section{font-size:13px;font-weight:600;fill:#57606a}
.flow-graph .heading{font-size:16px;font-weight:600;fill:#1f2328}
.flow-graph .title{font-size:13.5px;font-weight:600;fill:#1f2328}
.flow-graph .detail,.flow-graph .legend{font-size:11px;fill:#57606a}
.flow-graph .times{font-size:12px;font-weight:600;fill:#57606a}
.flow-graph .label{font-size:11px;fill:#0550ae}
.flow-graph .wire{fill:none;stroke:#8c959f;stroke-width:1.4}
.flow-graph .fan-out{stroke:#8250df;stroke-width:2}
.flow-graph .gather{stroke:#1a7f37;stroke-width:2;stroke-dasharray:6 3}
.flow-graph .write{stroke:#57606a;stroke-width:2}
.flow-graph .wire.condition{stroke-dasharray:2 3}
.flow-graph .tip{fill:#8c959f}
.flow-graph .tip.write{fill:#57606a;stroke:none}
.flow-graph .tip.fan-out{fill:#8250df;stroke:none}
.flow-graph .tip.gather{fill:#1a7f37;stroke:none}
.flow-graph .card{stroke-width:1.2}
.flow-graph .sign{fill:none;stroke-width:1.6;stroke-linecap:round;stroke-linejoin:round}
.flow-graph .model .card{fill:#ddf4ff;stroke:#54aeff}
.flow-graph .model .sign{stroke:#0969da}
.flow-graph .person .card{fill:#fff8c5;stroke:#d4a72c}
.flow-graph .person .sign{stroke:#9a6700}
.flow-graph .template .card{fill:#ffffff;stroke:#8c959f}
.flow-graph .template .sign{stroke:#57606a}
.flow-graph .joined .card{fill:#dafbe1;stroke:#4ac26b}
.flow-graph .joined .sign{stroke:#1a7f37}
.flow-graph .custom .card{fill:#fbefff;stroke:#c297ff}
.flow-graph .custom .sign{stroke:#8250df}
.flow-graph .attribute .card{fill:#ffffff;stroke:#8c959f}
.flow-graph .attribute .sign{stroke:#57606a}
.flow-graph .boundary .card{fill:#eaeef2;stroke:#8c959f}
.flow-graph .boundary .sign{stroke:#57606a}
.flow-graph .disabled .card{fill:none;stroke:#afb8c1;stroke-dasharray:4 3}
.flow-graph .disabled .title,.flow-graph .disabled .detail{fill:#8c959f}
.flow-graph .disabled .sign{stroke:#afb8c1}
.flow-graph .made .card{stroke:#e85aad;stroke-width:2}
.flow-graph .flow .card{stroke:#bf3989;stroke-width:3.5}
.flow-graph .wire.made{stroke:#e85aad;stroke-width:2.4}
.flow-graph .wire.flow{stroke:#bf3989;stroke-width:4}
.flow-graph .tip.made{fill:#e85aad}
.flow-graph .tip.flow{fill:#bf3989}
.flow-graph .label.flow{font-weight:700;fill:#99286e}
.flow-graph.marked .wire:not(.made):not(.flow),.flow-graph.marked .tip:not(.made):not(.flow){opacity:.35}
";

/// What differs on a dark page.
pub(super) const DARK_STYLE: &str = "\
.flow-graph .page{fill:#0d1117}
.flow-graph .band{fill:#161b22;stroke:#30363d}
.flow-graph .section,.flow-graph .detail,.flow-graph .legend,.flow-graph .times{fill:#9198a1}
.flow-graph .heading,.flow-graph .title{fill:#f0f6fc}
.flow-graph .label{fill:#79c0ff}
.flow-graph .fan-out{stroke:#a371f7}
.flow-graph .gather{stroke:#3fb950}
.flow-graph .write{stroke:#9198a1}
.flow-graph .tip.write{fill:#9198a1}
.flow-graph .tip.fan-out{fill:#a371f7}
.flow-graph .tip.gather{fill:#3fb950}
.flow-graph .model .card{fill:#0c2d6b;stroke:#1f6feb}
.flow-graph .model .sign{stroke:#79c0ff}
.flow-graph .person .card{fill:#4b2900;stroke:#9e6a03}
.flow-graph .person .sign{stroke:#e3b341}
.flow-graph .template .card{fill:#21262d;stroke:#6e7681}
.flow-graph .template .sign{stroke:#9198a1}
.flow-graph .joined .card{fill:#04260f;stroke:#2ea043}
.flow-graph .joined .sign{stroke:#56d364}
.flow-graph .custom .card{fill:#2a1a4a;stroke:#8957e5}
.flow-graph .custom .sign{stroke:#d2a8ff}
.flow-graph .attribute .card{fill:#0d1117;stroke:#6e7681}
.flow-graph .attribute .sign{stroke:#9198a1}
.flow-graph .boundary .card{fill:#21262d;stroke:#6e7681}
.flow-graph .boundary .sign{stroke:#9198a1}
.flow-graph .disabled .card{fill:none;stroke:#484f58}
.flow-graph .disabled .title,.flow-graph .disabled .detail{fill:#6e7681}
.flow-graph .made .card,.flow-graph .wire.made{stroke:#ff9bce}
.flow-graph .flow .card,.flow-graph .wire.flow{stroke:#f778ba}
.flow-graph .tip.made{fill:#ff9bce}
.flow-graph .tip.flow{fill:#f778ba}
.flow-graph .label.flow{fill:#ff9bce}
";
