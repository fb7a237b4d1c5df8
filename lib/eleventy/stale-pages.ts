import { existsSync, readFileSync } from 'node:fs'
import { join, posix } from 'node:path'
import { inputPathOf, type BuildResult } from './eleventy-config.ts'
import { openWrittenPages, removePage } from './written-pages.ts'

/** Pages of earlier builds that still lie in the output folder. */
export interface StalePages {
  /** Every page that this build or an earlier one wrote, below the output folder. */
  readonly known: ReadonlySet<string>
  /** Pages of earlier builds that this one did not write. */
  readonly left: ReadonlySet<string>
  /** Texts of the pages that were removed because their source is private now, by its path. */
  readonly removed: ReadonlyMap<string, string>
  /** Input paths by the pages, below the output folder, that this build wrote; in an incremental build, those of earlier ones too. */
  pages(isIncremental: boolean): ReadonlyMap<string, string>
  /** Removes the pages that these sources had while they were public; returns how many. */
  removeOf(paths: ReadonlySet<string>, naturalPaths: readonly string[]): number
  /** Removes pages of earlier builds among `files`; returns the sources of each that it removed. */
  removeAmong(files: ReadonlySet<string>): readonly string[]
  /** Remembers what lies in the output now. */
  save(): void
}

/** @param output Output folder from the project's root. */
export function openStalePages(
  cwd: string,
  output: string,
  results: readonly BuildResult[],
): StalePages {
  const record = openWrittenPages(cwd, output)
  const fresh = new Map(
    results.flatMap(({ inputPath, outputPath }) =>
      outputPath === false
        ? []
        : [[posix.relative(output, inputPathOf(outputPath)), inputPathOf(inputPath)] as const],
    ),
  )
  const stale = new Map([...record.files].filter(([file]) => !fresh.has(file)))
  const removed = new Map<string, string>()
  const remove = (file: string) => {
    stale.delete(file)
    removePage(output, join(output, file))
  }

  return {
    removed,
    known: new Set([...record.files.keys(), ...fresh.keys()]),
    get left() {
      return new Set(stale.keys())
    },
    pages(isIncremental) {
      if (!isIncremental) return fresh
      const left = [...stale].filter(([file]) => existsSync(join(output, file)))
      return new Map([...left, ...fresh])
    },
    removeOf(paths, naturalPaths) {
      const byRecord = [...stale].filter(([, input]) => paths.has(input)).map(([file]) => file)
      const byName = naturalPaths.filter(
        (file) => !fresh.has(file) && !record.files.has(file) && existsSync(join(output, file)),
      )
      for (const file of byRecord) {
        const source = record.files.get(file) ?? ''
        removed.set(source, (removed.get(source) ?? '') + readIfThere(join(output, file)))
      }
      const files = new Set([...byRecord, ...byName])
      files.forEach(remove)
      return files.size
    },
    removeAmong(files) {
      const removed = [...files].flatMap((file) => {
        const source = stale.get(file)
        return source === undefined ? [] : [{ file, source }]
      })
      for (const { file } of removed) remove(file)
      return removed.map(({ source }) => source)
    },
    save() {
      const left = [...stale].filter(([file]) => existsSync(join(output, file)))
      record.save(new Map([...left, ...fresh]))
    },
  }
}

function readIfThere(file: string): string {
  return existsSync(file) ? readFileSync(file, 'utf8') : ''
}
