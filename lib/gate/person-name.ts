/** What people call the one with this id: an address without its scheme, or the name that it is. */
export function personName(id: string): string {
  return id.replace(/^(https?:\/\/|mailto:)/i, '').replace(/^([^/]+)\/$/, '$1')
}
