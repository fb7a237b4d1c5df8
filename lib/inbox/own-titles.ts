import { webUrl } from './page-address.ts'

/** What a page of ours is called. */
export type TitleOf = (target: URL) => Promise<string | undefined>

/** The titles of pages of ours, looked up once for each. */
export async function titlesOf(
  targets: readonly (string | undefined)[],
  titleOf: TitleOf | undefined,
): Promise<(target: string) => string | undefined> {
  const titles = new Map<string, string>()
  await Promise.all(
    [...new Set(targets)].map(async (target) => {
      const url = webUrl(target)
      const title = url && (await titleOf?.(url))
      if (target !== undefined && title !== undefined) titles.set(target, title)
    }),
  )
  return (target) => titles.get(target)
}
