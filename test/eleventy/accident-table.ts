/** One way in which people write a private post so that Eleventy does not know it. */
export interface HeadAccident {
  readonly name: string
  /** The head of a file that says these lines. */
  readonly head: (lines: string) => string | Buffer
  /** Without a private word it stops all the same: it is no front matter at all. */
  readonly isAlwaysStopped?: boolean
}

/** Front matter as it should be. */
export const CORRECT = (lines: string): string => `---\n${lines}\n---\n`

const fenced =
  (open: string, close = open) =>
  (lines: string) =>
    `${open}\n${lines}\n${close}\n`
/** Each line in another form: of `key: value`, both. */
const each = (form: (key: string, value: string) => string) => (lines: string) =>
  `${lines
    .split('\n')
    .map((line) => form(...keyAndValue(line)))
    .join('\n')}\n\n`
const below = (head: (lines: string) => string | Buffer) => (lines: string) =>
  `${CORRECT('title: x')}${head(lines).toString()}`
const after = (above: string) => (lines: string) => `${above}${CORRECT(lines)}`
const wide = (text: string) =>
  text.replace(/[a-z]/g, (letter) => String.fromCharCode(letter.charCodeAt(0) + 0xfee0))
const spread = (text: string) => Buffer.from(`\uFEFF${text}`, 'utf16le')

