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
  const weights = weightsOf(request)
  const weightOf = (offer: string) => namedWeight(weights, offer) ?? weights.get('*/*') ?? 0
  return offers.reduce((best, offer) => (weightOf(offer) > weightOf(best) ? offer : best))
}

/**
 * Whether the client asks for this type: it names the type, its family, or a type built on it (`application/x+json`), and
 * likes `other` no better. Whoever accepts everything asks for nothing.
 */
export function asksFor(
  request: Pick<Request, 'headers'>,
  type: string,
  { other }: { readonly other: string },
): boolean {
  const weights = weightsOf(request)
  const suffix = type.replace(/.*\//, '+')
  const builtOn = [...weights].filter(([name]) => name.endsWith(suffix)).map(([, weight]) => weight)
  const weight = Math.max(namedWeight(weights, type) ?? 0, ...builtOn)
  return weight > 0 && weight >= (namedWeight(weights, other) ?? weights.get('*/*') ?? 0)
}

function namedWeight(weights: ReadonlyMap<string, number>, type: string): number | undefined {
  return weights.get(type) ?? weights.get(type.replace(/\/.*/, '/*'))
}

function weightsOf(request: Pick<Request, 'headers'>): ReadonlyMap<string, number> {
  const ranges = (request.headers.get('accept') ?? '*/*').slice(0, 2048).split(',')
  const weights = new Map<string, number>()
  for (const range of ranges) {
    const [type = '', ...params] = range.split(';').map((part) => part.trim().toLowerCase())
    const q = params.find((param) => param.startsWith('q='))?.slice(2) ?? '1'
    weights.set(type, Number(q) >= 0 ? Number(q) : 0)
  }
  return weights
}
