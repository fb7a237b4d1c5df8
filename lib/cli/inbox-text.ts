import { isNoticeable } from '../inbox/message-time.ts'
import { describeMessage } from '../inbox/message-words.ts'
import { authorLine, describeWay } from '../inbox/correspondents.ts'
import type { FullMessage, MessageRow } from '../inbox/message-row.ts'
import { replyLines } from '../inbox/reply-lines.ts'
import { printable } from './site.ts'

/** As much of an id as tells the messages of an inbox apart. */
const SHORT_ID = 8

/** A list for people to read. What strangers wrote is only ever read there: it moves no cursor. */
export function inboxTable(rows: readonly MessageRow[], now: Date): string {
  if (rows.length === 0) return 'There are no messages.\n'
  const blocks = rows.map((row) => {
    const way = isLetter(row) ? describeWay(row) : undefined
    const notes = [way, row.state, row.private && 'only for you', times(row, now)]
    const head = `${row.id.slice(0, SHORT_ID)}  ${who(row)} ${what(row)}`
    const lines = [
      `${row.unread ? '*' : ' '} ${head} · ${notes.filter(Boolean).join(' · ')}`,
      ...row.warnings.map((warning) => `    careful: ${warning}`),
      ...(row.summary === '' ? [] : [`    ${row.summary}`]),
      ...(row.type === 'unopened' ? [`    ${row.source}`, ...wayToAddress(row)] : []),
    ]
    return lines.map(printable).join('\n')
  })
  const unread = rows.filter((row) => row.unread).length
  const held = rows.filter(({ state }) => state === 'held').length
  return `${blocks.join('\n')}\n\n${rows.length} messages, ${unread} new, ${held} waiting for a decision\n`
}

/** A list has no secret addresses: what it cuts short, it has to say how to get. */
function wayToAddress({ id, source }: MessageRow): string[] {
  const isWhole = !source.includes('…')
  return isWhole ? [] : [`    the whole address: private-posts inbox show ${id.slice(0, SHORT_ID)}`]
}

/** One message in full, with the addresses that open it. */
export function wholeMessage(message: FullMessage): string {
  const { source, target, received, inReplyTo, content, private: isPrivate } = message
  const { audience, warnings, published, url, claimedUrl, authorUrl } = message
  const author = claimedUrl ?? authorUrl
  const isPage = /^https?:/i.test(source)
  const reply = replyLines(message, isPrivate)
  const lines = [
    `${who(message)} ${what(message)}`,
    '',
    `id        ${message.id}`,
    `state     ${message.state}${isPrivate ? ', only for you' : ''}`,
    `received  ${inFull(received)}`,
    ...(published === undefined ? [] : [`written   ${inFull(published)}`]),
    `came      ${describeWay(message)}`,
    ...(audience.length > 0 ? [`sent to   ${audience.join(', ')}`] : []),
    ...(author === null ? [] : [`author    ${author}`]),
    `${isPage ? 'read at ' : 'named   '}  ${source}`,
    ...(url === undefined ? [] : [`original  ${url}`]),
    `about     ${target}`,
    ...(inReplyTo === null || inReplyTo === target ? [] : [`answers   ${inReplyTo}`]),
    ...warnings.map((warning) => `careful   ${warning}`),
    '',
    ...content.text.split('\n'),
    ...(reply ? ['', 'To answer, begin a new post with:', ...reply] : []),
  ]
  return `${lines.map(printable).join('\n')}\n`
}

function who({ author: name, via, ...row }: MessageRow): string {
  return authorLine({ ...row, author: { name, ...(via !== undefined && { via }) } })
}

/** It came by a protocol of messages, and not as the mention of a page. */
function isLetter({ protocol }: MessageRow): boolean {
  return !protocol.endsWith('webmention')
}

function what({ type }: MessageRow): string {
  return type === 'rsvp' ? 'answered the invitation' : describeMessage({ type })
}

/** When it was written, as its author says, and when it came, where that is noticeably later. */
function times({ published, received }: MessageRow, now: Date): string {
  const came = when(received, now)
  if (published === undefined || !isNoticeable(published, received)) return came
  return `${when(published, now)}, arrived ${came}`
}

function inFull(time: string): string {
  return `${time.slice(0, 16).replace('T', ' ')} UTC`
}

function when(received: string, now: Date): string {
  const isToday = received.slice(0, 10) === now.toISOString().slice(0, 10)
  return isToday ? `${received.slice(11, 16)} UTC` : received.slice(0, 10)
}
