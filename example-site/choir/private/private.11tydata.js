/** Where Alice's post is, in this reader's own copy. */
export default () => ({ inReplyTo: process.env.EXAMPLE_ANSWERS })
