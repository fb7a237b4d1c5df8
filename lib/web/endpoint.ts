/** Answers requests. Every server of ours, and every site in a test, is one of these. */
export type Endpoint = (request: Request) => Promise<Response>
