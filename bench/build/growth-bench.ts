import { atMost, type Aim, type Growth, type Report } from '../report.ts'
import { COLUMNS, compareWays } from './compared-builds.ts'
import { ours, plain } from './ways.ts'

const POSTS = [1_000, 5_000, 20_000]
const RECIPIENTS = 10
/** Every tenth post is private. */
const PRIVATE = 0.1

/** How a build grows with the posts. */
export async function benchGrowth(work: string): Promise<Report> {
  const rows: string[][] = []
  const data: object[] = []
  const points: Growth['points'][number][] = []
  for (const posts of POSTS) {
    const sizes = { posts, private: posts * PRIVATE, recipients: RECIPIENTS }
    const ways = [plain(), ours(sizes)]
    for (const [index, result] of (await compareWays(ways, sizes, 1, work)).entries()) {
      const [name = '', ...cells] = result.row
      rows.push([`${posts} posts: ${name}`, ...cells])
      data.push(result.data)
      const series = ways[index]?.name ?? ''
      if (result.cpuSeconds) points.push({ series, x: posts, y: result.cpuSeconds.spread.median })
    }
  }
  const [first, last] = [POSTS.at(0) ?? 1, POSTS.at(-1) ?? 1]
  const eachAt = (posts: number) =>
    points.findLast(({ x }) => x === posts)?.y ?? Number.POSITIVE_INFINITY
  const growth = eachAt(last) / last / (eachAt(first) / first)
  const aims: Aim[] = [atMost(`CPU a post at ${last} posts against ${first}`, 1.1, growth, '×')]
  return {
    title: `Builds of up to ${last} posts, every tenth private with ${RECIPIENTS} recipients (one build each)`,
    columns: COLUMNS,
    rows,
    aims,
    profile:
      'what grows faster than the posts does so in plain Eleventy as well: its own collections and the garbage collection of a larger heap.',
    growth: [{ name: 'build', title: 'CPU of a build', x: 'posts', y: 'CPU seconds', points }],
    notes: ['In a picture whose axes are logarithmic, what is linear is a straight line.'],
    data,
  }
}
