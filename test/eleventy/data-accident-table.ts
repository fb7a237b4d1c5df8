/** A data file of a folder, or of its post `a.md`, as people write it so that it reaches no post. */
export interface DataAccident {
  /** Where it lies; `NAME` is the name of the folder. */
  readonly path: string
  readonly content: string
  /** `check` takes what the text of a script says for its data, and knows no file whose name begins with a dot. */
  readonly isUnseenByCheck?: boolean
}

const JSON_WISH = '{"visibility": "private"}'
const YAML_WISH = 'visibility: private\n'

/** Without a message of ours, Eleventy passes over each of these. */
export const DATA_ACCIDENTS: readonly DataAccident[] = [
  { path: 'NAME/NAME.yaml', content: YAML_WISH },
  { path: 'NAME/NAME.yml', content: `---\n${YAML_WISH}---\n` },
  { path: 'NAME/NAME.yml', content: 'layout: base.liquid\nmeta:\n  visibility: private\n' },
  { path: 'NAME/NAME.yaml', content: 'visibility:private' },
  { path: 'NAME/NAME.yaml', content: 'title: "broken\nvisibility: private\n' },
  { path: 'NAME/NAME.11tydata.yml', content: YAML_WISH },
  { path: 'NAME/NAME.toml', content: 'visibility = "private"\n' },
  { path: 'NAME/NAME.jsonc', content: `// For us.\n${JSON_WISH}` },
  { path: 'NAME/NAME.json5', content: "{visibility: 'private'}" },
  { path: 'NAME/NAME.json5', content: "{visibility:'private'}" },
  { path: 'NAME/NAME.jsonc', content: '{"visibility":"private", // For us.\n}' },
  { path: 'NAME/NAME.json.txt', content: JSON_WISH },
  { path: 'NAME/NAME.11tydata', content: JSON_WISH },
  { path: 'NAME/NAME.11tydata.txt', content: JSON_WISH },
  { path: 'NAME/NAME.11tydata.ts', content: `export default ${JSON_WISH}` },
  { path: 'NAME/NAME.js', content: `module.exports = ${JSON_WISH}` },
  { path: 'NAME/NAME.mjs', content: `export default ${JSON_WISH}` },
  { path: 'NAME/_NAME.json', content: JSON_WISH },
  { path: 'NAME/NAMEs.json', content: JSON_WISH },
  { path: 'NAME/index.json', content: JSON_WISH },
  { path: 'NAME/_data.json', content: JSON_WISH },
  { path: 'NAME/data.json', content: '{"private": true}' },
  { path: 'NAME/default.json', content: '{"recipients": ["https://bob.example/"]}' },
  { path: 'NAME/other.json', content: '{"audience": "Mum"}' },
  { path: 'NAME/other.yaml', content: 'private: true' },
  { path: 'NAME/.json', content: JSON_WISH, isUnseenByCheck: true },
  { path: 'NAME.json', content: JSON_WISH },
  { path: 'NAME.yaml', content: 'tags: [private]' },
  { path: 'NAME/a.md.json', content: JSON_WISH },
  { path: 'NAME/a.yaml', content: 'audience: [Mum]' },
  { path: 'NAME/a.yml', content: 'shared-with: Mum' },
  { path: 'NAME/a.11tydata.md', content: `---\n${YAML_WISH}---\n` },
  { path: 'NAME/NAME.json.md', content: `---\n${YAML_WISH}---\n` },
  { path: 'NAME/NAME.json', content: `[${JSON_WISH}]` },
  { path: 'NAME/NAME.json', content: '"visibility: private"' },
  { path: 'NAME/NAME.json', content: '"private"' },
  { path: 'NAME/NAME.json', content: '17' },
  { path: 'NAME/NAME.json', content: 'null' },
  { path: 'NAME/NAME.json', content: '[]' },
  { path: 'NAME/NAME.json', content: '' },
  { path: 'NAME/a.11tydata.json', content: '\n' },
  { path: 'NAME/NAME.11tydata.cjs', content: `const data = ${JSON_WISH}`, isUnseenByCheck: true },
  {
    path: 'NAME/NAME.11tydata.cjs',
    content: `module.exports = [${JSON_WISH}]`,
    isUnseenByCheck: true,
  },
  {
    path: 'NAME/NAME.11tydata.cjs',
    content: `module.exports = 'visibility: private'`,
    isUnseenByCheck: true,
  },
  {
    path: 'NAME/NAME.11tydata.cjs',
    content: `module.exports = () => { const d = ${JSON_WISH} }`,
    isUnseenByCheck: true,
  },
  {
    path: 'NAME/NAME.11tydata.mjs',
    content: `export default [${JSON_WISH}]`,
    isUnseenByCheck: true,
  },
  { path: 'NAME/a.11tydata.mjs', content: '' },
]

/** Read by Eleventy, or about something else. */
export const DATA_AS_USUAL: readonly DataAccident[] = [
  { path: 'NAME/NAME.json', content: '{"layout": "base.liquid"}' },
  { path: 'NAME/NAME.11tydata.cjs', content: 'module.exports = { title: "x" }' },
  { path: 'NAME/NAME.11tydata.mjs', content: 'export const title = "x"' },
  {
    path: 'NAME/NAME.11tydata.cjs',
    content:
      'module.exports = { eleventyComputed: { hidden2: (data) => data.visibility === "private" } }',
  },
  { path: 'NAME/NAME.yaml', content: 'title: x\nlayout: base.liquid\n' },
  { path: 'NAME/NAME.yml', content: 'visibility: public\n' },
  { path: 'NAME/other.json', content: '{"for": "4 people", "tags": ["private"], "status": "me"}' },
  { path: 'NAME/friends.json', content: '{"friends": ["https://bob.example/"]}' },
  { path: 'NAME/bookmarks.json', content: '[{"private": true}]' },
  { path: 'NAME/package.json', content: '{"private": true}' },
  { path: 'NAME/tsconfig.json', content: '{"private": true}' },
  { path: 'NAME/.prettierrc.json', content: '{"private": true}' },
  { path: 'NAME/copied.json', content: '{"private": true}' },
  { path: 'NAME/copied.json', content: JSON_WISH },
  { path: 'NAME/named.json', content: JSON_WISH },
  { path: 'NAME/_includes/NAME.json', content: JSON_WISH },
  { path: 'NAME/pictures/NAME.json', content: JSON_WISH },
]
