import type { Ledger, Link, PostRecord } from './ledger.ts'

/** Since when each member is in each group. */
type Groups = NonNullable<Ledger['groups']>

/** The groups of this build, and what those that it calls otherwise were called before. */
export interface FollowedGroups {
  readonly groups: Groups
  readonly formerNames: ReadonlyMap<string, string>
  /** The moment of this build. */
  readonly today: string
}

/** A recipient of a post. */
export interface GroupedRecipient {
  readonly id: string
  /** By which groups of the audience; none where the audience names the recipient themselves. */
  readonly via?: readonly { readonly group: string; readonly member: string }[]
}

/** A member who joined a group with this build, and gets no link to a post that the group has. */
export interface Withheld {
  readonly group: string
  readonly member: string
}

/** With which groups a post is shared since when, and with whom besides. */
type Sharing = Pick<PostRecord, 'groups' | 'shared'>

/** Writes down since when whom each group has. Whoever left it and comes back has joined anew. */
export function followGroups(
  before: Groups = {},
  members: ReadonlyMap<string, readonly string[]>,
  now: Date,
): FollowedGroups {
  const formerNames = renamedGroups(before, members)
  const today = now.toISOString()
  const groups = [...members].map(([name, ids]) => {
    const known = own(before, formerNames.get(name) ?? name) ?? {}
    // A clock that was wrong must not keep anybody out of what is written later.
    const sinceOf = (id: string) => [own(known, id) ?? today, today].toSorted()[0] ?? today
    return [name, Object.fromEntries(ids.toSorted().map((id) => [id, sinceOf(id)]))] as const
  })
  const inOrder = groups.toSorted(([one], [other]) => (one < other ? -1 : 1))
  return { groups: Object.fromEntries(inOrder), formerNames, today }
}

/**
 * Brings a post's sharing in step with its audience.
 *
 * @param issuing When the post is given to its groups; without it, those that it was given to stay.
 */
export function sharingOf(
  recipients: readonly GroupedRecipient[],
  record: PostRecord | undefined,
  issuing: FollowedGroups | undefined,
): Sharing {
  const groups = issuing ? sharedSince(recipients, record, issuing) : (record?.groups ?? {})
  const names = new Set(
    recipients.flatMap(({ id, via = [] }) => [id, ...via.map(({ member }) => member)]),
  )
  const shared = Object.entries(record?.shared ?? {}).filter(([name]) => names.has(name))
  return {
    ...(Object.keys(groups).length > 0 ? { groups } : {}),
    ...(shared.length > 0 ? { shared: Object.fromEntries(shared) } : {}),
  }
}

function sharedSince(
  recipients: readonly GroupedRecipient[],
  record: PostRecord | undefined,
  { formerNames, today }: FollowedGroups,
): Record<string, string> {
  const names = new Set(recipients.flatMap(({ via = [] }) => via.map(({ group }) => group)))
  const known = record?.groups ?? {}
  const entries = [...names].toSorted().map((name) => {
    const former = formerNames.get(name)
    const since = own(known, name) ?? (former === undefined ? undefined : own(known, former))
    return [name, since ?? today]
  })
  return Object.fromEntries(entries)
}

/**
 * Who of the recipients may have a link: whom the audience names, whoever has one, whom the author has given an
 * older post on purpose, and members of a group that were in it when it was first given the post.
 */
export function admit(
  recipients: readonly GroupedRecipient[],
  links: readonly Link[],
  { groups = {}, shared = {} }: Sharing,
  { groups: members, today }: FollowedGroups,
): { readonly admitted: readonly GroupedRecipient[]; readonly others: readonly Withheld[] } {
  const holders = new Set(links.flatMap(({ recipient, revoked }) => (revoked ? [] : recipient)))
  const joined = ({ group, member }: Withheld) => own(own(members, group) ?? {}, member) ?? today
  const isAdmitted = ({ id, via }: GroupedRecipient) =>
    !via ||
    holders.has(id) ||
    [id, ...via.map(({ member }) => member)].some((name) => Object.hasOwn(shared, name)) ||
    via.some((membership) => joined(membership) <= (own(groups, membership.group) ?? ''))
  const others = recipients.filter((recipient) => !isAdmitted(recipient))
  return {
    admitted: recipients.filter(isAdmitted),
    others: others.flatMap(({ via = [] }) => via.filter((one) => joined(one) === today)),
  }
}

/** Whether somebody is in a group that a post was given to. */
export function isMember(
  { groups = {} }: Pick<PostRecord, 'groups'>,
  members: Ledger['groups'] = {},
  recipient: string,
): boolean {
  return Object.keys(groups).some((name) => own(own(members, name) ?? {}, recipient) !== undefined)
}

/** What the author should know of their groups, without anybody's name. */
export function describeGroups(
  { formerNames }: FollowedGroups,
  withheld: readonly Withheld[],
): string[] {
  const names = [...new Set(withheld.map(({ group }) => group))]
  return [
    ...[...formerNames].map(
      ([name, former]) =>
        `The group ${former} is called ${name} now: its members see what they saw.`,
    ),
    ...names.map((name) => {
      const members = withheld.filter(({ group }) => group === name).map(({ member }) => member)
      const count = new Set(members).size
      const who =
        count === 1 ? `1 new member of ${name} sees` : `${count} new members of ${name} see`
      return `${who} posts from now on; older ones: private-posts share <post…|--since DATE> <recipient>`
    }),
  ]
}

/** Groups of which there is none of the old name, and one with most of the same members under a new one. */
function renamedGroups(
  before: Groups,
  members: ReadonlyMap<string, readonly string[]>,
): ReadonlyMap<string, string> {
  const formerNames = new Map<string, string>()
  for (const [former, since] of Object.entries(before)) {
    if (members.has(former)) continue
    const ids = Object.keys(since)
    const [name, ...others] = [...members.keys()].filter((candidate) => {
      const common = ids.filter((id) => members.get(candidate)?.includes(id)).length
      const isNew = !Object.hasOwn(before, candidate) && !formerNames.has(candidate)
      return isNew && common > 0 && common * 2 >= ids.length
    })
    if (name !== undefined && others.length === 0) formerNames.set(name, former)
  }
  return formerNames
}

/** What a document has under a key, and not what every object of JavaScript has. */
function own<Value>(document: Readonly<Record<string, Value>>, key: string): Value | undefined {
  return Object.hasOwn(document, key) ? document[key] : undefined
}
