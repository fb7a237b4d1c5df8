/** Where Alice's post is, in Bob's own copy. */
export default () => ({ inReplyTo: process.env.EXAMPLE_ANSWERS })
