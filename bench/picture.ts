import { compile, type TopLevelSpec } from 'vega-lite'
import { parse, View } from 'vega'
import type { Growth } from './report.ts'

/** Draws how a measure grows, as SVG. Both axes are logarithmic: what is linear is a straight line of 45 degrees. */
export async function drawGrowth({ title, x, y, points }: Growth): Promise<string> {
  const axis = (field: string, name: string) => ({
    ...{ field, type: 'quantitative' as const, title: name, scale: { type: 'log' as const } },
    axis: { format: '~s' },
  })
  const spec: TopLevelSpec = {
    ...{ title, width: 480, height: 300, background: 'white', padding: 12 },
    data: { values: [...points] },
    mark: { type: 'line', point: true },
    encoding: {
      x: axis('x', x),
      y: axis('y', y),
      color: { field: 'series', type: 'nominal', title: null },
    },
    config: { font: 'sans-serif' },
  }
  return new View(parse(compile(spec).spec), { renderer: 'none' }).toSVG()
}
