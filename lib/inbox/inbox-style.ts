/** Rules of the inbox's pages, after the common ones. Faces are told apart by colour, which CSP lets only classes do. */
export const INBOX_STYLE = `
.top{display:flex;flex-wrap:wrap;align-items:baseline;gap:.25rem 1rem;margin-bottom:1rem}
.top h1{margin:0;font-size:1.9rem}
.top p{margin:0;flex:1}
.top form,.top .back{margin-left:auto;display:inline-flex;align-items:center;min-height:2.75rem}
.views{display:flex;gap:.4rem;overflow-x:auto;scrollbar-width:none;margin:0 calc(-1*clamp(1.25rem,5vw,2.5rem)) 1.25rem;padding:.25rem clamp(1.25rem,5vw,2.5rem)}
.views a{flex:none;display:inline-flex;align-items:center;gap:.4rem;min-height:2.75rem;padding:0 .95rem;border:1px solid var(--line);border-radius:2rem;color:var(--soft);text-decoration:none;font:600 .9rem/1 ui-sans-serif,system-ui,sans-serif}
.views a[aria-current]{background:var(--ink);border-color:var(--ink);color:var(--paper)}
.views b{font-variant-numeric:tabular-nums;font-weight:600;opacity:.75}
.thread{border-top:1px solid var(--line);padding:1.1rem 0 .4rem}
.thread h2{font:600 .82rem/1.4 ui-sans-serif,system-ui,sans-serif;color:var(--soft);margin:0 0 .35rem;overflow-wrap:anywhere}
.thread h2 a{color:inherit;display:inline-block;padding:.45rem 0}
.message{display:grid;grid-template-columns:2.75rem minmax(0,1fr);gap:0 .85rem;padding:.75rem 0;position:relative}
.message+.message{border-top:1px dashed var(--line)}
.message:target{background:var(--desk);border-radius:.75rem;box-shadow:0 0 0 .6rem var(--desk)}
.face{width:2.75rem;height:2.75rem;border-radius:50%;display:grid;place-items:center;font:600 1.15rem/1 ui-sans-serif,system-ui,sans-serif;color:#fff;position:relative}
.hue0{background:#8a3b12}.hue1{background:#2c6e49}.hue2{background:#2f5d8a}.hue3{background:#7a3e82}.hue4{background:#8a6512}.hue5{background:#476a6f}
.new .face::after{content:"";position:absolute;top:-.1rem;right:-.1rem;width:.85rem;height:.85rem;border-radius:50%;background:var(--accent);border:2px solid var(--paper)}
.who,.via{overflow-wrap:anywhere;unicode-bidi:isolate}
.via{color:var(--soft)}
.head{margin:0;line-height:1.35;display:flex;flex-wrap:wrap;gap:0 .45rem;align-items:baseline}
.head time{margin-left:auto;color:var(--soft);font:.85rem/1.35 ui-sans-serif,system-ui,sans-serif}
.read .who{font-weight:500}
.from{display:flex;flex-wrap:wrap;gap:.3rem .5rem;align-items:center;margin:.1rem 0 0;font:.85rem/1.4 ui-sans-serif,system-ui,sans-serif;color:var(--soft);overflow-wrap:anywhere}
.from a{color:inherit;padding:.25rem 0}
.tag{display:inline-flex;align-items:center;gap:.3rem;white-space:nowrap}
.tag svg{width:.7rem;height:.8rem;fill:currentColor}
.tag.mine{color:var(--good);border-color:currentColor}
.tag.wait{color:var(--accent);border-color:currentColor}
.excerpt{margin:.5rem 0 0;overflow-wrap:anywhere}
.excerpt a{color:inherit;text-decoration:none;display:-webkit-box;-webkit-box-orient:vertical;-webkit-line-clamp:4;overflow:hidden}
.read .excerpt{color:var(--soft)}
.excerpt a:hover{text-decoration:underline}
.careful{margin:.55rem 0 0;padding:.55rem .8rem;border-left:3px solid var(--bad);border-radius:.25rem;background:var(--desk);color:var(--bad);font:.92rem/1.4 ui-sans-serif,system-ui,sans-serif;overflow-wrap:anywhere}
.do{display:flex;flex-wrap:wrap;gap:.5rem;margin-top:.7rem;align-items:flex-start}
.do button,.do .button,.do summary{font-size:.92rem;padding:.6rem .95rem;min-height:2.75rem;display:inline-flex;align-items:center}
.do summary{cursor:pointer;font:600 .92rem/1.2 ui-sans-serif,system-ui,sans-serif;color:var(--soft);border-radius:.5rem;list-style:none;padding:.6rem .6rem}
.do summary::-webkit-details-marker{display:none}
.do summary::after{content:"▾";margin-left:.35rem}
.do details[open]{flex-basis:100%}
.do details[open] summary::after{content:"▴"}
.do details .row{margin-top:.4rem}
.button.quiet{background:none;border-color:var(--line);color:var(--soft)}
button.bad{background:none;border-color:var(--bad);color:var(--bad)}
button{overflow-wrap:anywhere;text-align:left}
.more{display:inline-flex;align-items:center;min-height:2.75rem;font:.92rem/1.2 ui-sans-serif,system-ui,sans-serif}
.pages{display:flex;justify-content:space-between;gap:.6rem;margin:1rem 0 0}
.settings{border-top:1px solid var(--line);margin-top:1.25rem}
.settings details{border-bottom:1px solid var(--line)}
.settings summary{min-height:2.75rem;display:flex;align-items:center;cursor:pointer;font:600 .95rem/1.3 ui-sans-serif,system-ui,sans-serif;color:var(--soft)}
.settings ul{list-style:none;margin:0 0 1rem;padding:0}
.settings>p{margin:1rem 0 0}
.settings li{display:flex;gap:.6rem;align-items:center;justify-content:space-between;overflow-wrap:anywhere;padding:.2rem 0}
.settings button,.top button{padding:.6rem .95rem;font-size:.92rem}
.empty{text-align:center;padding:2.5rem 1rem;color:var(--soft)}
.empty svg{width:4rem;height:3rem;fill:none;stroke:var(--line);stroke-width:2;margin-bottom:.75rem}
.said{overflow-wrap:anywhere;margin:1rem 0}
.said pre{overflow-x:auto}
.said blockquote{margin:0 0 1rem;padding-left:1rem;border-left:3px solid var(--line);color:var(--soft)}
.words{white-space:pre-wrap}
pre.copy{background:var(--desk);border:1px solid var(--line);border-radius:.5rem;padding:.8rem 1rem;overflow-x:auto;font-size:.9rem;user-select:all;white-space:pre-wrap;overflow-wrap:anywhere}
.vh{position:absolute;width:1px;height:1px;overflow:hidden;clip-path:inset(50%);white-space:nowrap}
input[type=password],input[type=text]{margin-bottom:.9rem}
`
