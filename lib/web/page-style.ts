/** The look of every page that a function makes: a sheet of paper, light or dark as the reader likes it. */
export const PAGE_STYLE = `
:root{color-scheme:light dark;--paper:#fffdf9;--desk:#efe9df;--ink:#2a2622;--soft:#6b635a;--line:#ddd4c6;--accent:#8a3b12;--on-accent:#fff;--good:#2c6e49;--bad:#a4262c}
@media (prefers-color-scheme:dark){:root{--paper:#24211d;--desk:#181613;--ink:#ede6da;--soft:#a79d8f;--line:#3d382f;--accent:#e39a6b;--on-accent:#20160f;--good:#7cc49a;--bad:#f0908f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;background:var(--desk);color:var(--ink);font:1.0625rem/1.55 ui-serif,Georgia,"Times New Roman",serif;padding:clamp(.75rem,4vw,3rem) .75rem}
main{max-width:34rem;margin:0 auto;background:var(--paper);border:1px solid var(--line);border-radius:.75rem;padding:clamp(1.25rem,5vw,2.5rem);box-shadow:0 1px 3px #0001,0 12px 32px #0000000f}
main.wide{max-width:46rem}
h1{font-size:1.6rem;line-height:1.2;margin:0 0 .75rem;text-wrap:balance}
h2{font-size:1.15rem;margin:1.75rem 0 .5rem}
p{margin:0 0 1rem}
a{color:var(--accent)}
small,.soft{color:var(--soft);font-size:.9rem}
label{display:block;font-weight:600;margin:0 0 .35rem}
input[type=text],input[type=url],input[type=password]{width:100%;font:inherit;padding:.7rem .8rem;color:inherit;background:var(--desk);border:1px solid var(--line);border-radius:.5rem}
button,.button{display:inline-block;font:600 1rem/1.2 ui-sans-serif,system-ui,sans-serif;padding:.8rem 1.15rem;min-height:2.75rem;border:1px solid var(--accent);border-radius:.5rem;background:var(--accent);color:var(--on-accent);cursor:pointer;text-decoration:none}
button.plain{background:none;color:var(--accent)}
button.quiet{background:none;border-color:var(--line);color:var(--soft)}
input:focus-visible,button:focus-visible,a:focus-visible,summary:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
form>p:last-child{margin-bottom:0}
.row{display:flex;flex-wrap:wrap;gap:.6rem;align-items:center}
.notice{border-left:4px solid var(--accent);background:var(--desk);padding:.7rem .9rem;border-radius:0 .5rem .5rem 0;margin:0 0 1.25rem}
.notice.bad{border-color:var(--bad)}.notice.good{border-color:var(--good)}
.tag{font:600 .75rem/1 ui-sans-serif,system-ui,sans-serif;letter-spacing:.02em;border:1px solid var(--line);border-radius:1rem;padding:.25rem .55rem;color:var(--soft)}
hr{border:0;border-top:1px solid var(--line);margin:1.5rem 0}
code{overflow-wrap:anywhere}
`
