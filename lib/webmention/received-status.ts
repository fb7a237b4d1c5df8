/** What became of a webmention, in the words of the largest receiver; senders know them. */
export const RECEIVED_STATUSES = [
  'pending',
  'success',
  'processed',
  'deleted',
  'no_link_found',
  'gone',
  'not_found',
  'unauthorized',
  'access_token_error',
  'blocked',
  'target_not_found',
  'invalid_source',
  'invalid_content',
  'unsupported_content_type',
  'too_large',
  'source_error',
] as const

export type ReceivedStatus = (typeof RECEIVED_STATUSES)[number]
export type SettledStatus = Exclude<ReceivedStatus, 'pending'>

/** The same for people. */
export const STATUS_SUMMARIES: Readonly<Record<ReceivedStatus, string>> = {
  pending: 'It is in the queue. The page that you named will be fetched shortly.',
  success: 'The page links here: the mention was handed over to the owner of this site.',
  processed:
    'The page is not for everybody: what came of this is between its author and the owner of this site.',
  deleted: 'The page does not link here any more: the mention was taken away.',
  no_link_found: 'The page was fetched, but there is no link to the target on it.',
  gone: 'The page says that it is gone.',
  not_found: 'There is no such page.',
  unauthorized: 'The page may not be read without permission, and none was given.',
  access_token_error: 'A code came along, but the page did not let us in with it.',
  blocked: 'This site takes no mentions from there.',
  target_not_found: 'The page that was mentioned is not here any more.',
  invalid_source: 'The page could not be fetched: its address leads nowhere that we go.',
  invalid_content: 'The page is not what it says it is: its JSON cannot be read.',
  unsupported_content_type: 'The page is neither HTML nor JSON nor plain text.',
  too_large:
    'The page is larger than 1 MB, has more elements than are read here, or takes too long to read.',
  source_error: 'The page could not be fetched, although it was tried for a day.',
}
