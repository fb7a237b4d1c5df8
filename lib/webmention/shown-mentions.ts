import * as v from 'valibot'
import { readDeployJson, type DeployFiles } from '../store/deploy-files.ts'
import { pathHash } from './targets.ts'

/** The deploy file with the mentions that layouts were given, for those who tell others of the pages. */
export const SHOWN_MENTIONS_FILE = 'shown-mentions.json'

const ShownMention = v.object({
  /** {@link pathHash} of the page that is mentioned. */
  page: v.string(),
  /** Where it stands. */
  urls: v.array(v.string()),
  author: v.object({ name: v.string(), url: v.string(), photo: v.optional(v.string()) }),
  name: v.optional(v.string()),
  text: v.string(),
  html: v.string(),
})
/** A public mention, as a layout may have shown it. */
export type ShownMention = v.InferOutput<typeof ShownMention>

const File = v.object({ version: v.literal(1), mentions: v.array(ShownMention) })

/** What strangers said that stands on the pages of a build. */
export interface ShownMentions {
  readonly all: readonly ShownMention[]
  of(page: URL): readonly ShownMention[]
}

export const NO_MENTIONS: ShownMentions = { all: [], of: () => [] }

/** Without a build, or without mentions in it, there are none. */
export async function readShownMentions(files: DeployFiles | undefined): Promise<ShownMentions> {
  const value = files && (await readDeployJson(files, SHOWN_MENTIONS_FILE))
  return value === undefined ? NO_MENTIONS : openShownMentions(v.parse(File, value).mentions)
}

export function openShownMentions(all: readonly ShownMention[]): ShownMentions {
  const byPage = new Map<string, ShownMention[]>()
  for (const mention of all) {
    const others = byPage.get(mention.page)
    if (others) others.push(mention)
    else byPage.set(mention.page, [mention])
  }
  return {
    all,
    of: ({ pathname }) => (all.length === 0 ? [] : (byPage.get(pathHash(pathname)) ?? [])),
  }
}

/** The deploy file of these. */
export function shownMentionsFile(mentions: readonly ShownMention[]): string {
  return `${JSON.stringify({ version: 1, mentions })}\n`
}
