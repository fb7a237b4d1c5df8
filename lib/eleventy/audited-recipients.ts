import { recipientSpelling } from '../leak-audit/recipient-spelling.ts'

/**
 * Recipients whose address or name must stand nowhere in public: everybody but the author, whose own
 * addresses do.
 */
export function auditedRecipients(
  recipients: readonly string[],
  author: readonly (string | undefined)[],
): string[] {
  const own = author.flatMap((one) => (one === undefined ? [] : [spellingOf(one)]))
  return recipients.filter((recipient) => !own.includes(spellingOf(recipient)))
}

function spellingOf(recipient: string): string {
  return (recipientSpelling(recipient)?.text ?? recipient).toLowerCase()
}
