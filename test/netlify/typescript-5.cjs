// Netlify's bundler reads TypeScript with a package that knows TypeScript up to 6, and would be given the
// one that this repository is checked with. Loaded before the build by `--require`.
const { join } = require('node:path')
const Module = require('node:module')

const OLD = /node_modules.(ts-api-utils|ts-node)./
const NETLIFY_BUILD = join(__dirname, '../../node_modules/@netlify/build')

const resolveFilename = Module._resolveFilename
Module._resolveFilename = function (request, parent, ...rest) {
  const isLost = request === 'typescript' && OLD.test(parent?.filename ?? '')
  if (!isLost) return resolveFilename.call(this, request, parent, ...rest)
  return require.resolve('typescript', { paths: [NETLIFY_BUILD] })
}
