import { join } from 'node:path'
import { FileIndex } from '../leak-audit/file-index.ts'
import { addressesIn } from '../leak-audit/named-files.ts'
import type { BuildState, BuiltPost } from './build-state.ts'
import { GroupSearch, type FileGroup } from './file-groups.ts'
import type { Claim } from './media-claims.ts'
import type { PublicOutput } from './output-media.ts'
import { privateEntries, textsAt, type DataEntry } from './private-data.ts'

/** Folders, patterns and names without extensions by which private posts name files. */
export interface ClaimedGroups {
  readonly search: GroupSearch
  readonly byKey: ReadonlyMap<string, FileGroup>
  /** Files that a private post names by their own names: no folder that a public text names makes them public. */
  readonly exact: ReadonlySet<string>
  /** Names that a script of a page makes up, so that nothing can be written in their place. */
  readonly composed: readonly { readonly built: BuiltPost; readonly group: FileGroup }[]
}

export interface GroupClaimOptions {
  readonly input: string
  readonly pathPrefix: string
  readonly exact: ReadonlySet<string>
  readonly claim: (file: string, built: BuiltPost, how: Partial<Claim>) => void
  readonly foldersOf: (built: BuiltPost) => readonly string[]
}

/** Words of keys whose values are pictures, other files, or folders of them, whatever else they look like. */
const MEDIA_WORDS =
  'album albums attachment attachments audio background backdrop banner cover download downloads file files folder galleries gallery hero icon image images img imgs media photo photos pic pics picture pictures poster slides sound thumb thumbnail thumbnails video videos'.split(
    ' ',
  )
const LONGEST_ADDRESS = 300

/** Claims what private posts name by something else than the files' own names. */
export function claimGroups(
  { posts, publicData, templateData }: BuildState,
  found: PublicOutput,
  { input, pathPrefix, exact, claim, foldersOf }: GroupClaimOptions,
): ClaimedGroups {
  const all = new FileIndex(found.files)
  const isAnswered = (path: string) => all.findAt(`/${path}`, []).length > 0
  const search = new GroupSearch(found.media, { pathPrefix, isAnswered })
  const sources = new GroupSearch(new Set(found.sources.values()), {
    pathPrefix: '/',
    isAnswered: () => false,
  })
  const byKey = new Map<string, FileGroup>()
  /** By a key of data: all texts below it, of all templates. */
  const publicTexts = new Map<string, ReadonlySet<string>>()
  const composed: { built: BuiltPost; group: FileGroup }[] = []

  for (const built of posts.values()) {
    const folders = foldersOf(built)
    const ofProject = ['', input, ...folders.map((folder) => join(input, folder))]
    for (const { rendered } of built.pages.values()) {
      for (const { written } of addressesIn(rendered)) {
        const group = search.find(written, { folders, isNameEnough: false })
        if (group) take(built, group, { isShown: true }, written)
      }
    }
    for (const { written } of addressesIn(built.body)) takeOwn(written, false)
    for (const entry of privateEntries(built.data, publicData)) {
      const { text } = entry
      const isMedia = entry.keys.some(isOfMedia)
      if (text.length > LONGEST_ADDRESS || !(isMedia || text.includes('/'))) continue
      if (!isInPublic(entry)) takeOwn(text, isMedia)
    }

    function takeOwn(written: string, isNameEnough: boolean): void {
      if (all.findAt(written, ['', ...folders]).length > 0) return
      const own = search.find(written, { folders: ['', ...folders], isNameEnough })
      if (own) take(built, own, { isWritten: true })
      const group = sources.find(written, { folders: ofProject, isNameEnough })
      if (!group) return
      const files = group.files.flatMap((source) => found.copiesOf(source))
      take(built, { ...group, files, key: `source:${group.key}` }, { isWritten: true })
    }
  }
  return { search, byKey, exact, composed }

  function take(built: BuiltPost, group: FileGroup, how: Partial<Claim>, written = ''): void {
    if (group.files.length === 0) return
    byKey.set(group.key, group)
    if (written.includes('${')) composed.push({ built, group })
    for (const file of group.files) claim(file, built, how)
  }

  /** Folders of data files give the same to private and public posts. */
  function isInPublic({ keys: [key = ''], text }: DataEntry): boolean {
    const texts =
      publicTexts.get(key) ??
      new Set([...templateData.values()].flatMap((data) => [...textsAt(data, key)]))
    publicTexts.set(key, texts)
    return texts.has(text)
  }
}

function isOfMedia(key: string): boolean {
  const words = key
    .replace(/([a-z])([A-Z])/g, '$1 $2')
    .toLowerCase()
    .split(/[^a-z]+/)
  return words.some((word) => MEDIA_WORDS.includes(word))
}
