/** Rules of the pages of the owner's server, after the common ones. */
export const CONSENT_STYLE = `
.who{margin:0 0 .9rem}
h1,strong,code,dd{overflow-wrap:anywhere}
.card{margin:0 0 1.25rem;border:1px solid var(--line);border-radius:.6rem;background:var(--desk)}
.card div{padding:.7rem .95rem;border-top:1px solid var(--line)}
.card div:first-child{border-top:0}
dt{font:600 .75rem/1.4 ui-sans-serif,system-ui,sans-serif;letter-spacing:.02em;color:var(--soft)}
dd{margin:0}
dd .soft{display:block;line-height:1.4}
fieldset{border:0;margin:0 0 1.25rem;padding:0}
legend{font-weight:600;padding:0;margin:0 0 .25rem}
.choice{display:flex;gap:.7rem;align-items:flex-start;font-weight:400;margin:0;padding:.6rem 0;border-bottom:1px solid var(--line)}
.choice input{flex:none;width:1.35rem;height:1.35rem;margin:.12rem 0 0;accent-color:var(--accent)}
fieldset .soft{margin:.6rem 0 0}
.row button{flex:1 1 9rem}
details{border-top:1px solid var(--line);padding:.75rem 0 0;margin-top:1.25rem}
summary{cursor:pointer;min-height:1.75rem;color:var(--soft);font-size:.9rem}
details p{margin:.6rem 0 0}
`