/** Eleventy takes all of these for text, or drops them without a message. */
export const HEAD_ACCIDENTS: readonly HeadAccident[] = [
  { name: 'an empty line above', head: after('\n') },
  { name: 'three empty lines above', head: after('\n\n\n') },
  { name: 'an empty line of Windows above', head: after('\r\n') },
  { name: 'a space above', head: after(' ') },
  { name: 'a line of spaces above', head: after('   \n') },
  { name: 'a tab above', head: after('\t') },
  { name: 'a zero-width space above', head: after('\u200b') },
  { name: 'a zero-width joiner above', head: after('\u200d') },
  { name: 'a word joiner above', head: after('\u2060') },
  { name: 'a no-break space above', head: after('\u00a0') },
  { name: 'a soft hyphen above', head: after('\u00ad') },
  { name: 'a left-to-right mark above', head: after('\u200e') },
  { name: 'two byte order marks', head: after('\ufeff\ufeff') },
  { name: 'a byte order mark and an empty line', head: after('\ufeff\n') },
  { name: 'a comment of HTML above', head: after('<!-- prettier-ignore -->\n') },
  { name: 'a long comment above', head: after('<!--\none\ntwo\nthree\nfour\nfive\n-->\n\n') },
  { name: 'a heading above', head: after('# My evening\n\n') },
  { name: 'a title above', head: after('My evening\n\n') },
  { name: 'all of it in a comment', head: (lines) => `<!--\n${CORRECT(lines)}-->\n` },
  { name: 'the lines in a comment', head: (lines) => `<!--\n${lines}\n-->\n` },
  { name: 'an em dash and a hyphen', head: fenced('—-') },
  { name: 'an em dash', head: fenced('—') },
  { name: 'three en dashes', head: fenced('–––') },
  { name: 'three minus signs with spaces', head: fenced('− − −') },
  { name: 'three hyphens of Unicode', head: fenced('‐‐‐') },
  { name: 'full-width hyphens', head: fenced('－－－') },
  { name: 'lines of a box', head: fenced('───') },
  { name: 'two hyphens', head: fenced('--') },
  { name: 'hyphens with a space between', head: fenced('-- -') },
  { name: 'four hyphens', head: fenced('----') },
  { name: 'ten hyphens above, three below', head: fenced('----------', '---') },
  { name: 'underscores', head: fenced('___') },
  { name: 'asterisks', head: fenced('***') },
  { name: 'equals signs', head: fenced('===') },
  { name: 'plus signs', head: fenced('+++') },
  { name: 'semicolons', head: fenced(';;;') },
  { name: 'tildes', head: fenced('~~~') },
  { name: 'a block of code', head: fenced('```yaml', '```') },
  { name: 'a block of code without a language', head: fenced('```') },
  { name: 'a fence below only', head: (lines) => `${lines}\n---\n` },
  { name: 'no fence at all', head: (lines) => `${lines}\n\n` },
  { name: 'a smart fence above only', head: fenced('—-', '') },
  { name: 'JSON without a fence', head: (lines) => `{ "title": "x", ${jsonOf(lines)} }\n` },
  {
    name: 'JSON in lines without a fence',
    head: (lines) => `{\n  "title": "x",\n  ${jsonOf(lines)}\n}\n`,
  },
  { name: 'smart quotes', head: (lines) => `\n---\n${quoted(lines, '“', '”')}\n---\n` },
  { name: 'straight quotes below an empty line', head: (lines) => after('\n')(quoted(lines, '"')) },
  { name: 'capitals below an empty line', head: (lines) => after('\n')(lines.toUpperCase()) },
  { name: 'equals signs for colons', head: (lines) => fenced('+++')(lines.replaceAll(':', ' =')) },
  { name: 'full-width letters', head: (lines) => after('\n')(wide(lines)) },
  { name: 'Cyrillic letters', head: (lines) => after('\n')(lines.replaceAll('i', 'і')) },
  { name: 'a full-width colon', head: (lines) => after('\n')(lines.replaceAll(':', '：')) },
  { name: 'UTF-16', head: (lines) => spread(CORRECT(lines)) },
  { name: 'line ends of an old Mac', head: (lines) => CORRECT(lines).replaceAll('\n', '\r') },
  { name: 'a second block', head: (lines) => `---\ntitle: x\n---\n${CORRECT(lines)}` },
  {
    name: 'a second block further down',
    head: (lines) => `---\ntitle: x\n---\n\n\n${CORRECT(lines)}`,
  },
  {
    name: 'a second block with smart dashes',
    head: (lines) => `---\ntitle: x\n---\n${fenced('———')(lines)}`,
  },
  {
    name: 'a second block below a heading',
    head: (lines) => `---\ntitle: x\n---\n# Heading\n\n${CORRECT(lines)}`,
  },
  {
    name: 'lines below another key',
    head: (lines) => `---\ntitle: x\nmeta:\n  ${lines.replaceAll('\n', '\n  ')}\n---\n`,
  },
  {
    name: 'a line within a text',
    head: (lines) => `---\ntitle: x\nsummary: |\n  An evening.\n  ${firstOf(lines)}\n---\n`,
  },
  {
    name: 'a line that became part of the title',
    head: (lines) => `---\ntitle: x\n  ${firstOf(lines).replace(': ', ':')}\n---\n`,
  },
  {
    name: 'a colon without a space',
    head: (lines) => CORRECT(firstOf(lines).replace(': ', ':')),
    isAlwaysStopped: true,
  },
  {
    name: 'a full-width colon as the only line',
    head: (lines) => CORRECT(firstOf(lines).replace(': ', '：')),
    isAlwaysStopped: true,
  },
  {
    name: 'a list in place of a mapping',
    head: (lines) => CORRECT(`- ${firstOf(lines)}`),
    isAlwaysStopped: true,
  },
  { name: 'a comment behind the title', head: (lines) => CORRECT(`title: x #${firstOf(lines)}`) },
  {
    name: 'five lines of text above',
    head: after('An evening with friends.\nWe ate soup.\nWe sang.\nThen it rained.\nWe left.\n\n'),
  },
  {
    name: 'a text above, and no fence',
    head: (lines) => `We ate.\nWe sang.\nIt rained.\nWe left.\n\n${lines}\n\n`,
  },
  { name: 'a fence with a backslash', head: fenced('\\---') },
  { name: 'a backslash before each hyphen', head: fenced('\\-\\-\\-') },
  { name: 'a fence in entities', head: fenced('&mdash;-') },
  { name: 'a fence in entities by number', head: fenced('&#8212;&#x2d;') },
  { name: 'a fence in paragraphs', head: fenced('<p>---</p>') },
  {
    name: 'paragraphs of an editor',
    head: (lines) => `<p>---</p>\n<p>${lines.replaceAll('\n', '</p>\n<p>')}</p>\n<p>---</p>\n`,
  },
  {
    name: 'one paragraph with breaks',
    head: (lines) => `<p>---<br>${lines.replaceAll('\n', '<br />')}<br>---</p>\n`,
  },
  { name: 'lines that end with breaks', head: each((key, value) => `${key}: ${value}<br>`) },
  { name: 'rules of HTML', head: fenced('<hr>') },
  { name: 'a rule of HTML below', head: (lines) => `${lines}\n<hr />\n` },
  {
    name: 'elements for meta data',
    head: each((key, value) => `<meta name="${key}" content="${value}">`),
  },
  { name: 'a quotation', head: (lines) => CORRECT(lines).replace(/^/gm, '> ') + '\n\n' },
  { name: 'bold keys', head: each((key, value) => `**${key}**: ${value}`) },
  { name: 'bold keys with their colons', head: each((key, value) => `**${key}:** ${value}`) },
  {
    name: 'bold keys of HTML',
    head: each((key, value) => `<p><strong>${key}:</strong> ${value}</p>`),
  },
  { name: 'rows of a table', head: each((key, value) => `| ${key} | ${value} |`) },
  {
    name: 'a table with a head',
    head: (lines) =>
      `| key | value |\n| --- | --- |\n${each((key, value) => `| ${key} | ${value} |`)(lines)}`,
  },
  {
    name: 'a table with the keys in its first row',
    head: (lines) =>
      ['title', '---', 'x']
        .map((first, row) => {
          const cells = lines.split('\n').map((line) => [...keyAndValue(line)])
          return `| ${first} | ${cells.map(([key, value]) => [key, '---', value][row]).join(' | ')} |`
        })
        .join('\n') + '\n\n',
  },
  {
    name: 'a table of HTML',
    head: (lines) =>
      `<table>${each((key, value) => `<tr><td>${key}</td><td>${value}</td></tr>`)(lines).trim()}</table>\n`,
  },
  { name: 'two colons of Logseq', head: each((key, value) => `${key}:: ${value}`) },
  { name: 'a list of Logseq', head: each((key, value) => `- ${key}:: ${value}`) },
  { name: 'fields of Dataview', head: each((key, value) => `[${key}:: ${value}]`) },
  {
    name: 'attributes of AsciiDoc',
    head: (lines) => `= My evening\n${each((key, value) => `:${key}: ${value}`)(lines)}`,
  },
  { name: 'keywords of Org', head: each((key, value) => `#+${key.toUpperCase()}: ${value}`) },
  { name: 'hash signs', head: each((key, value) => `#${key}: ${value}`) },
  { name: 'arrows', head: each((key, value) => `${key} -> ${value}`) },
  { name: 'no colon', head: each((key, value) => `${key} ${value}`) },
  {
    name: 'a comment in one line below',
    head: below(each((key, value) => `<!-- ${key}: ${value} -->`)),
  },
  { name: 'JSON below', head: below((lines) => `{ ${jsonOf(lines)} }\n`) },
  { name: 'bold keys below', head: below(each((key, value) => `**${key}:** ${value}`)) },
  { name: 'rows of a table below', head: below(each((key, value) => `| ${key} | ${value} |`)) },
  { name: 'a fence with a backslash below', head: below(fenced('\\---')) },
  {
    name: 'a quotation below',
    head: below((lines) => CORRECT(lines).replace(/^/gm, '> ') + '\n\n'),
  },
  { name: 'a text in place of a mapping', head: () => CORRECT('private'), isAlwaysStopped: true },
  { name: 'nothing in place of a mapping', head: () => CORRECT('~'), isAlwaysStopped: true },
]

function firstOf(lines: string): string {
  return lines.split('\n')[0] ?? ''
}

function keyAndValue(line: string): [key: string, value: string] {
  const at = line.indexOf(': ')
  return [line.slice(0, at), line.slice(at + 2)]
}

function jsonOf(lines: string): string {
  return lines
    .split('\n')
    .map((line) =>
      line.replace(/^(\w+): (\w+)$/, '"$1": "$2"').replace(/^(\w+): \[(.*)\]$/, '"$1": ["$2"]'),
    )
    .join(', ')
}

function quoted(lines: string, open: string, close = open): string {
  return lines.replace(/^(\w+)/gm, `${open}$1${close}`)
}
