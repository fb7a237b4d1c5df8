/**
 * The first of `offers` that the client likes best, or the first of all where it accepts none: an
 * answer in the wrong form says more than none.
 *
 * @see [RFC 9110 §12.5.1](https://www.rfc-editor.org/rfc/rfc9110#section-12.5.1)
 */
export function preferredType<Type extends string>(
  request: Pick<Request, 'headers'>,
  offers: readonly [Type, ...Type[]],
): Type {
  const ranges = (request.headers.get('accept') ?? '*/*').slice(0, 2048).split(',')
  const weights = new Map<string, number>()
  for (const range of ranges) {
    const [type = '', ...params] = range.split(';').map((part) => part.trim().toLowerCase())
    const q = params.find((param) => param.startsWith('q='))?.slice(2) ?? '1'
    weights.set(type, Number(q) >= 0 ? Number(q) : 0)
  }
  const weightOf = (offer: string) =>
    weights.get(offer) ?? weights.get(offer.replace(/\/.*/, '/*')) ?? weights.get('*/*') ?? 0
  return offers.reduce((best, offer) => (weightOf(offer) > weightOf(best) ? offer : best))
}
