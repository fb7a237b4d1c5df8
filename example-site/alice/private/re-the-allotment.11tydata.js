import site from '../_data/site.js'

/** The note that this one answers lives wherever Bob lives. */
export default { inReplyTo: new URL('notes/q7m2x9r4kdw8v3ht6ync5bze1f/', site.bob).href }
