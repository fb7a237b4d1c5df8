/**
 * The program of the worker threads, as text. Here it is one line that loads the file; a bundle has no such file,
 * and puts the whole program in the place of this module (`netlify/bundle.ts`).
 *
 * @NOTE The program stands above this room, because it imports every room with a parser. It is named by its
 *   address only: nothing of it is loaded into this thread.
 * @module
 */
const isSource = import.meta.url.endsWith('.ts')
const file = new URL(`../site/page-worker${isSource ? '.ts' : '.js'}`, import.meta.url).href

/**
 * CommonJS, for `new Worker(PROGRAM, { eval: true })`. Source files need a loader of their own in each thread; it is
 * named by its address, because a thread would look for it in the folder where the process runs.
 */
export const PROGRAM: string = isSource
  ? `import('${import.meta.resolve('tsx/esm/api')}').then(({ register }) => { register(); return import('${file}') })`
  : `import('${file}')`
