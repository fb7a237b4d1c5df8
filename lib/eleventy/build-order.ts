/**
 * Keeps private templates out of Eleventy's own work, so that the public site is built as if they did not exist.
 *
 * Eleventy 3.1 puts its templates in order before any preprocessor runs, and it makes that order from the
 * tags of all of them. A private tag would move public pages, and the keys of `collections`. So here
 *
 * 1. each template's data is looked at first, and nothing is made of it
 * 2. the public templates are built in the order that they have without the private ones
 * 3. the private ones are left to {@link HoldBack.hold}, which gets them as Eleventy knows them
 *
 * Eleventy offers no hook for this. What is used instead is its graph of dependencies, which plugins can
 * reach, and the list that the graph returns: Eleventy iterates over it while this module extends it.
 *
 * @module
 */
import {
  inputPathOf,
  type CascadeData,
  type DependencyGraph,
  type MapEntry,
  type MergedConfig,
} from './eleventy-config.ts'

export interface HoldBack {
  readonly graph: DependencyGraph
  readonly config: MergedConfig
  /** Names of the collections that the site's configuration declares. */
  readonly collections: readonly string[]
  /** Sees the data of each template before anything is made of them. */
  look(data: CascadeData, body: unknown): void
  /** Whether the template must be left out: after `look`, or since a preprocessor ran. */
  isHeld(path: string): boolean
  /** Takes the templates that were left out, and those that Eleventy builds. */
  hold(held: readonly MapEntry[], others: readonly MapEntry[]): void
}

/** How templates get into the graph: 3.1.1 and later use the first, 3.1.0 the others. */
const RELATIONS = [
  'addNewNodeRelationships',
  'addDependencyConsumesCollection',
  'addDependencyPublishesToCollection',
  'addDependency',
] as const
const COLLECTION = '__collection:'
/** Eleventy passes over a collection with a name in brackets. */
const LOOKED_AT = `${COLLECTION}[private-posts]`

type Visit = (node: string) => string | false
interface Relation {
  readonly method: (typeof RELATIONS)[number]
  readonly path: string
  readonly rest: readonly unknown[]
}

/**
 * Prepares the next build.
 *
 * @returns Undoes what a build that broke off has left behind.
 */
export function holdBack(options: HoldBack): () => void {
  const { graph, config } = options
  const { preprocessors } = config
  const relations = recordRelations(graph)
  graph.getTemplateOrder = () => {
    for (const name of [...RELATIONS, 'getTemplateOrder']) Reflect.deleteProperty(graph, name)
    const order = graph.getTemplateOrder()
    return override(order, 'map', (visit: Visit) => {
      const visited = Array.from(order, visit)
      // Eleventy goes through all its templates for each answer.
      const known = new Map(Array.from(order, (node, at) => [node, visited[at] ?? false] as const))
      const visitOnce = (node: string) => known.get(node) ?? visit(node)
      return override(visited, 'filter', () =>
        workList(Array.from(visited).filter(isText), visitOnce, relations, options),
      )
    })
  }
  return () => {
    config.preprocessors = preprocessors
  }
}

function recordRelations(graph: DependencyGraph): readonly Relation[] {
  const relations: Relation[] = []
  for (const method of RELATIONS) {
    const add = graph[method]
    if (!add) continue
    graph[method] = (path, ...rest) => {
      relations.push({ method, path, rest })
      add.call(graph, path, ...rest)
    }
  }
  return relations
}

/** The list that Eleventy works through: first every template to look at, then the public ones to build. */
function workList(
  all: readonly string[],
  visit: Visit,
  relations: readonly Relation[],
  options: HoldBack,
): readonly string[] {
  const { config, look, isHeld, hold } = options
  const templates = all.filter((node) => !node.startsWith(COLLECTION))
  const list = templates.length > 0 ? [...templates] : [...all]
  let left = templates.length
  const { preprocessors } = config
  const lookOnce = (data: CascadeData, body: unknown) => {
    left -= 1
    if (left === 0) config.preprocessors = preprocessors
    look(data, body)
    if (left > 0) return false
    const isAnyHeld = templates.some((path) => isHeld(inputPathOf(path)))
    list.fill(LOOKED_AT)
    list.push(...(isAnyHeld ? orderOfPublic(visit, relations, options) : all))
    return false
  }
  if (left > 0) config.preprocessors = { look: { filter: '*', callback: lookOnce } }

  return override(list, 'filter', (keep: (node: string) => boolean) => {
    const built = Array.from(list).filter(keep)
    return override(built, 'map', (find: (path: string) => MapEntry) => {
      const held = new Set(templates.filter((path) => isHeld(inputPathOf(path))))
      const others = Array.from(built)
        .filter((path) => !held.has(path))
        .map(find)
      hold([...held].map(find), others)
      return others
    })
  })
}

/** The order that Eleventy would have found if there were public templates alone. */
function orderOfPublic(
  visit: Visit,
  relations: readonly Relation[],
  { graph, collections, isHeld }: HoldBack,
): string[] {
  const fresh: DependencyGraph = Reflect.construct(graph.constructor, [])
  fresh.setCollectionApiNames(collections)
  fresh.initializeUserConfigurationApiCollections?.()
  for (const { method, path, rest } of relations) {
    if (!isHeld(inputPathOf(path))) fresh[method]?.(path, ...rest)
  }
  return fresh.getTemplateOrder().map(visit).filter(isText)
}

function override<Target extends object>(
  target: Target,
  method: string,
  value: (...args: never[]) => unknown,
): Target {
  return Object.defineProperty(target, method, { configurable: true, value })
}

function isText(node: string | false): node is string {
  return node !== false
}

/** Whether Eleventy was asked to write nothing; an incremental build uses the same mark for what it skips. */
export function isDryRun(entries: readonly MapEntry[]): boolean {
  return entries.some(({ template }) => template.isDryRun && template.isIncremental !== true)
}
