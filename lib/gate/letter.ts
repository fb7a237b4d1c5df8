import { html } from '../web/markup.ts'

/** A sealed letter, and one that has been opened: what the pages of the gate have at their head. */
export const SEALED_LETTER = html`<svg class="letter" viewBox="0 0 72 52" aria-hidden="true">
  <rect x="2" y="2" width="68" height="48" rx="5" />
  <path d="M3.5 4.5 36 29 68.5 4.5M3.5 47.5 26 22M68.5 47.5 46 22" />
  <circle class="seal" cx="36" cy="28" r="10" />
  <path class="mark" d="M32.5 27.5v-2a3.5 3.5 0 0 1 7 0v2M31.5 27.5h9v6h-9z" />
</svg>`

export const OPEN_LETTER = html`<svg class="letter" viewBox="0 0 72 60" aria-hidden="true">
  <path d="M2 25 36 2l34 23v28a5 5 0 0 1-5 5H7a5 5 0 0 1-5-5z" />
  <path class="sheet" d="M13 46V17a3 3 0 0 1 3-3h40a3 3 0 0 1 3 3v29" />
  <path d="M22 23h28M22 29h28M22 35h16" />
  <path class="front" d="M2 25l34 21 34-21v28a5 5 0 0 1-5 5H7a5 5 0 0 1-5-5z" />
</svg>`

/** Rules of the gate's pages, after the common ones. */
export const LETTER_STYLE = `
.letter{display:block;width:4.5rem;margin:0 0 1.25rem;fill:var(--desk);stroke:var(--accent);stroke-width:2;stroke-linejoin:round;stroke-linecap:round}
.letter .seal{fill:var(--accent);stroke:none}
.letter .mark{fill:none;stroke:var(--on-accent);stroke-width:1.6}
.letter .sheet{fill:var(--paper)}
.letter .front{fill:var(--desk)}
input[type=text]{margin-bottom:.9rem}
button{width:100%}
@media (min-width:30rem){button{width:auto}}
details{border-top:1px solid var(--line);padding:.75rem 0}
details:last-of-type{padding-bottom:0}
details:first-of-type{margin-top:1.75rem}
summary{cursor:pointer;font-weight:600;min-height:1.75rem}
details p{margin:.5rem 0 .25rem}
.who{overflow-wrap:anywhere}
form+form,form+p,p+form{margin-top:1.25rem}
`
