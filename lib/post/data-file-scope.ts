import { posix } from 'node:path'
import { distance } from 'fastest-levenshtein'
import { foldWord } from './look-alikes.ts'

/** The templates that a file in a certain place was probably written for. */
export interface DataScope<Template = { readonly path: string }> {
  /** By its name: one template's, or a whole folder's; or `loose`, where it only lies beside them. */
  readonly kind: 'template' | 'folder' | 'loose'
  /** Whether the name is exactly theirs. */
  readonly isSure: boolean
  readonly templates: readonly Template[]
  /** Under which name Eleventy reads such a file, without what tells the format; `undefined` where under none. */
  readonly rightName: string | undefined
}

/** How the site's configuration wants data files to be called. */
export interface DataNaming {
  /** What stands between the name and the format. */
  readonly suffixes: readonly string[]
  /** In place of the folder's name. */
  readonly folderName?: string | undefined
}

export const DEFAULT_NAMING: DataNaming = { suffixes: ['.11tydata', ''] }

const DATA_ENDING = /(?:^|\.)(?:11tydata|json[c5]?|ya?ml|toml|txt|[cm]?[jt]s|md|markdown|html)$/i
const TEMPLATE_ENDING = /(?:\.11ty)?\.[^./]+$/

/**
 * Finds the templates that a data file is meant for: those of the folder of its name, that of its name, or else
 * those in whose folder it lies.
 */
export function meantTemplates<Template extends { readonly path: string }>(
  path: string,
  all: readonly Template[],
  naming: DataNaming = DEFAULT_NAMING,
): DataScope<Template> {
  const { dir, base } = posix.parse(path)
  const name = bareName(base)
  const below = (folder: string) =>
    all.filter((one) => one.path !== path && (folder === '' || one.path.startsWith(`${folder}/`)))
  const ofFolder = (folder: string, isSure: boolean): DataScope<Template> => ({
    ...{ kind: 'folder', isSure, templates: below(folder) },
    rightName: nameFor(folder, naming),
  })

  const folderName = posix.basename(dir)
  if (dir !== '' && name === folderName) return ofFolder(dir, true)
  const own = below(dir).filter((template) => {
    const { dir: folder, base: file } = posix.parse(template.path)
    return folder === dir && [file, file.replace(TEMPLATE_ENDING, '')].includes(name)
  })
  if (own[0]) {
    const rightName = own[0].path.replace(TEMPLATE_ENDING, '') + shortest(naming.suffixes)
    return { kind: 'template', isSure: true, templates: own, rightName }
  }
  if (dir !== '' && isSimilar(name, folderName)) return ofFolder(dir, false)
  const sibling = below(dir)
    .map((template) => childFolder(template.path, dir))
    .find((folder) => folder !== '' && isSimilar(name, folder))
  if (sibling !== undefined) return ofFolder(posix.join(dir, sibling), false)
  return { ...ofFolder(dir, false), kind: 'loose' }
}

/** The file's name without what makes it a data file: `a.md` of `a.md.11tydata.json`. */
function bareName(base: string): string {
  let name = base
  while (DATA_ENDING.test(name) && !/^[^.]+\.(?:md|markdown|html)$/i.test(name)) {
    name = name.replace(DATA_ENDING, '')
  }
  return name
}

/** Whether one was probably written for the other: by small and capital letters, or a letter more or less. */
function isSimilar(name: string, folder: string): boolean {
  const [one, other] = [foldWord(name), foldWord(folder)]
  return one !== '' && distance(one, other) <= (other.length > 3 ? 1 : 0)
}

/** Directly in the project, no folder has a name that a file could have. */
function nameFor(folder: string, { suffixes, folderName }: DataNaming): string | undefined {
  if (folderName !== undefined)
    return posix.join(folder, folderName) + shortest(suffixes.filter(Boolean))
  if (folder === '') return undefined
  return posix.join(folder, posix.basename(folder)) + shortest(suffixes)
}

function shortest(suffixes: readonly string[]): string {
  return suffixes.includes('') ? '' : (suffixes[0] ?? '')
}

function childFolder(path: string, dir: string): string {
  const names = (dir === '' ? path : path.slice(dir.length + 1)).split('/')
  return names.length > 1 ? (names[0] ?? '') : ''
}
